//! `GET /runs`: the list.

use axum::extract::State;
use axum::response::Html;
use hanok_studio::PageRequest;
use serde::Deserialize;

use super::load;
use super::overview::{self, RunList};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    after: String,
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let page = PageRequest::new(Some(query.after.clone()), Some(25));
    let listed = app.studio.runs(&caller, page).await?;
    let data = app.studio.datasets(&caller, PageRequest::first(1)).await?;
    let view = RunList {
        rows: load::rows(&app, &caller, listed.items).await?,
        later: !query.after.is_empty(),
        next: listed.last_id.filter(|_| listed.has_more),
        has_data: !data.items.is_empty(),
    };
    Ok(Html(overview::render_list(&view, &frame)))
}
