//! `GET /deployments`: what is served.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use serde::Deserialize;

use super::view::{self, DeploymentRow, Deployments};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::format::micros;
use crate::ui::visit::Visit;

/// The model that stands in the try-it box: its id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    model: String,
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let mut view = load(&app, &caller).await?;
    let wanted = view.rows.iter().find(|row| row.model_id == query.model);
    view.model = wanted.map(|row| row.model.clone()).unwrap_or_default();
    Ok(Html(view::render(&view, &frame)))
}

/// The deployments.
pub async fn load(app: &App, caller: &Caller) -> Result<Deployments, Fault> {
    let all = app
        .studio
        .deployments(caller, PageRequest::first(100))
        .await?
        .items;
    let rows = all.into_iter().map(|deployment| DeploymentRow {
        id: deployment.id,
        model_id: deployment.model.id,
        model: deployment.model.name,
        state: deployment.state,
        fault: deployment.error,
        created_at: micros(&deployment.created_at),
    });
    Ok(Deployments {
        rows: rows.collect(),
        may_edit: caller.may_write(),
        ..Deployments::default()
    })
}
