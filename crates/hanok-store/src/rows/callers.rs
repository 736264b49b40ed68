//! Who a credential stands for: account and role in one statement, since every request asks. Knows hashes
//! only.

use hanok_domain::limits::KeyLimits;
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
    /// Name of the project.
    pub project_name: String,
    /// What the account may do in the project.
    pub project_role: MemberRole,
    /// Bounds of the credential.
    pub scopes: Scopes,
    /// What the credential may use up.
    pub limits: KeyLimits,
    /// Whether the account has a second factor.
    pub second_factor: bool,
}

/// What an access token and its request say.
#[derive(Debug, Clone, Copy)]
pub struct OfToken<'a> {
    /// `sess_…`.
    pub session: &'a str,
    /// `user_…`.
    pub user: &'a str,
    /// The project that the token is bound to.
    pub project: &'a str,
    /// The one that the request names; empty where it names none.
    pub named: &'a str,
}

/// Access to who calls.
pub struct Callers<'t>(pub(crate) &'t Tx);

const KEY: &str = "SELECT k.id AS credential_id, COALESCE(k.last_used_at, 0) AS used_at, k.scopes, k.limits, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, p.name AS project_name, \
     m.role AS project_role, \
     CAST(CASE WHEN u.totp_confirmed_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor \
     FROM api_keys k JOIN users u ON u.id = k.user_id \
     JOIN members m ON m.project_id = k.project_id AND m.user_id = k.user_id \
     JOIN projects p ON p.id = k.project_id \
     WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) \
     AND u.disabled_at IS NULL AND p.deleted_at IS NULL";

const SESSION: &str = "SELECT s.id AS credential_id, s.last_seen_at AS used_at, '[]' AS scopes, \
     CAST(NULL AS TEXT) AS limits, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, p.name AS project_name, \
     m.role AS project_role, \
     CAST(CASE WHEN u.totp_confirmed_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor \
     FROM sessions s JOIN users u ON u.id = s.user_id JOIN members m ON m.user_id = u.id \
     JOIN projects p ON p.id = m.project_id \
     WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 \
     AND u.disabled_at IS NULL AND u.role <> 'service' AND p.deleted_at IS NULL \
     ORDER BY CASE WHEN m.project_id = $3 THEN 0 WHEN m.project_id = s.project_id THEN 1 \
     WHEN p.kind = 'personal' THEN 2 ELSE 3 END, m.project_id LIMIT 1";

/// By its id, which the database has an index on, and in the project that the token names.
const SESSION_ID: &str = "SELECT s.id AS credential_id, s.last_seen_at AS used_at, '[]' AS scopes, \
     CAST(NULL AS TEXT) AS limits, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, p.name AS project_name, \
     m.role AS project_role, \
     CAST(CASE WHEN u.totp_confirmed_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor \
     FROM sessions s JOIN users u ON u.id = s.user_id JOIN members m ON m.user_id = u.id \
     JOIN projects p ON p.id = m.project_id \
     WHERE s.id = $1 AND u.id = $2 AND m.project_id IN ($3, $5) AND s.revoked_at IS NULL \
     AND s.expires_at > $4 AND u.disabled_at IS NULL AND u.role <> 'service' AND p.deleted_at IS NULL \
     ORDER BY CASE WHEN m.project_id = $5 THEN 0 ELSE 1 END LIMIT 1";

/// An account in one of its projects, without a credential.
const ACCOUNT: &str = "SELECT u.id AS credential_id, CAST(0 AS BIGINT) AS used_at, '[]' AS scopes, \
     CAST(NULL AS TEXT) AS limits, \
     u.id AS user_id, u.name AS user_name, u.role AS user_role, m.project_id, p.name AS project_name, \
     m.role AS project_role, \
     CAST(CASE WHEN u.totp_confirmed_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor \
     FROM users u JOIN members m ON m.user_id = u.id JOIN projects p ON p.id = m.project_id";

/// Of the projects the one that is named, else the account's own.
const OPEN: &str = "u.disabled_at IS NULL AND p.deleted_at IS NULL \
     ORDER BY u.id, CASE WHEN m.project_id = $1 THEN 0 WHEN p.kind = 'personal' THEN 1 ELSE 2 END, \
     m.project_id LIMIT 1";

/// Whether a credential still opens the project, by its id.
const SESSION_HOLDS: &str = "SELECT s.last_seen_at AS used_at FROM sessions s \
     JOIN users u ON u.id = s.user_id JOIN members m ON m.user_id = u.id AND m.project_id = $3 \
     JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL \
     WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL";

const KEY_HOLDS: &str = "SELECT COALESCE(k.last_used_at, 0) AS used_at FROM api_keys k \
     JOIN users u ON u.id = k.user_id \
     JOIN members m ON m.project_id = k.project_id AND m.user_id = k.user_id AND m.project_id = $3 \
     JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL \
     WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) \
     AND u.disabled_at IS NULL";

impl Callers<'_> {
    /// Who uses the key with this hash, in its project: nobody if it is revoked or expired, or the project
    /// is in the bin.
    pub async fn of_key(&self, hash: &str) -> Result<Option<KnownCaller>, StoreError> {
        let now = self.0.now().await?;
        self.one(KEY, [hash.into(), now.into()]).await
    }

    /// Who uses the session with this token's hash: nobody if it has ended. They are in `project`, if they
    /// are a member of it; else in the one that the session entered, else in their own.
    pub async fn of_session(
        &self,
        hash: &str,
        project: &str,
    ) -> Result<Option<KnownCaller>, StoreError> {
        let now = self.0.now().await?;
        self.one(SESSION, [hash.into(), now.into(), project.into()])
            .await
    }

    /// Who uses an access token that names these: nobody if its session has ended. They are in `named`, if
    /// they are a member of it; else in the token's own project.
    pub async fn of_token(&self, token: &OfToken<'_>) -> Result<Option<KnownCaller>, StoreError> {
        let now = self.0.now().await?;
        let values = [
            token.session.into(),
            token.user.into(),
            token.project.into(),
            now.into(),
            token.named.into(),
        ];
        self.one(SESSION_ID, values).await
    }

    /// The oldest administrator who is not disabled: in `project`, if they are a member of it, else in their own.
    pub async fn administrator(&self, project: &str) -> Result<Option<KnownCaller>, StoreError> {
        let sql = format!("{ACCOUNT} WHERE u.role = 'admin' AND {OPEN}");
        self.one(&sql, [project.into()]).await
    }

    /// The account with this id, in its own project.
    pub async fn of_user(&self, user: &str) -> Result<Option<KnownCaller>, StoreError> {
        let sql = format!("{ACCOUNT} WHERE u.id = $2 AND {OPEN}");
        self.one(&sql, ["".into(), user.into()]).await
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
    project_name: String,
    project_role: String,
    scopes: String,
    limits: Option<String>,
    second_factor: i64,
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
            project_name: row.project_name,
            project_role: MemberRole::parse(&row.project_role),
            scopes: Scopes::stored(
                serde_json::from_str::<Vec<String>>(&row.scopes)
                    .ok()
                    .as_deref(),
            ),
            limits: KeyLimits::stored(row.limits.as_deref()),
            second_factor: row.second_factor != 0,
        }
    }
}
