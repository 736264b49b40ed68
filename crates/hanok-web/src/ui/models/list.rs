//! `GET /models`: the list.

use axum::extract::State;
use axum::response::Html;
use hanok_studio::PageRequest;
use serde::Deserialize;

use super::load;
use super::view::{self, ModelList};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::runs::load as runs;
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
    let listed = app.studio.models(&caller, page).await?;
    let evaluations = runs::evaluations(&app, &caller).await?;
    let deployed = runs::deployed(&app, &caller).await?;
    let rows = listed.items.iter();
    let view = ModelList {
        rows: rows
            .map(|model| load::row(model, &evaluations, &deployed))
            .collect(),
        shipped: load::shipped(&app, &caller).await?,
        may_edit: caller.may_write(),
        later: !query.after.is_empty(),
        next: listed.last_id.filter(|_| listed.has_more),
    };
    Ok(Html(view::render_list(&view, &frame)))
}
