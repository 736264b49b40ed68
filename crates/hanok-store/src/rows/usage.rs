//! What was served: a row per request. Does not meter or price anything.

use std::time::Duration;

use hanok_domain::id;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter, Statement, Value,
};
use serde::Serialize;

use crate::entities::usage;
use crate::{Page, StoreError, Tx};

/// One served request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Usage {
    /// `use_…`.
    pub id: String,
    /// µs UTC.
    pub at: i64,
    /// What was served.
    #[serde(flatten)]
    pub served: NewUsage,
}

/// What was served to whom.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewUsage {
    /// Who pays.
    pub project_id: String,
    /// Who asked.
    pub user_id: String,
    /// With which key, if with one.
    pub key_id: Option<String>,
    /// The model's name.
    pub model: String,
    /// For example `/v1/chat/completions`.
    pub route: String,
    /// Tokens read.
    pub prompt_tokens: i64,
    /// Tokens written.
    pub completion_tokens: i64,
    /// Micro-units of money.
    pub cost_micros: i64,
    /// From the request's arrival to its last byte.
    pub latency_us: i64,
    /// HTTP status; [`BEING_SERVED`] before the end.
    pub status: i64,
    /// The request's id.
    pub request_id: String,
}

/// Status of a request while it is served.
pub const BEING_SERVED: i64 = 0;

/// Sums over usage rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct UsageTotal {
    /// How many requests.
    pub requests: i64,
    /// Tokens read.
    pub prompt_tokens: i64,
    /// Tokens written.
    pub completion_tokens: i64,
    /// Micro-units of money.
    pub cost_micros: i64,
}

/// Access to usage rows.
pub struct UsageRows<'t>(pub(crate) &'t Tx);

impl UsageRows<'_> {
    /// Adds a row and gives its id.
    pub async fn insert(&self, new: &NewUsage) -> Result<String, StoreError> {
        let served = new.clone();
        let id = id::new(id::USAGE);
        let model = usage::Model {
            id: id.clone(),
            project_id: served.project_id,
            user_id: served.user_id,
            key_id: served.key_id,
            model: served.model,
            route: served.route,
            prompt_tokens: served.prompt_tokens,
            completion_tokens: served.completion_tokens,
            cost_micros: served.cost_micros,
            latency_us: served.latency_us,
            status: served.status,
            request_id: served.request_id,
            at: self.0.now().await?,
        };
        self.0.insert(model).await?;
        Ok(id)
    }

    /// Notes how far a request has come that is still served; one that is over stays as it is.
    pub async fn advance(&self, id: &str, now: &NewUsage) -> Result<(), StoreError> {
        let row = usage::ActiveModel {
            prompt_tokens: Set(now.prompt_tokens),
            completion_tokens: Set(now.completion_tokens),
            latency_us: Set(now.latency_us),
            status: Set(now.status),
            ..Default::default()
        };
        usage::Entity::update_many()
            .set(row)
            .filter(usage::Column::Id.eq(id))
            .filter(usage::Column::Status.eq(BEING_SERVED))
            .exec(self.0.conn())
            .await?;
        Ok(())
    }

    /// Ends what has been served for so long: whoever served it is gone. Says how many there were.
    pub async fn end_abandoned(&self, after: Duration, status: i64) -> Result<u64, StoreError> {
        let before = self.0.now().await?.saturating_sub(super::micros(after));
        let over = usage::ActiveModel {
            status: Set(status),
            ..Default::default()
        };
        let updated = usage::Entity::update_many()
            .set(over)
            .filter(usage::Column::Status.eq(BEING_SERVED))
            .filter(usage::Column::At.lte(before))
            .exec(self.0.conn())
            .await?;
        Ok(updated.rows_affected)
    }

    /// The project's rows, newest first.
    pub async fn list(&self, project: &str, page: &Page) -> Result<Vec<Usage>, StoreError> {
        let query = usage::Entity::find().filter(usage::Column::ProjectId.eq(project));
        let rows = page
            .apply(query, usage::Column::Id)
            .all(self.0.conn())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The project's sums since then (µs UTC).
    pub async fn total(&self, project: &str, since: i64) -> Result<UsageTotal, StoreError> {
        // PostgreSQL sums BIGINT as NUMERIC, hence the casts.
        let sql = "SELECT COUNT(*) AS requests, \
             CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT) AS prompt_tokens, \
             CAST(COALESCE(SUM(completion_tokens), 0) AS BIGINT) AS completion_tokens, \
             CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros \
             FROM usage WHERE project_id = $1 AND at >= $2";
        let values: [Value; 2] = [project.into(), since.into()];
        let total = UsageTotal::find_by_statement(self.statement(sql, values))
            .one(self.0.conn())
            .await?;
        Ok(total.unwrap_or_default())
    }

    /// Tokens that a key of the project has read and written since then (µs UTC).
    pub async fn tokens_of_key(
        &self,
        project: &str,
        key: &str,
        since: i64,
    ) -> Result<i64, StoreError> {
        let sql = "SELECT CAST(COALESCE(SUM(prompt_tokens + completion_tokens), 0) AS BIGINT) \
             AS tokens FROM usage WHERE project_id = $1 AND key_id = $2 AND at >= $3";
        let values: [Value; 3] = [project.into(), key.into(), since.into()];
        let row = self
            .0
            .conn()
            .query_one_raw(self.statement(sql, values))
            .await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        let backend = if self.0.is_postgres() {
            DbBackend::Postgres
        } else {
            DbBackend::Sqlite
        };
        Statement::from_sql_and_values(backend, sql, values)
    }
}

impl From<usage::Model> for Usage {
    fn from(row: usage::Model) -> Self {
        Self {
            id: row.id,
            at: row.at,
            served: NewUsage {
                project_id: row.project_id,
                user_id: row.user_id,
                key_id: row.key_id,
                model: row.model,
                route: row.route,
                prompt_tokens: row.prompt_tokens,
                completion_tokens: row.completion_tokens,
                cost_micros: row.cost_micros,
                latency_us: row.latency_us,
                status: row.status,
                request_id: row.request_id,
            },
        }
    }
}
