//! `GET /login`.

use axum::response::Html;
use serde::Deserialize;

use super::view::{self, LoginView};
use crate::extract::Query;
use crate::ui::visit::{Visit, local_path};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

/// The page.
pub async fn show(Visit(frame): Visit, Query(query): Query<NextQuery>) -> Html<String> {
    let next = local_path(&query.next).to_owned();
    let view = LoginView {
        next,
        ..LoginView::default()
    };
    Html(view::render(&view, &frame))
}
