//! `POST /keys/{id}/rotate`: a key gets a successor, shown this once.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use hanok_studio::keys::RotateKey;

use super::list::load;
use super::view::{self, Made};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::visit::{Posted, Visit};

/// The old key stays for a day, so that programs can be given the new one.
const GRACE_HOURS: u32 = 24;

/// The action.
pub async fn rotate(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
    _: Posted,
) -> Result<Response, ApiError> {
    let how = RotateKey {
        grace_hours: GRACE_HOURS,
    };
    let key = app.studio.rotate_key(&caller, &id, how).await?;
    let mut view = load(&app, &caller, String::new()).await?;
    view.made = Some(Made {
        name: key.name,
        key: key.key,
    });
    Ok((StatusCode::CREATED, Html(view::render(&view, &frame))).into_response())
}
