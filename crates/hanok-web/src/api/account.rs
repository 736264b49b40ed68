//! Who the credential is, and a secret to sign in with for whoever can read the data directory.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;

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
