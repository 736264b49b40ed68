//! The server's mail: sent when there is some, tried again now and then, tidied up by the way.

use std::time::Duration;

use hanok_studio::Studio;
use hanok_studio::mail::Sender;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Mail that failed is looked for so often.
const EVERY: Duration = Duration::from_secs(15);
/// What has outlived its purpose is dropped so often.
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// Runs until the server stops. Without a sender nothing goes out.
pub(super) async fn run(
    studio: Studio,
    sender: Option<Sender>,
    base: String,
    stop: CancellationToken,
) {
    let mut changes = studio.changes();
    let mut tidy = tokio::time::interval(TIDY_EVERY);
    loop {
        if let Some(sender) = &sender
            && let Err(fault) = studio.deliver_mail(sender, &base).await
        {
            tracing::warn!(%fault, "mail could not be looked for");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
            () = asked(&mut changes) => {}
            _ = tidy.tick() => if let Err(fault) = studio.tidy_accounts().await {
                tracing::warn!(%fault, "accounts were not tidied");
            }
        }
    }
}

/// Until a mail was written.
async fn asked(changes: &mut tokio::sync::broadcast::Receiver<hanok_studio::events::Change>) {
    loop {
        match changes.recv().await {
            Ok(change) if change.topic == "mails" => return,
            Err(RecvError::Closed) => std::future::pending().await,
            _ => {}
        }
    }
}
