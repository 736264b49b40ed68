//! What a key may have served in a day. Counts what the usage rows tell; it bounds nothing else.

use hanok_domain::fault::{Fault, FaultKind};

use super::Route;
use super::meter::Meter;
use crate::access::Caller;
use crate::studio::Studio;

/// A day of UTC, µs.
const DAY: i64 = 86_400_000_000;

impl Studio {
    /// Begins to count a request, unless the key's tokens of the day are used up. A request that begins below
    /// the bound is served to its end.
    pub(super) async fn meter(
        &self,
        caller: &Caller,
        model: &str,
        route: Route,
        request_id: String,
    ) -> Result<Meter, Fault> {
        if let (Some(most), Some(key)) = (caller.limits.tokens_per_day, caller.key_id()) {
            self.within_day(&caller.project_id, key, most).await?;
        }
        Ok(Meter::begin(caller, model, route, request_id))
    }

    async fn within_day(&self, project: &str, key: &str, most: i64) -> Result<(), Fault> {
        let (used, now) = self
            .store()
            .read(|tx| async move {
                let now = tx.now().await?;
                let today = now - now.rem_euclid(DAY);
                let used = tx.usage().tokens_of_key(project, key, today).await?;
                Ok::<_, Fault>((used, now))
            })
            .await?;
        if used < most {
            return Ok(());
        }
        let text = format!("The {most} tokens of this key for today are used up.");
        let left = (DAY - now.rem_euclid(DAY)).unsigned_abs() / 1_000_000;
        Err(Fault::new(FaultKind::Limited, "token_limit_exceeded", text)
            .retry_after(left)
            .remedy("The day ends at 00:00 UTC. Use another key, or ask for a higher limit."))
    }
}
