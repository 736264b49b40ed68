//! `/api/v1/account/second-factor` and `…/identities`: what else the caller signs in with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use hanok_studio::accounts::second_factor::{RecoveryCodes, SecondFactorView};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Json as Body;
use crate::ui::second_factor::qr;

/// A code of the authenticator app, or a recovery code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    code: String,
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<SecondFactorView>, ApiError> {
    Ok(Json(app.studio.second_factor(&caller).await?))
}

pub(super) async fn offer(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let offer = app.studio.offer_second_factor(&caller).await?;
    let body = json!({
        "object": offer.object,
        "secret": offer.secret,
        "qr_svg": qr::svg(&offer.otpauth_url, "").0,
        "otpauth_url": offer.otpauth_url,
    });
    Ok((StatusCode::CREATED, Json(body)))
}

pub(super) async fn confirm(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<Code>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let codes = app.studio.confirm_second_factor(&caller, &body.code);
    Ok(Json(codes.await?))
}

pub(super) async fn recovery_codes(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<Code>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let codes = app.studio.renew_recovery_codes(&caller, &body.code);
    Ok(Json(codes.await?))
}

pub(super) async fn disable(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<Code>,
) -> Result<StatusCode, ApiError> {
    let done = app.studio.disable_second_factor(&caller, &body.code);
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn identities(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<Value>, ApiError> {
    let data = app.studio.identities(&caller).await?;
    Ok(Json(json!({ "object": "list", "data": data })))
}
