//! `/api/v1/projects`: made, listed, renamed, put into the bin; who is in them, and their service accounts.
//! The project stands in the path, so the studio asks for the caller's role in that one.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use hanok_studio::projects::{
    CreatedServiceAccount, DeleteProject, MemberView, NewMember, NewRole, NewServiceAccount,
    NewTeam, ProjectView,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Json as Body, Optional};
use crate::routes::{Policy, Routes};

/// Mounts the noun.
pub(super) fn mount(routes: Routes) -> Routes {
    const ALL: &str = "/api/v1/projects";
    const ONE: &str = "/api/v1/projects/{id}";
    const MEMBERS: &str = "/api/v1/projects/{id}/members";
    const MEMBER: &str = "/api/v1/projects/{id}/members/{user}";
    const PROGRAMS: &str = "/api/v1/projects/{id}/service-accounts";
    const PROGRAM: &str = "/api/v1/projects/{id}/service-accounts/{user}";
    routes
        .get(ALL, Policy::Account, list)
        .post(ALL, Policy::Account, create)
        .get(ONE, Policy::Account, get)
        .post(ONE, Policy::Account, rename)
        .delete(ONE, Policy::Account, delete)
        .post("/api/v1/projects/{id}/restore", Policy::Account, restore)
        .post("/api/v1/projects/{id}/select", Policy::Account, select)
        .get(MEMBERS, Policy::Account, members)
        .post(MEMBERS, Policy::Account, add_member)
        .post(MEMBER, Policy::Account, change_member)
        .delete(MEMBER, Policy::Account, remove_member)
        .get(PROGRAMS, Policy::Account, programs)
        .post(PROGRAMS, Policy::Account, add_program)
        .delete(PROGRAM, Policy::Account, remove_program)
}

async fn list(State(app): State<App>, Signed(caller): Signed) -> Result<Json<Value>, ApiError> {
    Ok(whole(app.studio.projects(&caller).await?))
}

async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<NewTeam>,
) -> Result<(StatusCode, Json<ProjectView>), ApiError> {
    let project = app.studio.create_project(&caller, body, once).await?;
    Ok((StatusCode::CREATED, Json(project)))
}

async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<ProjectView>, ApiError> {
    Ok(Json(app.studio.project(&caller, &id).await?))
}

async fn rename(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<NewTeam>,
) -> Result<Json<ProjectView>, ApiError> {
    Ok(Json(app.studio.rename_project(&caller, &id, body).await?))
}

async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Optional(body): Optional<DeleteProject>,
) -> Result<Json<ProjectView>, ApiError> {
    Ok(Json(app.studio.delete_project(&caller, &id, body).await?))
}

async fn restore(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<ProjectView>, ApiError> {
    Ok(Json(app.studio.restore_project(&caller, &id).await?))
}

async fn select(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<ProjectView>, ApiError> {
    app.studio.select_project(&caller, &id).await?;
    Ok(Json(app.studio.project(&caller, &id).await?))
}

async fn members(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(whole(app.studio.members(&caller, &id).await?))
}

async fn add_member(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<NewMember>,
) -> Result<(StatusCode, Json<MemberView>), ApiError> {
    let member = app.studio.add_member(&caller, &id, body).await?;
    Ok((StatusCode::CREATED, Json(member)))
}

async fn change_member(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((id, user)): Path<(String, String)>,
    Body(body): Body<NewRole>,
) -> Result<Json<MemberView>, ApiError> {
    let member = app.studio.change_member(&caller, &id, &user, body).await?;
    Ok(Json(member))
}

async fn remove_member(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((id, user)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    app.studio.remove_member(&caller, &id, &user).await?;
    Ok(gone(&user, "project.member"))
}

async fn programs(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(whole(app.studio.service_accounts(&caller, &id).await?))
}

async fn add_program(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<NewServiceAccount>,
) -> Result<(StatusCode, Json<CreatedServiceAccount>), ApiError> {
    let made = app
        .studio
        .create_service_account(&caller, &id, body)
        .await?;
    Ok((StatusCode::CREATED, Json(made)))
}

async fn remove_program(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((id, user)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    app.studio
        .delete_service_account(&caller, &id, &user)
        .await?;
    Ok(gone(&user, "project.service_account"))
}

/// A list that has one page.
fn whole<T: Serialize>(items: Vec<T>) -> Json<Value> {
    Json(json!({ "object": "list", "data": items, "has_more": false, "last_id": null }))
}

fn gone(id: &str, what: &str) -> Json<Value> {
    Json(json!({ "id": id, "object": what, "deleted": true }))
}
