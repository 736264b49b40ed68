//! `POST /deployments`: a model is deployed.

use axum::extract::State;
use axum::response::Redirect;
use hanok_studio::deployments::Deploy;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::parts::encode;
use crate::ui::visit::Posted;

/// The action.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    posted: Posted,
) -> Result<Redirect, ApiError> {
    let deploy = Deploy {
        model: posted.get("model").to_owned(),
        name: None,
    };
    let made = app.studio.deploy(&caller, deploy, None).await?;
    let done = if made.state == "ready" {
        "deployed"
    } else {
        "deploying"
    };
    let model = encode(&made.model.id);
    Ok(Redirect::to(&format!(
        "/deployments?model={model}&done={done}"
    )))
}
