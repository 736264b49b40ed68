//! `GET /projects`: the projects that the person is in.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;
use hanok_studio::projects::ProjectView;

use super::view::{self, ProjectRow, Projects};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::format::micros;
use crate::ui::visit::Visit;

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
) -> Result<Html<String>, ApiError> {
    let view = load(&app, &caller).await?;
    Ok(Html(view::render_list(&view, &frame)))
}

/// The projects.
pub async fn load(app: &App, caller: &Caller) -> Result<Projects, Fault> {
    let all = app.studio.projects(caller).await?;
    Ok(Projects {
        rows: all
            .into_iter()
            .map(|project| row(project, caller))
            .collect(),
        ..Projects::default()
    })
}

/// A project as the pages show it.
pub fn row(project: ProjectView, caller: &Caller) -> ProjectRow {
    ProjectRow {
        here: project.id == caller.project_id,
        id: project.id,
        name: project.name,
        personal: project.kind == "personal",
        role: project.role.unwrap_or_default(),
        created_at: micros(&project.created_at),
        deleted_at: project.deleted_at.as_deref().map(micros),
    }
}
