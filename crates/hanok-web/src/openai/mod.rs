//! The OpenAI surface, `/v1`: what the unchanged `openai` client speaks.

mod chat;
mod classify;
mod models;

use crate::routes::{Policy, Routes};

pub use chat::{ChatRequest, Message};
pub use classify::ClassifyRequest;

/// Mounts the surface.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .get("/v1/models", Policy::Viewer, models::list)
        .get("/v1/models/{model}", Policy::Viewer, models::get)
        .post("/v1/chat/completions", Policy::Viewer, chat::complete)
        .post("/v1/classify", Policy::Viewer, classify::classify)
}
