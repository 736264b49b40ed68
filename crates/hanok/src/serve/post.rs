//! The server's mail: sent when there is some, tried again now and then, tidied up by the way.

use std::time::Duration;

use hanok_domain::fault::Fault;
use hanok_studio::Studio;
use hanok_studio::mail::Sender;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::accounts;

/// Mail that failed is looked for so often.
const EVERY: Duration = Duration::from_secs(15);
/// What has outlived its purpose is dropped so often.
const TIDY_EVERY: Duration = Duration::from_secs(3600);

/// What sends the mail, if anything does.
pub(super) struct Post {
    sender: Option<Sender>,
}

impl Post {
    /// By the settings of the studio.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub(super) fn new(studio: &Studio) -> Result<Self, Fault> {
        let sender = accounts::sender(studio.account_settings())?;
        Ok(Self { sender })
    }

    /// Runs until the server stops; `base` is where links lead.
    pub(super) async fn run(self, studio: Studio, base: String, stop: CancellationToken) {
        let mut changes = studio.changes();
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        loop {
            self.deliver(&studio, &base).await;
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

    async fn deliver(&self, studio: &Studio, base: &str) {
        if let Some(sender) = &self.sender
            && let Err(fault) = studio.deliver_mail(sender, base).await
        {
            tracing::warn!(%fault, "mail could not be looked for");
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
