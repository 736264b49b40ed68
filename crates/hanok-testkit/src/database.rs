//! One test body, every database: SQLite always, plain and encrypted, PostgreSQL where
//! `HANOK_TEST_POSTGRES` names a server on which schemas may be created. Each test gets a database of its own.

use std::future::Future;
use std::sync::Arc;

use hanok_domain::id;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::rows::projects::{Member, NewProject, Project};
use hanok_store::rows::users::{NewUser, User};
use hanok_store::{EncryptionKey, Store, StoreConfig, StoreError};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

const SERVER: &str = "HANOK_TEST_POSTGRES";

/// An empty database that is gone after the test.
#[derive(Clone)]
pub struct TestDatabase {
    /// How to open it.
    pub config: StoreConfig,
    /// The directory of a SQLite file.
    dir: Option<Arc<TempDir>>,
}

/// Runs the body on each kind of database that there is; what stands on the store sees no more of it.
pub async fn on_each_database<Fut>(body: impl Fn(TestDatabase) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    body(TestDatabase::sqlite(None)).await;
    if let Ok(server) = std::env::var(SERVER) {
        on_postgres(&server, body).await;
    }
}

/// Like [`on_each_database`], and on an encrypted SQLite file too: for what is about the database itself.
pub async fn on_all_databases<Fut>(body: impl Fn(TestDatabase) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    on_each_file(&body).await;
    if let Ok(server) = std::env::var(SERVER) {
        on_postgres(&server, body).await;
    }
}

/// Runs the body on SQLite alone, plain and encrypted.
pub async fn on_each_file<Fut>(body: impl Fn(TestDatabase) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    body(TestDatabase::sqlite(None)).await;
    body(TestDatabase::sqlite(Some(test_key(7)))).await;
}

/// A key for an encrypted file; another one for another number.
pub fn test_key(number: u8) -> EncryptionKey {
    EncryptionKey::parse(&format!("{number:02x}").repeat(32)).expect("a key")
}

async fn on_postgres<Fut>(server: &str, body: impl Fn(TestDatabase) -> Fut)
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let schema = id::new("test");
    let admin = connect(server).await;
    execute(&admin, &format!("CREATE SCHEMA {schema}")).await;
    let mut config = StoreConfig::new(server);
    config.schema = Some(schema.clone());
    // As a task, so that the schema goes even if the body panics.
    let outcome = tokio::spawn(body(TestDatabase { config, dir: None })).await;
    execute(&admin, &format!("DROP SCHEMA {schema} CASCADE")).await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl TestDatabase {
    /// An empty SQLite database, encrypted if there is a key.
    pub fn sqlite(key: Option<EncryptionKey>) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        let file = dir.path().join("test.db");
        let mut config = StoreConfig::new(format!("sqlite://{}", file.display()));
        config.key = key;
        let dir = Some(dir);
        Self { config, dir }
    }

    /// One that is there already, and stays.
    pub fn at(config: StoreConfig) -> Self {
        Self { config, dir: None }
    }

    /// Opens it as the product does.
    pub async fn open(&self) -> Store {
        self.try_open().await.expect("the store opens")
    }

    /// Opens it as the product does, or says why not.
    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.config).await
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.config.schema.is_some()
    }

    /// Its address for a program that is told nothing else: the schema is part of it.
    pub fn url(&self) -> String {
        let url = &self.config.url;
        match &self.config.schema {
            None => url.clone(),
            Some(schema) => {
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}options=-c%20search_path%3D{schema}")
            }
        }
    }

    /// The SQLite file, if it is one.
    pub fn file(&self) -> Option<std::path::PathBuf> {
        self.dir.as_ref().map(|dir| dir.path().join("test.db"))
    }

    /// A number that SQL gives, past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = connect_with(&self.config).await;
        if let Some(schema) = &self.config.schema {
            execute(&connection, &format!("SET search_path = {schema}")).await;
        }
        let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
        let row = connection.query_one_raw(statement).await;
        let row = row.expect("the statement runs").expect("a row");
        connection.close().await.expect("the connection closes");
        row.try_get_by_index(0).expect("a number")
    }

    /// Texts that SQL gives, past the store, a row each.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let connection = connect_with(&self.config).await;
        let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
        let rows = connection.query_all_raw(statement).await;
        let rows = rows.expect("the statement runs");
        connection.close().await.expect("the connection closes");
        let text = |row: &sea_orm::QueryResult| row.try_get_by_index(0).expect("a text");
        rows.iter().map(text).collect()
    }

    /// Removes everything from a schema of PostgreSQL.
    pub async fn empty(&self) {
        let schema = self.config.schema.as_ref().expect("a schema");
        let sql = format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}");
        let connection = connect_with(&self.config).await;
        execute(&connection, &sql).await;
        connection.close().await.expect("the connection closes");
    }

    /// Runs SQL past the store: to damage rows, or to be someone else.
    pub async fn execute(&self, sql: &str) {
        let connection = connect_with(&self.config).await;
        let sql = match &self.config.schema {
            Some(schema) => format!("SET search_path = {schema}; {sql}"),
            None => sql.to_owned(),
        };
        execute(&connection, &sql).await;
        connection.close().await.expect("the connection closes");
    }
}

impl TestDatabase {
    /// Adds an account with a project that it owns.
    pub async fn account(store: &Store, name: &str) -> (User, Project) {
        let added = Self::try_account(store, name).await;
        added.expect("an account is added")
    }

    /// Adds an account with a project that it owns, or says why not.
    pub async fn try_account(store: &Store, name: &str) -> Result<(User, Project), StoreError> {
        let new_user = NewUser {
            name: name.to_owned(),
            email: None,
            role: UserRole::User,
            password_hash: None,
        };
        let new_project = NewProject {
            name: name.to_owned(),
            kind: "personal".to_owned(),
        };
        store
            .write(async |tx| {
                let user = tx.users().insert(&new_user).await?;
                let project = tx.projects().insert(&new_project).await?;
                let member = Member {
                    project_id: project.id.clone(),
                    user_id: user.id.clone(),
                    role: MemberRole::Owner,
                };
                tx.projects().set_member(&member).await?;
                Ok::<_, StoreError>((user, project))
            })
            .await
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    connect_with(&StoreConfig::new(url)).await
}

async fn connect_with(config: &StoreConfig) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(&config.url);
    options.max_connections(1).sqlx_logging(false);
    if let Some(key) = &config.key {
        options.sqlcipher_key(format!("\"x'{}'\"", key.digits().expose()));
    }
    Database::connect(options).await.expect("a connection")
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    // What a test left running may hold a lock that ours waits for, and wait for ours.
    let mut ended = connection.execute_unprepared(sql).await;
    for _ in 0..20 {
        match &ended {
            Err(error) if error.to_string().contains("deadlock detected") => {
                ended = connection.execute_unprepared(sql).await;
            }
            _ => break,
        }
    }
    ended.expect("the statement runs");
}
