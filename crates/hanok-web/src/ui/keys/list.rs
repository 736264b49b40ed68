//! `GET /keys`: the project's keys.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::keys::KeyView;
use serde::Deserialize;

use super::view::{self, KeyRow, Keys};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::format::micros;
use crate::ui::visit::Visit;

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    after: String,
}

impl ListQuery {
    /// The last id of the part before, or nothing.
    pub fn after(self) -> String {
        self.after
    }
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let view = load(&app, &caller, query.after).await?;
    Ok(Html(view::render(&view, &frame)))
}

/// A part of the project's keys.
pub async fn load(app: &App, caller: &Caller, after: String) -> Result<Keys, Fault> {
    let later = !after.is_empty();
    let page = PageRequest::new(Some(after), Some(25));
    let listed = app.studio.keys(caller, page).await?;
    let mine = |key: &KeyView| key.user_id == caller.user_id;
    Ok(Keys {
        rows: listed
            .items
            .into_iter()
            .map(|key| {
                let own = mine(&key);
                row(key, own || caller.may_own(), own)
            })
            .collect(),
        may_edit: caller.may_write(),
        later,
        next: listed.last_id.filter(|_| listed.has_more),
        ..Keys::default()
    })
}

/// A key as the pages show it.
pub fn row(key: KeyView, may_revoke: bool, own: bool) -> KeyRow {
    let at = |time: &Option<String>| time.as_deref().map(micros);
    KeyRow {
        expires_at: at(&key.expires_at),
        last_used_at: at(&key.last_used_at),
        revoked: key.revoked_at.is_some(),
        id: key.id,
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes,
        from: key.last_used_from.unwrap_or_default(),
        project: key.project_id,
        may_revoke,
        own,
    }
}
