//! A hosting worker played by the test: it answers on a unix socket as its model's name says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::VERSION;
use hanok_protocol::inference::{Embed, Embedded, Generate, Generated, Piece, Prompt};
use hanok_protocol::lease::{Register, WorkerRole};
use hanok_store::StoreError;
use hanok_store::rows::models::NewModel;
use serde_json::json;

use crate::world::World;

/// Generations that run on and on, until somebody hangs up.
#[derive(Clone, Default)]
pub struct StandIn {
    pub endless: Arc<AtomicUsize>,
}

/// Starts one and registers it.
pub async fn start(world: &World) -> StandIn {
    let stand_in = StandIn::default();
    let path = world.dir().join("host.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let router = Router::new()
        .route("/v1/embed", post(embed))
        .route("/v1/generate", post(generate))
        .with_state(stand_in.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let message = Register {
        version: VERSION,
        worker: "wkr_host".into(),
        role: WorkerRole::Host,
        pid: 1,
        address: format!("unix:{}", path.display()),
        threads: 1,
        memory: 0,
        build: "test".into(),
    };
    world.studio.register_worker(&message).await.unwrap();
    stand_in
}

/// A model that is ready, without files.
pub async fn model(world: &World, name: &str, kind: &str) -> String {
    let caller = world.studio.local_caller().await.unwrap();
    let new = &NewModel {
        project_id: caller.project_id,
        name: name.into(),
        kind: kind.into(),
        format: "hf".into(),
        manifest: json!({}),
        ..NewModel::default()
    };
    let added: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.models().insert(new).await })
        .await;
    added.unwrap().id
}

async fn embed(Json(message): Json<Embed>) -> Json<Embedded> {
    Json(Embedded {
        vectors: message.texts.iter().map(|_| vec![0.0, 3.0, 4.0]).collect(),
        tokens: message.texts.len() as u64,
        truncated: vec![false; message.texts.len()],
    })
}

fn line(piece: &Piece) -> String {
    format!("{}\n", serde_json::to_string(piece).unwrap())
}

/// Counts down when the connection is gone.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn generate(State(stand_in): State<StandIn>, Json(message): Json<Generate>) -> Response {
    let text = match &message.prompt {
        Prompt::Chat(turns) => turns.last().unwrap().content.clone(),
        Prompt::Text(text) => text.clone(),
    };
    match text.as_str() {
        "too long" => {
            let fault = Fault::new(
                FaultKind::Malformed,
                "context_length_exceeded",
                "The prompt has 900 tokens, the model reads at most 512.",
            )
            .field("messages");
            line(&Piece::Error(fault)).into_response()
        }
        "busy" => {
            let fault = Fault::new(FaultKind::Overloaded, "busy", "Too many wait.");
            (StatusCode::SERVICE_UNAVAILABLE, Json(fault)).into_response()
        }
        "broken" => line(&Piece::Text("half".into())).into_response(),
        "endless" => {
            stand_in.endless.fetch_add(1, Ordering::SeqCst);
            let guard = Counted(stand_in.endless);
            let pieces = stream::unfold(guard, |guard| async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let piece = line(&Piece::Text("again ".into()));
                Some((Ok::<_, std::io::Error>(piece), guard))
            });
            Body::from_stream(pieces).into_response()
        }
        _ => {
            let seed = message.sampling.seed.unwrap_or(0);
            let done = Generated {
                finish_reason: "stop".into(),
                prompt_tokens: 5,
                completion_tokens: 2,
            };
            let pieces = [
                Piece::Text(format!("you said {text}")),
                Piece::Text(format!(" (seed {seed})")),
                Piece::Done(done),
            ];
            pieces.iter().map(line).collect::<String>().into_response()
        }
    }
}
