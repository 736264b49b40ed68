//! Invitations made and taken back on the page.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use hanok_studio::accounts::NewInvite;

use super::change::{again, link, made};
use super::view::Made;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// `POST /admin/invitations`.
pub async fn invite(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let new = NewInvite {
        email: Some(posted.get("invite_email").to_owned()),
        role: Some(posted.get("invite_role").to_owned()).filter(|role| !role.is_empty()),
        language: Some(frame.lang.code().to_owned()),
        ..NewInvite::default()
    };
    match app.studio.invite(&caller, &new).await {
        Ok((_, Some(token))) => {
            let link = link(&frame, &format!("/register?invitation={token}"));
            made(&app, &frame, Made::Invitation { link }).await
        }
        Ok((_, None)) => Ok(Redirect::to("/admin/users?done=invited").into_response()),
        Err(mut fault) => {
            fault.field = Some("invite_email".to_owned());
            again(&app, &frame, &posted, fault).await
        }
    }
}

/// `POST /admin/invitations/{id}/revoke`.
pub async fn revoke(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Redirect, ApiError> {
    app.studio.revoke_invitation(&caller, &id).await?;
    Ok(Redirect::to("/admin/users?done=invitation_revoked"))
}
