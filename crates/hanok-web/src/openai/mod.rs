//! The OpenAI surface, `/v1`: what the unchanged `openai` client speaks.

mod audit_logs;
mod base64;
mod chat;
mod classify;
mod completions;
mod embeddings;
mod files;
mod fine_tuning;
mod generated;
mod messages;
mod models;
mod sampling;
mod stream;

use crate::routes::{Policy, Routes};

pub use chat::ChatRequest;
pub use classify::ClassifyRequest;
pub use messages::Message;

/// Mounts the surface.
pub fn mount(routes: Routes) -> Routes {
    let routes = routes
        .programs()
        .kept()
        .get("/v1/models", Policy::Viewer, models::list)
        .kept()
        .get("/v1/models/{model}", Policy::Viewer, models::get)
        .delete("/v1/models/{model}", Policy::Editor, models::delete)
        .inference()
        .post("/v1/chat/completions", Policy::Viewer, chat::complete)
        .inference()
        .post("/v1/completions", Policy::Viewer, completions::complete)
        .inference()
        .post("/v1/embeddings", Policy::Viewer, embeddings::embed)
        .inference()
        .post("/v1/classify", Policy::Viewer, classify::classify)
        .get("/v1/files", Policy::Viewer, files::list)
        .upload("/v1/files", Policy::Editor, files::create)
        .get("/v1/files/{id}", Policy::Viewer, files::get)
        .delete("/v1/files/{id}", Policy::Editor, files::delete)
        .get("/v1/files/{id}/content", Policy::Viewer, files::content)
        .get(
            "/v1/organization/audit_logs",
            Policy::Admin,
            audit_logs::list,
        );
    mount_fine_tuning(routes)
}

fn mount_fine_tuning(routes: Routes) -> Routes {
    const JOBS: &str = "/v1/fine_tuning/jobs";
    routes
        .get(JOBS, Policy::Viewer, fine_tuning::list)
        .expensive()
        .post(JOBS, Policy::Editor, fine_tuning::create)
        .kept()
        .get(
            "/v1/fine_tuning/jobs/{id}",
            Policy::Viewer,
            fine_tuning::get,
        )
        .post(
            "/v1/fine_tuning/jobs/{id}/cancel",
            Policy::Editor,
            fine_tuning::cancel,
        )
        .post(
            "/v1/fine_tuning/jobs/{id}/pause",
            Policy::Editor,
            fine_tuning::pause,
        )
        .post(
            "/v1/fine_tuning/jobs/{id}/resume",
            Policy::Editor,
            fine_tuning::resume,
        )
        .get(
            "/v1/fine_tuning/jobs/{id}/events",
            Policy::Viewer,
            fine_tuning::events,
        )
        .get(
            "/v1/fine_tuning/jobs/{id}/checkpoints",
            Policy::Viewer,
            fine_tuning::checkpoints,
        )
}
