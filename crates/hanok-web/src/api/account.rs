//! Who the credential is, one's own account and sessions, and a secret to sign in with for whoever can read the data directory.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hanok_studio::accounts::{AccountView, ChangePassword, ChangeProfile};
use serde_json::{Value, json};

use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Json as Body;

pub(super) async fn me(Signed(caller): Signed) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({
        "object": "account",
        "user": { "id": caller.user_id, "name": caller.user_name, "role": caller.user_role },
        "project": { "id": caller.project_id, "role": caller.project_role },
    })))
}

/// A fresh one-time secret for the pages; earlier unused ones are void.
pub(super) async fn sign_in_secret(
    State(app): State<App>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let secret = app.studio.issue_sign_in_secret().await?;
    let body = json!({ "object": "sign_in_secret", "secret": secret });
    Ok((StatusCode::CREATED, Json(body)))
}

/// One's own account.
pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(app.studio.own_account(&caller).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<ChangeProfile>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(app.studio.change_profile(&caller, &body).await?))
}

/// The session that asks goes on under a new token; all others end.
pub(super) async fn password(
    client: Client,
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<ChangePassword>,
) -> Result<Response, ApiError> {
    let token = app.studio.change_password(&caller, &body).await?;
    let mut response = Json(json!({ "object": "password", "changed": true })).into_response();
    let cookie = token.and_then(|token| cookie::set_session(&token, client.secure));
    if let Some(value) = cookie {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

pub(super) async fn sessions(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Value>, ApiError> {
    let data = app.studio.sessions(&caller).await?;
    let last = data.last().map(|session| session.id.clone());
    Ok(Json(
        json!({ "object": "list", "data": data, "has_more": false, "last_id": last }),
    ))
}

pub(super) async fn end_session(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.end_session(&caller, &id).await?;
    Ok(Json(
        json!({ "id": id, "object": "session", "deleted": true }),
    ))
}

pub(super) async fn end_other_sessions(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Value>, ApiError> {
    let ended = app.studio.end_other_sessions(&caller).await?;
    Ok(Json(json!({ "object": "sessions", "ended": ended })))
}
