//! `GET /datasets`: the list, searched by name.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::datasets::DatasetView;
use serde::Deserialize;

use super::load;
use super::view::{self, DatasetList};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// Parts of a hundred that a search looks through.
const SEARCHED: usize = 10;

/// What is listed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    after: String,
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let wanted = query.q.trim().to_owned();
    let (items, next) = match wanted.is_empty() {
        true => {
            let page = PageRequest::new(Some(query.after.clone()), Some(25));
            let listed = app.studio.datasets(&caller, page).await?;
            (listed.items, listed.last_id.filter(|_| listed.has_more))
        }
        false => (search(&app, &caller, &wanted).await?, None),
    };
    let view = DatasetList {
        query: wanted,
        rows: items.into_iter().map(load::row).collect(),
        later: !query.after.is_empty(),
        next,
    };
    Ok(Html(view::render_list(&view, &frame)))
}

async fn search(app: &App, caller: &Caller, wanted: &str) -> Result<Vec<DatasetView>, Fault> {
    let wanted = wanted.to_lowercase();
    let mut found = Vec::new();
    let mut after = None;
    for _ in 0..SEARCHED {
        let page = PageRequest::new(after, Some(100));
        let listed = app.studio.datasets(caller, page).await?;
        let hits = listed
            .items
            .into_iter()
            .filter(|d| d.name.to_lowercase().contains(&wanted));
        found.extend(hits);
        after = listed.last_id;
        if !listed.has_more || found.len() >= 100 {
            break;
        }
    }
    Ok(found)
}
