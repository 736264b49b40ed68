//! Usage: one row for each served request, as surfaces show it.

mod quota;

use hanok_domain::fault::Fault;
use hanok_store::rows::usage::Usage;
use serde::{Deserialize, Serialize};

use crate::access::Caller;
use crate::studio::Studio;
use crate::time::rfc3339;
use crate::{Listed, PageRequest};

/// A served request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsageView {
    /// `usage_…`.
    pub id: String,
    /// Always `usage`.
    pub object: String,
    /// The key used, if any.
    pub key_id: Option<String>,
    /// The model called.
    pub model: String,
    /// The surface.
    pub route: String,
    /// Tokens read.
    pub prompt_tokens: i64,
    /// Tokens answered.
    pub completion_tokens: i64,
    /// Microseconds from request to answer.
    pub latency_us: i64,
    /// HTTP status of the answer; 0 while it is given, 499 if it was not brought to its end.
    pub status: i64,
    /// The request.
    pub request_id: String,
    /// RFC 3339.
    pub at: String,
}

impl Studio {
    /// What the project was served, newest first.
    pub async fn usage(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<UsageView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found: Vec<Usage> = self
            .store()
            .read(|tx| async move { tx.usage().list(project, rows).await })
            .await?;
        Ok(page.listed(found, |row| &row.id, view))
    }
}

fn view(row: Usage) -> UsageView {
    UsageView {
        id: row.id,
        object: "usage".to_owned(),
        key_id: row.served.key_id,
        model: row.served.model,
        route: row.served.route,
        prompt_tokens: row.served.prompt_tokens,
        completion_tokens: row.served.completion_tokens,
        latency_us: row.served.latency_us,
        status: row.served.status,
        request_id: row.served.request_id,
        at: rfc3339(row.at),
    }
}
