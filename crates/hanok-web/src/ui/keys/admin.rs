//! `GET /admin/keys`: the keys of all projects; `POST /admin/keys/{id}/revoke`: one of them ends.

use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use hanok_studio::PageRequest;

use super::list::{ListQuery, row};
use super::view::{self, Keys};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::{Posted, Visit};

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let after = query.after();
    let later = !after.is_empty();
    let page = PageRequest::new(Some(after), Some(50));
    let listed = app.studio.all_keys(&caller, page).await?;
    let view = Keys {
        rows: listed
            .items
            .into_iter()
            .map(|key| row(key, true, false))
            .collect(),
        of_all: true,
        later,
        next: listed.last_id.filter(|_| listed.has_more),
        ..Keys::default()
    };
    Ok(Html(view::render(&view, &frame)))
}

/// The action.
pub async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.revoke_any_key(&caller, &id).await?;
    Ok(Redirect::to("/admin/keys?done=key_revoked"))
}
