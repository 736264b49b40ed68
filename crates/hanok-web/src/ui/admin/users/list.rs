//! `GET /admin/users`: who has an account, searched by the beginning of name or address.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::accounts::UserQuery;
use serde::Deserialize;

use super::view::{self, UsersView};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// What is listed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    role: String,
    state: String,
    after: String,
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let wanted = UserQuery {
        q: query.q,
        role: query.role,
        state: query.state,
    };
    let view = load(&app, wanted, &query.after).await?;
    Ok(Html(view::render(&view, &frame)))
}

/// What the page shows of these accounts.
pub(super) async fn load(app: &App, wanted: UserQuery, after: &str) -> Result<UsersView, Fault> {
    let page = PageRequest::new(Some(after.to_owned()), Some(25));
    let users = app.studio.users(&wanted, page).await?;
    let invitations = app.studio.invitations(PageRequest::first(20)).await?;
    Ok(UsersView {
        query: wanted,
        next: users.last_id.clone().filter(|_| users.has_more),
        users: users.items,
        later: !after.is_empty(),
        invitations: invitations.items,
        ..UsersView::default()
    })
}
