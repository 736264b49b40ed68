//! `GET /login`.

use axum::extract::State;
use axum::response::Html;
use serde::Deserialize;

use super::view::{self, LoginView};
use crate::app::App;
use crate::extract::Query;
use crate::ui::visit::{Visit, local_path};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Visit(frame): Visit,
    Query(query): Query<NextQuery>,
) -> Html<String> {
    let view = LoginView {
        next: local_path(&query.next).to_owned(),
        provider: app.studio.oidc_button().map(str::to_owned),
        ..LoginView::default()
    };
    Html(view::render(&view, &frame))
}
