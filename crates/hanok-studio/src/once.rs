//! Idempotency of creating requests: the key, the route and the request's hash; the answer is stored in
//! the same transaction as what it made, so a repeated request gets the first one's answer.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::Tx;
use hanok_store::rows::idempotency::{RequestKey, Seen};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The `Idempotency-Key` of one request.
#[derive(Debug, Clone)]
pub struct Once {
    key: String,
    route: String,
    request_hash: String,
}

impl Once {
    /// Binds a key to a route and the hash of the request.
    pub fn new(key: String, route: String, request_hash: String) -> Self {
        Self {
            key,
            route,
            request_hash,
        }
    }

    fn row(&self, project: &str) -> RequestKey {
        RequestKey {
            project_id: project.to_owned(),
            key: self.key.clone(),
            route: self.route.clone(),
            request_hash: self.request_hash.clone(),
        }
    }
}

/// The answer given before, if this request was answered before.
pub async fn earlier<T: DeserializeOwned>(
    tx: &Tx,
    project: &str,
    once: Option<&Once>,
) -> Result<Option<T>, Fault> {
    let Some(once) = once else {
        return Ok(None);
    };
    match tx.idempotency().begin(&once.row(project)).await? {
        Seen::New => Ok(None),
        Seen::Answered { response, .. } => serde_json::from_value(response)
            .map(Some)
            .map_err(|e| Fault::internal(format!("a stored answer cannot be read: {e}"))),
        Seen::Begun => Err(Fault::conflict(
            "request_in_progress",
            "The first request with this Idempotency-Key is still being worked on.",
        )),
        Seen::Different => Err(Fault::new(
            FaultKind::Invalid,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        )
        .remedy("Use a new key for each different request.")),
    }
}

/// Stores the answer under the key.
pub async fn remember<T: Serialize>(
    tx: &Tx,
    project: &str,
    once: Option<&Once>,
    answer: &T,
) -> Result<(), Fault> {
    let Some(once) = once else {
        return Ok(());
    };
    let answer = serde_json::to_value(answer)
        .map_err(|e| Fault::internal(format!("an answer cannot be written: {e}")))?;
    tx.idempotency()
        .finish(&once.row(project), 201, &answer)
        .await?;
    Ok(())
}
