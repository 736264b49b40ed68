//! What a server looks after now and then, for as long as it runs.

use std::time::Duration;

use hanok_studio::{Studio, Timing};
use tokio_util::sync::CancellationToken;

use super::{end_abandoned, supervisor};

/// How often silent workers are looked for.
const REAP_EVERY: Duration = Duration::from_secs(5);

/// How often what nothing refers to is collected.
const COLLECT_EVERY: Duration = Duration::from_secs(3600);

/// Looks for workers that fell silent and jobs that got stuck.
pub async fn reap(studio: Studio, timing: Timing, stop: CancellationToken) {
    // Seldom looks would seem gaps in which nobody could be heard.
    let every = REAP_EVERY.min(timing.heartbeat);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        match studio.reap().await {
            Ok(0) => {}
            Ok(count) => tracing::warn!(count, "jobs were taken from workers that fell silent"),
            Err(fault) => tracing::warn!(%fault, "could not look for silent workers"),
        }
        match studio.reap_stalled().await {
            Ok(stuck) => stuck.into_iter().for_each(supervisor::kill_group),
            Err(fault) => tracing::warn!(%fault, "could not look for stalled jobs"),
        }
    }
}

/// Collects what nothing refers to.
pub async fn collect(studio: Studio, grace: Duration, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(COLLECT_EVERY) => {}
        }
        end_abandoned(&studio, false).await;
        match studio.collect(grace).await {
            Ok(removed) => tracing::debug!(?removed, "collected what nothing refers to"),
            Err(fault) => tracing::warn!(%fault, "could not collect what nothing refers to"),
        }
    }
}
