//! The usage row of a served request. It does not price anything.

use std::time::Instant;

use hanok_domain::fault::Fault;
use hanok_store::rows::usage::NewUsage;

use super::Route;
use crate::access::Caller;
use crate::studio::Studio;

/// Status of a request whose client went away before the end.
pub(super) const CLIENT_GONE: u16 = 499;

/// A request while it is served.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    row: NewUsage,
    started: Instant,
}

impl Meter {
    /// Begins to count.
    pub(super) fn begin(caller: &Caller, model: &str, route: Route, request_id: String) -> Self {
        Self {
            row: NewUsage {
                project_id: caller.project_id.clone(),
                user_id: caller.user_id.clone(),
                key_id: caller.key_id().map(str::to_owned),
                model: model.to_owned(),
                route: route.as_str().to_owned(),
                prompt_tokens: 0,
                completion_tokens: 0,
                cost_micros: 0,
                latency_us: 0,
                status: 200,
                request_id,
            },
            started: Instant::now(),
        }
    }

    /// Writes the row.
    pub(super) async fn end(
        mut self,
        studio: &Studio,
        prompt_tokens: u64,
        completion_tokens: u64,
        status: u16,
    ) -> Result<(), Fault> {
        self.row.prompt_tokens = signed(prompt_tokens);
        self.row.completion_tokens = signed(completion_tokens);
        self.row.latency_us = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.row.status = i64::from(status);
        let row = &self.row;
        studio
            .store()
            .write(|tx| async move { Ok(tx.usage().insert(row).await?) })
            .await
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
