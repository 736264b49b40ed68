//! The event streams of pages: when something changed, the parts of the page that show it are sent
//! as markup. A stream begins with what changed since the page was rendered, so that nothing falls
//! between; a burst of events becomes one message.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use hanok_domain::fault::Fault;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// Changes that come within this time are shown together.
const PAUSE: Duration = Duration::from_millis(300);

/// How the markup is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    /// In the place of the element.
    Replace,
    /// As the element's last child.
    Append,
}

/// One patch of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Fragment {
    /// Id of the element.
    pub target: &'static str,
    /// How the markup is put in.
    pub put: Put,
    /// The markup.
    pub html: String,
}

impl Fragment {
    /// Puts markup in the place of the element; it carries the same id itself.
    pub fn replace(target: &'static str, html: String) -> Self {
        Self {
            target,
            put: Put::Replace,
            html,
        }
    }

    /// Appends markup to the element.
    pub fn append(target: &'static str, html: String) -> Self {
        Self {
            target,
            put: Put::Append,
            html,
        }
    }
}

/// What a stream sends at once.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// The patches.
    pub fragments: Vec<Fragment>,
    /// Cursor of what they show: a client that reconnects sends it back.
    pub cursor: String,
    /// Nothing will change any more.
    pub ended: bool,
}

impl Update {
    fn messages(&self) -> Vec<Result<Event, Infallible>> {
        let named = |name: &str| {
            let event = Event::default().event(name);
            if self.cursor.is_empty() {
                event
            } else {
                event.id(self.cursor.clone())
            }
        };
        let patches = self.fragments.iter();
        let mut out: Vec<_> = patches
            .filter_map(|f| named("fragment").json_data(f).ok())
            .collect();
        if self.ended {
            out.push(named("end").data("ended"));
        }
        out.into_iter().map(Ok).collect()
    }
}

/// A page that is watched.
pub trait Watch: Send + Sync + 'static {
    /// Whether a change in this project, about this topic, may show on the page.
    fn concerns(&self, project: &str, topic: &str) -> bool;

    /// What changed since the last call, or since the client's cursor.
    fn update(&mut self, app: &App) -> impl Future<Output = Result<Update, Fault>> + Send;
}

/// The stream of a page.
pub fn stream<W: Watch>(app: App, watch: W) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribed before the first look, so that nothing falls between.
    let changes = app.studio.changes();
    let stop = app.stop.clone();
    let open = app.metrics.stream();
    let updates = stream::unfold(
        Some((app, watch, changes, true, open)),
        move |state| async move {
            let (app, mut watch, mut changes, first, open) = state?;
            if !first
                && !changed(&mut changes, |change| {
                    watch.concerns(&change.project, &change.topic)
                })
                .await
            {
                return None;
            }
            match watch.update(&app).await {
                Ok(update) => {
                    let next = (!update.ended).then_some((app, watch, changes, false, open));
                    Some((stream::iter(update.messages()), next))
                }
                Err(fault) => {
                    tracing::warn!(%fault, "a page's stream could not be read");
                    None
                }
            }
        },
    );
    let messages = updates
        .flatten()
        .take_until(async move { stop.cancelled().await });
    Sse::new(messages).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

/// Waits for a change that concerns the page, then a moment more; false when none will come.
async fn changed<C: Clone>(changes: &mut Receiver<C>, concerns: impl Fn(&C) -> bool) -> bool {
    loop {
        match changes.recv().await {
            Ok(change) if !concerns(&change) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => return false,
        }
    }
    tokio::time::sleep(PAUSE).await;
    // What came meanwhile is shown by the update that follows.
    while changes.try_recv().is_ok() {}
    true
}
