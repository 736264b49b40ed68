//! `/api/v1/auth`: sign-in, registration, verification, forgotten passwords; tokens for programs that act for a
//! person. A request that brings its own proof needs no other credential.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hanok_studio::access::Credential;
use hanok_studio::accounts::tokens::{Grant, TokenPair};
use hanok_studio::accounts::{Register, SignIn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::client::Client;
use crate::access::cookie;
use crate::access::guard::{Came, Signed};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Json as Body;

/// The token of a link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    token: String,
}

/// Who forgot a password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    email: String,
    #[serde(default)]
    language: Option<String>,
}

/// A new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    token: String,
    password: String,
}

pub(super) async fn login(
    State(app): State<App>,
    client: Client,
    Came(origin): Came,
    Body(body): Body<SignIn>,
) -> Result<Response, ApiError> {
    let token = app.studio.sign_in_with_password(&body, &origin).await?;
    let mut response = Json(json!({ "object": "session", "created": true })).into_response();
    if let Some(value) = cookie::set_session(&token, client.secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

pub(super) async fn logout(
    State(app): State<App>,
    client: Client,
    Signed(caller): Signed,
) -> Result<Response, ApiError> {
    if let Credential::Session { id } | Credential::Token { id } = &caller.credential {
        app.studio.end_session(&caller, id).await?;
    }
    let mut response = Json(json!({ "object": "session", "deleted": true })).into_response();
    if let Some(value) = cookie::clear_session(client.secure) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

pub(super) async fn register(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Register>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let ready = app.studio.register(&body, &origin).await?;
    let next = if ready { "sign_in" } else { "mail" };
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({ "object": "registration", "next": next })),
    ))
}

pub(super) async fn verify(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Link>,
) -> Result<Json<Value>, ApiError> {
    let ready = app.studio.verify_email(&body.token, &origin).await?;
    let next = if ready { "sign_in" } else { "approval" };
    Ok(Json(json!({ "object": "registration", "next": next })))
}

pub(super) async fn forgot(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Forgot>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let language = body.language.as_deref();
    app.studio
        .forgot_password(&body.email, language, &origin)
        .await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({ "object": "password_reset", "next": "mail" })),
    ))
}

pub(super) async fn reset(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Reset>,
) -> Result<Json<Value>, ApiError> {
    app.studio
        .reset_password(&body.token, &body.password, &origin)
        .await?;
    Ok(Json(
        json!({ "object": "password_reset", "next": "sign_in" }),
    ))
}

/// A refresh token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    refresh_token: String,
}

/// A token of either kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revoke {
    token: String,
}

pub(super) async fn token(
    State(app): State<App>,
    Came(origin): Came,
    Body(grant): Body<Grant>,
) -> Result<Json<TokenPair>, ApiError> {
    Ok(Json(app.studio.sign_in_for_tokens(&grant, &origin).await?))
}

pub(super) async fn refresh(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Refresh>,
) -> Result<Json<TokenPair>, ApiError> {
    let pair = app.studio.refresh_tokens(&body.refresh_token, &origin);
    Ok(Json(pair.await?))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Came(origin): Came,
    Body(body): Body<Revoke>,
) -> Result<StatusCode, ApiError> {
    app.studio.revoke_token(&body.token, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
