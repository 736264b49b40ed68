//! Brings the schema up to date, under a lock and in one transaction: all or nothing. A SQLite file with
//! rows in it is copied before; of PostgreSQL the operator makes a dump. Does not own what the migrations do.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{
    IntoSchemaManagerConnection, MigrationTrait, MigratorTrait, SchemaManager, seaql_migrations,
};

use crate::connect::Pools;
use crate::{StoreConfig, StoreError, migration};

mod copy;

pub(crate) use copy::copies;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migration::all()
    }
}

/// How far the schema is.
struct Progress {
    applied: usize,
    pending: Vec<String>,
}

pub(crate) async fn up(config: &StoreConfig, pools: &Pools) -> Result<(), StoreError> {
    // Most starts find nothing to do, and then no right to change the schema is called for.
    if progress(&pools.writer).await?.pending.is_empty() {
        return Ok(());
    }
    let Some(migrator) = &pools.migrator else {
        return apply(config, pools, &pools.writer, None).await;
    };
    let role = role(&pools.writer).await?;
    apply(config, pools, migrator, Some(&role)).await?;
    migrator.close_by_ref().await?;
    match progress(&pools.writer).await?.pending.first() {
        None => Ok(()),
        Some(unseen) => Err(StoreError::Config(format!(
            "the role of DATABASE_URL does not see what that of DATABASE_MIGRATION_URL made \
             ('{unseen}'): both must have the same search_path, and the former USAGE on the schema"
        ))),
    }
}

async fn apply(
    config: &StoreConfig,
    pools: &Pools,
    connection: &DatabaseConnection,
    for_role: Option<&str>,
) -> Result<(), StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
        ..Default::default()
    };
    let txn = connection.begin_with_options(options).await?;
    if txn.get_database_backend() == DbBackend::Postgres {
        // The lock is held to the end of the transaction; per schema, so that strangers do not wait.
        let sql = "SET LOCAL statement_timeout = 0; \
            SELECT pg_advisory_xact_lock(hashtext('hanok migrations ' || current_schema()))";
        txn.execute_unprepared(sql).await?;
    }
    let progress = progress(&txn).await?;
    if let (Some(file), Some(newest)) = (&pools.file, progress.pending.last())
        && progress.applied > 0
    {
        // The lock is ours, so that nobody changes the file meanwhile.
        copy::before(config, file, newest).await?;
    }
    match Migrator::up(&txn, None).await.map_err(StoreError::from) {
        Err(StoreError::Forbidden(message)) => return Err(no_right(&message, for_role)),
        other => other?,
    }
    if let Some(role) = for_role {
        txn.execute_unprepared(&grants(role)).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Looks without changing anything; refuses what a newer version made.
async fn progress<'c, C>(connection: &'c C) -> Result<Progress, StoreError>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    let manager = SchemaManager::new(connection);
    let applied = match manager.has_table("seaql_migrations").await? {
        true => seaql_migrations::Entity::find().all(connection).await?,
        false => Vec::new(),
    };
    let known = migration::all();
    let newer = applied
        .iter()
        .map(|row| &row.version)
        .filter(|version| !known.iter().any(|one| one.name() == version.as_str()))
        .max();
    if let Some(found) = newer {
        return Err(StoreError::SchemaTooNew {
            found: found.clone(),
        });
    }
    let pending = known.iter().map(|one| one.name().to_owned());
    let pending = pending.filter(|name| !applied.iter().any(|row| row.version == *name));
    Ok(Progress {
        applied: applied.len(),
        pending: pending.collect(),
    })
}

pub(crate) async fn role(connection: &DatabaseConnection) -> Result<String, StoreError> {
    let sql = "SELECT current_user::text AS role".to_owned();
    let row = connection
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?
        .ok_or_else(|| StoreError::Database("the role gave no row".to_owned()))?;
    Ok(row.try_get("", "role")?)
}

fn no_right(message: &str, for_role: Option<&str>) -> StoreError {
    let whose = match for_role {
        None => "the role of DATABASE_URL",
        Some(_) => "the role of DATABASE_MIGRATION_URL",
    };
    let mend = match for_role {
        None => {
            "set DATABASE_MIGRATION_URL to an address with a role that may, \
                 or grant this one CREATE on the schema"
        }
        Some(_) => "grant it CREATE on the schema",
    };
    StoreError::Config(format!(
        "the schema must change and {whose} may not change it ({message}): {mend}"
    ))
}

/// Rows, not tables: what the role that runs Hanok is given of what the other one owns.
pub(crate) fn grants(role: &str) -> String {
    let role = role.replace('\'', "''");
    format!(
        "DO $$ DECLARE one record; BEGIN
            IF current_user = '{role}' THEN RETURN; END IF;
            FOR one IN SELECT oid::regclass AS name, relkind = 'S' AS counts FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace
                AND relowner = current_user::regrole AND relkind IN ('r', 'p', 'S')
            LOOP
                EXECUTE format('GRANT %s %s TO %I',
                    CASE WHEN one.counts THEN 'USAGE, SELECT ON SEQUENCE'
                        ELSE 'SELECT, INSERT, UPDATE, DELETE ON' END,
                    one.name, '{role}');
            END LOOP;
        END $$"
    )
}
