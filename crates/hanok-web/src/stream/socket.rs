//! The event log over a WebSocket: one text message of JSON an event, `{id, event, data}`. A client that
//! comes back gives the last `id` as `?after=`.

use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::StreamExt;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::events::{Cursor, EventView};
use serde_json::json;
use tokio::time::timeout;

use super::{Follow, batches};
use crate::access::lasting;

/// A client that goes away without a word is found by this.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that does not read for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Clients have nothing to say here.
const MAX_MESSAGE: usize = 4096;

/// What a request that is no WebSocket's is answered.
pub fn upgrade_expected(rejection: &WebSocketUpgradeRejection) -> Fault {
    let text = format!("This address speaks WebSocket: {}.", rejection.body_text());
    Fault::new(FaultKind::Malformed, "websocket_expected", text)
        .remedy("Connect with a WebSocket client, or read '…/events' instead.")
}

/// Answers with a WebSocket that follows the log.
pub fn socket(upgrade: WebSocketUpgrade, follow: Follow) -> Response {
    upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| send(socket, follow))
}

async fn send(mut socket: WebSocket, follow: Follow) {
    let stop = follow.app.stop.clone();
    let over = lasting::over(follow.app.clone(), follow.caller.clone());
    tokio::pin!(over);
    let mut batches = batches(follow);
    let mut ping = tokio::time::interval(PING_EVERY);
    let farewell = loop {
        tokio::select! {
            batch = batches.next() => match batch {
                Some((events, cursor)) => {
                    if !deliver(&mut socket, &events, cursor).await {
                        return;
                    }
                }
                None => break (close_code::NORMAL, "end"),
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => {
                if !put(&mut socket, Message::Ping(Vec::new().into())).await {
                    return;
                }
            }
            () = &mut over => break (close_code::POLICY, "the credential ended"),
            () = stop.cancelled() => break (close_code::AWAY, "the server stops"),
        }
    };
    let (code, reason) = farewell;
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    put(&mut socket, Message::Close(Some(frame))).await;
}

async fn deliver(socket: &mut WebSocket, events: &[EventView], mut cursor: Cursor) -> bool {
    for event in events {
        cursor.advance(event);
        let message = json!({
            "id": cursor.to_string(),
            "event": event.kind,
            "data": event.message(),
        });
        if !put(socket, Message::Text(message.to_string().into())).await {
            return false;
        }
    }
    true
}

/// Whether the client took it.
async fn put(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(())))
}
