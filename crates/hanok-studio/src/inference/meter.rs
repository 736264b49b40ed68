//! The usage row of a served request. It does not price anything. What takes long has its row from the
//! beginning, so that it is known of when the server dies on the way.

use std::time::{Duration, Instant};

use hanok_domain::fault::Fault;
use hanok_store::rows::usage::{BEING_SERVED, NewUsage};

use super::{LONGEST, Route};
use crate::access::Caller;
use crate::studio::Studio;

/// Status of a request that was not brought to its end: the client went away, or the server did.
pub(super) const CLIENT_GONE: u16 = 499;

/// A request is served by nobody any more after this: longer than all the answers of one may take.
const ABANDONED: Duration = LONGEST.saturating_mul(12);
/// How often a row tells how far its request has come.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// A request while it is served.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    row: NewUsage,
    started: Instant,
    /// Id of the row, if there is one already, and when it was written.
    told: Option<(String, Instant)>,
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
            told: None,
        }
    }

    /// Notes that a long answer has begun, or how far it has come; not each time it is told.
    pub(super) async fn advance(
        &mut self,
        studio: &Studio,
        prompt_tokens: u64,
        completion_tokens: u64,
    ) -> Result<(), Fault> {
        let told = self.told.as_ref();
        if told.is_some_and(|(_, when)| when.elapsed() < TELL_EVERY) {
            return Ok(());
        }
        self.count(prompt_tokens, completion_tokens, BEING_SERVED);
        self.tell(studio).await
    }

    /// Whether there is a row already.
    pub(super) fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// Writes the row.
    pub(super) async fn end(
        mut self,
        studio: &Studio,
        prompt_tokens: u64,
        completion_tokens: u64,
        status: u16,
    ) -> Result<(), Fault> {
        self.count(prompt_tokens, completion_tokens, i64::from(status));
        self.tell(studio).await
    }

    fn count(&mut self, prompt_tokens: u64, completion_tokens: u64, status: i64) {
        self.row.prompt_tokens = signed(prompt_tokens);
        self.row.completion_tokens = signed(completion_tokens);
        self.row.latency_us = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.row.status = status;
    }

    async fn tell(&mut self, studio: &Studio) -> Result<(), Fault> {
        let row = &self.row;
        let known = self.told.as_ref().map(|(id, _)| id);
        let id = studio
            .store()
            .write(|tx| async move {
                match known {
                    None => tx.usage().insert(row).await,
                    Some(id) => tx.usage().advance(id, row).await.map(|()| id.clone()),
                }
            })
            .await?;
        self.told = Some((id, Instant::now()));
        Ok(())
    }
}

impl Studio {
    /// Ends the rows of requests that no server serves any more: all that there are when the one server of
    /// a file is `starting`, or else those that are older than any answer may be.
    pub async fn end_abandoned_usage(&self, starting: bool) -> Result<u64, Fault> {
        let alone = starting && self.store().is_file();
        let after = if alone { Duration::ZERO } else { ABANDONED };
        let status = i64::from(CLIENT_GONE);
        self.store()
            .write(|tx| async move { Ok(tx.usage().end_abandoned(after, status).await?) })
            .await
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
