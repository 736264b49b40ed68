//! `GET /runs/{id}`: one run.

use axum::extract::{Path, State};
use axum::response::Html;
use serde::Deserialize;

use super::{load, view};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// How the chart is drawn.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScaleQuery {
    scale: String,
}

impl ScaleQuery {
    /// Whether the loss stands on a logarithmic axis.
    pub fn is_log(&self) -> bool {
        self.scale == "log"
    }
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    Query(query): Query<ScaleQuery>,
) -> Result<Html<String>, ApiError> {
    let (mut view, _) = load::show(&app, &caller, &id).await?;
    view.log_scale = query.is_log();
    Ok(Html(view::render_show(&view, &frame)))
}
