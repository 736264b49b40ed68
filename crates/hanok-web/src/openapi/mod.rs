//! The description of the API: built from the router's own table of routes, with one line of ours for
//! each in [`operations`] and one for each field in `schemas.json`; served as `/openapi.json`.

mod describe;
pub mod operations;
pub mod schema;

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::app::App;
use crate::routes::{Policy, Route, Routes};

pub use describe::describe;

/// The description, once the router is built; cheap to clone.
#[derive(Clone, Default)]
pub struct Document(Arc<OnceLock<Value>>);

impl Document {
    /// Writes the description of these routes; the first one stays.
    pub(crate) fn write(&self, routes: &[Route], version: &str) {
        let _ = self.0.set(describe(routes, version));
    }

    /// The description.
    pub fn get(&self) -> &Value {
        self.0.get().unwrap_or(&Value::Null)
    }
}

/// Mounts the description; `/docs` is a page.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .kept()
        .get("/openapi.json", Policy::Near, document)
        .pages()
        .get("/docs", Policy::Near, crate::ui::docs::show::show)
}

async fn document(State(app): State<App>) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, app.document.get().to_string()).into_response()
}
