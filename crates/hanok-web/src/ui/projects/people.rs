//! Who is in a project: people and programs come, change and go.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::Fault;
use hanok_studio::projects::{NewMember, NewRole, NewServiceAccount};

use super::show::load;
use super::view;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, public, status_of};
use crate::ui::frame::Frame;
use crate::ui::keys::view::Made;
use crate::ui::visit::{Posted, Visit};
use hanok_studio::access::Caller;

/// `POST /projects/{id}/members`.
pub async fn add(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewMember {
        user: posted.get("user").to_owned(),
        role: posted.get("role").to_owned(),
    };
    match app.studio.add_member(&caller, &id, new).await {
        Ok(_) => Ok(Redirect::to(&format!("/projects/{id}?done=saved")).into_response()),
        Err(fault) => failed(&app, &caller, &frame, &id, fault).await,
    }
}

/// `POST /projects/{id}/members/{user}`.
pub async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path((id, user)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewRole {
        role: posted.get("role").to_owned(),
    };
    match app.studio.change_member(&caller, &id, &user, new).await {
        Ok(_) => Ok(Redirect::to(&format!("/projects/{id}?done=saved")).into_response()),
        Err(fault) => failed(&app, &caller, &frame, &id, fault).await,
    }
}

/// `POST /projects/{id}/members/{user}/remove`.
pub async fn remove(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path((id, user)): Path<(String, String)>,
    _: Posted,
) -> Result<Response, ApiError> {
    match app.studio.remove_member(&caller, &id, &user).await {
        Ok(()) if user == caller.user_id => {
            Ok(Redirect::to("/projects?done=project_left").into_response())
        }
        Ok(()) => Ok(Redirect::to(&format!("/projects/{id}?done=saved")).into_response()),
        Err(fault) => failed(&app, &caller, &frame, &id, fault).await,
    }
}

/// `POST /projects/{id}/service-accounts`: the first key is shown, this once.
pub async fn add_program(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewServiceAccount {
        name: posted.get("name").to_owned(),
        role: Some(posted.get("role").to_owned()),
    };
    match app.studio.create_service_account(&caller, &id, new).await {
        Ok(made) => {
            let mut view = load(&app, &caller, &id).await?;
            view.made = Some(Made {
                name: made.account.name,
                key: made.api_key.key,
            });
            let page = Html(view::render_show(&view, &frame));
            Ok((StatusCode::CREATED, page).into_response())
        }
        Err(fault) => failed(&app, &caller, &frame, &id, fault).await,
    }
}

/// `POST /projects/{id}/service-accounts/{user}/remove`.
pub async fn remove_program(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((id, user)): Path<(String, String)>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio
        .delete_service_account(&caller, &id, &user)
        .await?;
    Ok(Redirect::to(&format!("/projects/{id}?done=saved")))
}

/// The page again, with what was wrong; where the person may not see it, the fault alone.
async fn failed(
    app: &App,
    caller: &Caller,
    frame: &Frame,
    id: &str,
    fault: Fault,
) -> Result<Response, ApiError> {
    let Ok(mut view) = load(app, caller, id).await else {
        return Err(ApiError(fault));
    };
    if !view.owns {
        return Err(ApiError(fault));
    }
    let status = status_of(fault.kind).0;
    view.fault = Some(public(&fault));
    Ok((status, Html(view::render_show(&view, frame))).into_response())
}
