//! `/api/v1/users` and `/api/v1/invitations`: accounts by administrators.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, request::Parts};
use hanok_studio::accounts::{AccountView, CreateUser, NewInvite, UpdateUser, UserQuery};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::access::host;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, Optional, Query};

/// Which accounts, and which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    role: String,
    state: String,
    after: Option<String>,
    limit: Option<u64>,
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageQuery {
        after: query.after,
        limit: query.limit,
    };
    let wanted = UserQuery {
        q: query.q,
        role: query.role,
        state: query.state,
    };
    page::list(app.studio.users(&wanted, page.into()).await?)
}

pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(app.studio.user(&id).await?))
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    parts: Parts,
    Body(body): Body<CreateUser>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (user, token) = app.studio.create_user(&caller, &body).await?;
    let mut answer = json!(user);
    answer["reset_link"] = json!(token.map(|token| link(&app, &parts, "/reset?token=", &token)));
    Ok((StatusCode::CREATED, Json(answer)))
}

pub(super) async fn update(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<UpdateUser>,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(app.studio.update_user(&caller, &id, &body).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let id = app.studio.delete_user(&caller, &id).await?;
    Ok(Json(json!({ "id": id, "object": "user", "deleted": true })))
}

pub(super) async fn reset(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let token = app.studio.issue_reset(&caller, &id).await?;
    let link = link(&app, &parts, "/reset?token=", &token);
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "password_reset", "link": link })),
    ))
}

pub(super) async fn end_sessions(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let ended = app.studio.end_sessions_of(&caller, &id).await?;
    Ok(Json(json!({ "object": "sessions", "ended": ended })))
}

pub(super) async fn invitations(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.invitations(query.into()).await?)
}

pub(super) async fn invite(
    State(app): State<App>,
    Signed(caller): Signed,
    parts: Parts,
    Optional(body): Optional<NewInvite>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let (made, token) = app.studio.invite(&caller, &body).await?;
    let mut answer = json!(made);
    let link = token.map(|token| link(&app, &parts, "/register?invitation=", &token));
    answer["link"] = json!(link);
    Ok((StatusCode::CREATED, Json(answer)))
}

pub(super) async fn revoke_invitation(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.revoke_invitation(&caller, &id).await?;
    Ok(Json(
        json!({ "id": id, "object": "invitation", "deleted": true }),
    ))
}

/// A link to give to somebody, at the address that people use.
fn link(app: &App, parts: &Parts, path: &str, token: &str) -> String {
    let base = app.config.public_url.clone().unwrap_or_else(|| {
        let host = host::authority(&parts.headers, &parts.uri);
        format!("http://{}", host.unwrap_or_else(|| "127.0.0.1".to_owned()))
    });
    format!("{base}{path}{token}")
}
