//! `GET /datasets/{id}`: one data set.

use axum::extract::{Path, State};
use axum::response::Html;
use serde::Deserialize;

use super::{load, view};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// Which part of the rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    after: u64,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Html<String>, ApiError> {
    let view = load::show(&app, &caller, &id, query.after).await?;
    Ok(Html(view::render_show(&view, &frame)))
}
