//! `POST /projects`: a team project.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_studio::projects::NewTeam;

use super::list::load;
use super::view;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, public, status_of};
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewTeam {
        name: posted.get("name").to_owned(),
    };
    match app.studio.create_project(&caller, new, None).await {
        Ok(made) => {
            let path = format!("/projects/{}?done=project_created", made.id);
            Ok(Redirect::to(&path).into_response())
        }
        Err(fault) => {
            let mut view = load(&app, &caller).await?;
            let status: StatusCode = status_of(fault.kind).0;
            view.fault = Some(public(&fault));
            Ok((status, Html(view::render_list(&view, &frame))).into_response())
        }
    }
}
