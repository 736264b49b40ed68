//! Who a credential stands for: account and role in one statement, since every request asks. Knows hashes
//! only.

use hanok_domain::role::{MemberRole, UserRole};
use hanok_domain::scope::Scopes;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::{StoreError, Tx};

/// An account that is not disabled, in one of its projects.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownCaller {
    /// Id of the key or session; of the account for the administrator of this machine.
    pub credential_id: String,
    /// When the credential was last noted as used, µs UTC; 0 for never.
    pub used_at: i64,
    /// `user_…`.
    pub user_id: String,
    /// Name of the account.
    pub user_name: String,
    /// What the account is.
    pub user_role: UserRole,
    /// `proj_…`.
    pub project_id: String,
    /// What the account may do in the project.
    pub project_role: MemberRole,
    /// Bounds of the credential.
    pub scopes: Scopes,
}

/// Access to who calls.
pub struct Callers<'t>(pub(crate) &'t Tx);

const KEY: &str = "SELECT k.id AS credential_id, COALESCE(k.last_used_at, 0) AS used_at, k.scopes, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, m.role AS project_role \
     FROM api_keys k JOIN users u ON u.id = k.user_id \
     JOIN members m ON m.project_id = k.project_id AND m.user_id = k.user_id \
     WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) \
     AND u.disabled_at IS NULL";

const SESSION: &str = "SELECT s.id AS credential_id, s.last_seen_at AS used_at, '[]' AS scopes, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, m.role AS project_role \
     FROM sessions s JOIN users u ON u.id = s.user_id JOIN members m ON m.user_id = u.id \
     WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 \
     AND u.disabled_at IS NULL ORDER BY m.project_id LIMIT 1";

const ADMINISTRATOR: &str = "SELECT u.id AS credential_id, CAST(0 AS BIGINT) AS used_at, '[]' AS scopes, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, m.role AS project_role \
     FROM users u JOIN members m ON m.user_id = u.id \
     WHERE u.role = 'admin' AND u.disabled_at IS NULL ORDER BY u.id, m.project_id LIMIT 1";

/// Whether a credential still opens the project, by its id.
const SESSION_HOLDS: &str = "SELECT s.last_seen_at AS used_at FROM sessions s \
     JOIN users u ON u.id = s.user_id JOIN members m ON m.user_id = u.id AND m.project_id = $3 \
     WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL";

const KEY_HOLDS: &str = "SELECT COALESCE(k.last_used_at, 0) AS used_at FROM api_keys k \
     JOIN users u ON u.id = k.user_id \
     JOIN members m ON m.project_id = k.project_id AND m.user_id = k.user_id AND m.project_id = $3 \
     WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) \
     AND u.disabled_at IS NULL";

impl Callers<'_> {
    /// Who uses the key with this hash, in its project: nobody if it is revoked or expired.
    pub async fn of_key(&self, hash: &str) -> Result<Option<KnownCaller>, StoreError> {
        let now = self.0.now().await?;
        self.one(KEY, [hash.into(), now.into()]).await
    }

    /// Who uses the session with this token's hash, in their first project: nobody if it has ended.
    pub async fn of_session(&self, hash: &str) -> Result<Option<KnownCaller>, StoreError> {
        let now = self.0.now().await?;
        self.one(SESSION, [hash.into(), now.into()]).await
    }

    /// The oldest administrator who is not disabled, in their first project.
    pub async fn administrator(&self) -> Result<Option<KnownCaller>, StoreError> {
        self.one(ADMINISTRATOR, []).await
    }

    /// When the session with this id was last used, µs UTC, if it still opens this project.
    pub async fn session_holds(&self, id: &str, project: &str) -> Result<Option<i64>, StoreError> {
        self.holds(SESSION_HOLDS, id, project).await
    }

    /// When the key with this id was last used, µs UTC, if it still opens this project.
    pub async fn key_holds(&self, id: &str, project: &str) -> Result<Option<i64>, StoreError> {
        self.holds(KEY_HOLDS, id, project).await
    }

    async fn holds(&self, sql: &str, id: &str, project: &str) -> Result<Option<i64>, StoreError> {
        let now = self.0.now().await?;
        let values = [id.into(), now.into(), project.into()];
        let row = self
            .0
            .conn()
            .query_one_raw(self.statement(sql, values))
            .await?;
        Ok(row.map(|row| row.try_get("", "used_at")).transpose()?)
    }

    fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        let backend = match self.0.is_postgres() {
            true => DbBackend::Postgres,
            false => DbBackend::Sqlite,
        };
        Statement::from_sql_and_values(backend, sql, values)
    }

    async fn one<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Option<KnownCaller>, StoreError> {
        let statement = self.statement(sql, values);
        let row = Row::find_by_statement(statement).one(self.0.conn()).await?;
        Ok(row.map(Into::into))
    }
}

#[derive(FromQueryResult)]
struct Row {
    credential_id: String,
    used_at: i64,
    user_id: String,
    user_name: String,
    user_role: String,
    project_id: String,
    project_role: String,
    scopes: String,
}

impl From<Row> for KnownCaller {
    fn from(row: Row) -> Self {
        Self {
            credential_id: row.credential_id,
            used_at: row.used_at,
            user_id: row.user_id,
            user_name: row.user_name,
            user_role: UserRole::parse(&row.user_role),
            project_id: row.project_id,
            project_role: MemberRole::parse(&row.project_role),
            scopes: Scopes::stored(
                serde_json::from_str::<Vec<String>>(&row.scopes)
                    .ok()
                    .as_deref(),
            ),
        }
    }
}
