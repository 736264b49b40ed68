//! Answers that go on for long: a stream ends when the credential that opened it does. Whoever ends one says so
//! in the store; where that is not heard, a look now and then finds it.

use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::Response;
use futures_util::StreamExt;
use hanok_studio::Studio;
use hanok_studio::access::Caller;
use hanok_studio::events::Change;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;

/// A credential whose end nobody told of is found by then.
const EVERY: Duration = Duration::from_secs(5);

/// Ends with the caller's credential.
pub async fn over(app: App, caller: Caller) {
    let mut changes = app.studio.changes();
    loop {
        match app.studio.still_holds(&caller).await {
            Ok(true) => {}
            Ok(false) => return,
            // The database may be back in a moment; until then nothing is read from it either.
            Err(fault) => tracing::warn!(%fault, "a credential could not be looked at"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = told(&mut changes, &caller) => {}
        }
    }
}

async fn told(changes: &mut Receiver<Change>, caller: &Caller) {
    loop {
        match changes.recv().await {
            Ok(change) if Studio::concerns_credential(caller, &change.topic) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Binds an answer that is a stream of events to its caller's credential; any other stays as it is.
pub fn bound(app: &App, caller: &Caller, response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let streams = kind
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("text/event-stream"));
    if !streams {
        return response;
    }
    let over = over(app.clone(), caller.clone());
    response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(over))))
}
