//! `POST /keys`: a key is made and shown, this once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_domain::limits::KeyLimits;
use hanok_studio::keys::NewKey;

use super::list::load;
use super::view::{self, Made, ROUTES};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::{ApiError, public, status_of};
use crate::ui::visit::{Posted, Visit};

/// The action.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    posted: Posted,
) -> Result<Response, ApiError> {
    let made = match asked(&posted) {
        Ok(new) => app.studio.create_key(&caller, new).await,
        Err(fault) => Err(fault),
    };
    let mut view = load(&app, &caller, String::new()).await?;
    let status = match made {
        Ok(key) => {
            view.made = Some(Made {
                name: key.name,
                key: key.key,
            });
            StatusCode::CREATED
        }
        Err(fault) => {
            let status = status_of(fault.kind).0;
            view.name = posted.get("name").to_owned();
            view.fault = Some(public(&fault));
            status
        }
    };
    Ok((status, Html(view::render(&view, &frame))).into_response())
}

fn asked(posted: &Posted) -> Result<NewKey, Fault> {
    let mut scopes = Vec::new();
    if !posted.get("read_only").is_empty() {
        scopes.push("read-only".to_owned());
    }
    let chosen = ROUTES
        .iter()
        .filter(|(field, _)| !posted.get(field).is_empty());
    scopes.extend(chosen.map(|(_, path)| format!("route:{path}")));
    let models = posted.get("models").split([' ', ',']);
    let models = models.filter(|name| !name.is_empty());
    scopes.extend(models.map(|name| format!("model:{name}")));
    Ok(NewKey {
        name: posted.get("name").to_owned(),
        scopes,
        expires_in_days: number(posted, "expires_in_days")?,
        limits: KeyLimits {
            requests_per_minute: number(posted, "requests_per_minute")?,
            expensive_per_minute: None,
            tokens_per_day: number(posted, "tokens_per_day")?,
        },
        service_account: None,
    })
}

/// A number that may be left out.
fn number<T: std::str::FromStr>(posted: &Posted, field: &'static str) -> Result<Option<T>, Fault> {
    let text = posted.get(field);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Fault::invalid("invalid_number", "This is not a whole number.").field(field);
    text.parse().map(Some).map_err(wrong)
}
