//! The sealer of a running server: twice a second it writes the denials that were counted and seals what was
//! committed, and once more at the end.

use std::time::Duration;

use hanok_studio::Studio;
use tokio_util::sync::CancellationToken;

/// Rows are to be sealed within a second.
const EVERY: Duration = Duration::from_millis(500);
/// Denials are written in every second round.
const ROUNDS: u32 = 2;

/// Seals until the server has answered its last request.
pub async fn run(studio: Studio, halt: CancellationToken) {
    let mut round: u32 = 0;
    loop {
        let last = tokio::select! {
            () = halt.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        round = round.wrapping_add(1);
        let due = last || round.is_multiple_of(ROUNDS);
        if due && let Err(fault) = studio.write_denials().await {
            tracing::warn!(%fault, "denials were not written to the audit log");
        }
        if let Err(fault) = studio.seal_audit().await {
            tracing::warn!(%fault, "the audit log was not sealed; it is tried again");
        }
        if last {
            return;
        }
    }
}
