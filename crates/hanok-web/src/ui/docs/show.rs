//! `GET /docs`: the page.

use axum::extract::State;
use axum::response::Html;
use serde::Deserialize;

use super::view;
use crate::app::App;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// The group that is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DocsQuery {
    group: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Visit(frame): Visit,
    Query(query): Query<DocsQuery>,
) -> Html<String> {
    Html(view::render(app.document.get(), &query.group, &frame))
}
