//! What the page does with accounts: make one, change one, make a link.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::Fault;
use hanok_studio::accounts::{CreateUser, UpdateUser, UserQuery};

use super::list::load;
use super::view::{self, Made};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, status_of};
use crate::ui::accounts::told::told;
use crate::ui::frame::Frame;
use crate::ui::parts::FieldError;
use crate::ui::visit::{Posted, Visit};

/// `POST /admin/users`.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = CreateUser {
        name: posted.get("name").to_owned(),
        email: Some(posted.get("email").to_owned()),
        role: Some(posted.get("role").to_owned()).filter(|role| !role.is_empty()),
        password: None,
    };
    match app.studio.create_user(&caller, &new).await {
        Ok((user, token)) => {
            let path = token
                .map(|token| format!("/reset?token={token}"))
                .unwrap_or_default();
            made(
                &app,
                &frame,
                Made::Account {
                    name: user.name,
                    link: link(&frame, &path),
                },
            )
            .await
        }
        Err(fault) => again(&app, &frame, &posted, fault).await,
    }
}

/// `POST /admin/users/{id}`: one act on one account.
pub async fn change(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, ApiError> {
    let mut change = UpdateUser::default();
    match posted.get("act") {
        "disable" => change.disabled = Some(true),
        "enable" => change.disabled = Some(false),
        "approve" => change.approve = Some(true),
        "admin" => change.role = Some("admin".to_owned()),
        "user" => change.role = Some("user".to_owned()),
        "sessions" => {
            app.studio.end_sessions_of(&caller, &id).await?;
            return Ok(Redirect::to("/admin/users?done=sessions_ended").into_response());
        }
        "delete" => {
            app.studio.delete_user(&caller, &id).await?;
            return Ok(Redirect::to("/admin/users?done=user_deleted").into_response());
        }
        "reset" => {
            let name = app.studio.user(&id).await?.name;
            let token = app.studio.issue_reset(&caller, &id).await?;
            let link = link(&frame, &format!("/reset?token={token}"));
            return made(&app, &frame, Made::Account { name, link }).await;
        }
        _ => {
            let text = "The form asks for something that is not done here.";
            return Err(Fault::invalid("unknown_act", text).field("act").into());
        }
    }
    app.studio.update_user(&caller, &id, &change).await?;
    Ok(Redirect::to("/admin/users?done=user_changed").into_response())
}

/// The page with what was just made, and is shown this once.
pub(super) async fn made(app: &App, frame: &Frame, made: Made) -> Result<Response, ApiError> {
    let mut view = load(app, UserQuery::default(), "").await?;
    view.made = Some(made);
    Ok(Html(view::render(&view, frame)).into_response())
}

/// The page with what is wrong, and what was filled in.
pub(super) async fn again(
    app: &App,
    frame: &Frame,
    posted: &Posted,
    fault: Fault,
) -> Result<Response, ApiError> {
    let (status, _) = status_of(fault.kind);
    if status.is_server_error() {
        return Err(fault.into());
    }
    let mut view = load(app, UserQuery::default(), "").await?;
    view.given = ["name", "email", "role", "invite_email"]
        .map(|name| (name, posted.get(name).to_owned()))
        .to_vec();
    view.errors.push(FieldError {
        field: fault.field.clone().unwrap_or_else(|| "name".to_owned()),
        message: told(frame.lang, &fault),
    });
    Ok((status, Html(view::render(&view, frame))).into_response())
}

/// A link to give to somebody.
pub(super) fn link(frame: &Frame, path: &str) -> String {
    format!("{}{path}", frame.base_url)
}
