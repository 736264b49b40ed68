//! `GET /projects/{id}`: one project.

use axum::extract::{Path, State};
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;

use super::list::row;
use super::view::{self, Person, ProjectPage};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::Visit;

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, ApiError> {
    let view = load(&app, &caller, &id).await?;
    Ok(Html(view::render_show(&view, &frame)))
}

/// The project with the people and programs in it.
pub async fn load(app: &App, caller: &Caller, id: &str) -> Result<ProjectPage, Fault> {
    let project = row(app.studio.project(caller, id).await?, caller);
    let owns = project.role == "owner" || caller.may_administer();
    let mut page = ProjectPage {
        owns,
        project,
        ..ProjectPage::default()
    };
    if page.project.deleted_at.is_some() {
        return Ok(page);
    }
    let people = app.studio.members(caller, id).await?;
    page.people = people
        .into_iter()
        .map(|member| Person {
            own: member.id == caller.user_id,
            id: member.id,
            name: member.name,
            role: member.role,
        })
        .collect();
    let programs = app.studio.service_accounts(caller, id).await?;
    page.programs = programs
        .into_iter()
        .map(|account| Person {
            id: account.id,
            name: account.name,
            role: account.role,
            own: false,
        })
        .collect();
    Ok(page)
}
