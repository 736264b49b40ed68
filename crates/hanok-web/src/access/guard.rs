//! The guard in front of every route: finds the caller and asks for the route's policy.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::UserRole;
use hanok_studio::access::{Approach, Caller, Credential, Origin};

use super::client::Client;
use super::credential::{self, Shown};
use super::refusal::{forbidden, out_of_scope, second_factor_needed};
use super::{denials, lasting, loopback, origin};
use crate::answer;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::RequestId;
use crate::gate::{self, Class};
use crate::routes::Policy;

/// How long a caller on loopback is looked up.
const NEAR_PATIENCE: Duration = Duration::from_millis(300);

/// Names the project that a request is in.
const PROJECT: &str = "openai-project";

/// What is kept of a client's name for itself.
const MAX_AGENT: usize = 200;

/// Where a second factor is enrolled.
const ENROL: &str = "/account/second-factor";

/// What a route's guard knows.
#[derive(Clone)]
pub struct GuardState {
    /// The app.
    pub app: App,
    /// The route's policy.
    pub policy: Policy,
    /// Whether the route is a page.
    pub page: bool,
    /// What the route costs.
    pub class: Class,
    /// Whether its body is an upload.
    pub upload: bool,
    /// Whether clients may keep its answer and ask whether it has changed.
    pub kept: bool,
    /// Its media types; any where there are none.
    pub offers: Arc<[&'static str]>,
}

/// The caller, as handlers receive it.
#[derive(Debug, Clone)]
pub struct Signed(pub Caller);

/// Somebody who is known and may not do this.
#[derive(Debug, Clone)]
pub(super) struct Refused(pub(super) Caller);

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| ApiError(unauthenticated()))
    }
}

/// Where a request came from, as handlers receive it.
#[derive(Debug, Clone)]
pub struct Came(pub Origin);

impl<S: Sync> FromRequestParts<S> for Came {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(origin_of(parts)))
    }
}

/// The same answer whatever the reason, so that nothing can be learned from it.
pub fn unauthenticated() -> Fault {
    Fault::new(
        FaultKind::Unauthenticated,
        "invalid_api_key",
        "No valid credential was given.",
    )
    .remedy("Send an API key as 'Authorization: Bearer hk_…', or sign in at /login.")
}

/// Lets a request through to its route, or answers for it.
pub async fn guard(State(state): State<GuardState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (passed, allowed) = gate::admit(&state, &mut parts).await;
    if let Err(fault) = &allowed {
        denials::note(&state, &parts, fault);
    }
    let signed = parts.extensions.get::<Signed>().cloned();
    let mut response = match allowed {
        Ok(()) => {
            let response = answer::answer(&state, parts, body, next).await;
            match signed {
                Some(Signed(caller)) => lasting::bound(&state.app, &caller, response),
                None => response,
            }
        }
        Err(fault) if state.page && fault.kind == FaultKind::Unauthenticated => {
            Redirect::to("/login").into_response()
        }
        Err(fault) if state.page && fault.code == "second_factor_needed" => {
            Redirect::to(ENROL).into_response()
        }
        Err(fault) => ApiError(fault).into_response(),
    };
    passed.tell(response.headers_mut());
    response
}

/// Asks for the route's policy.
pub(crate) async fn check(state: &GuardState, parts: &mut Parts) -> Result<(), Fault> {
    match state.policy {
        // Nobody is signed in yet, but another site's page must not sign anybody in either.
        Policy::Public => own_origin(parts),
        Policy::Worker => token_matches(&parts.headers, &state.app.config.worker_token),
        Policy::Local => token_matches(&parts.headers, &state.app.config.local_token),
        Policy::Near => check_near(state, parts).await,
        Policy::Scrape => check_scrape(&state.app, parts).await,
        Policy::Viewer | Policy::Editor | Policy::Owner | Policy::Account | Policy::Admin => {
            check_caller(state, parts).await
        }
    }
}

async fn check_caller(state: &GuardState, request: &mut Parts) -> Result<(), Fault> {
    let mut caller = find_caller(&state.app, request).await?;
    caller.origin = origin_of(request);
    let enough = match state.policy {
        Policy::Viewer | Policy::Near => caller.may_read(),
        Policy::Editor => caller.may_write(),
        Policy::Account => !matches!(caller.credential, Credential::Key { .. }),
        Policy::Admin => caller.may_administer(),
        _ => caller.may_own(),
    };
    if !enough {
        request.extensions.insert(Refused(caller));
        return Err(forbidden());
    }
    state.app.studio.note_key_use(&caller).await;
    request.extensions.insert(Signed(caller));
    Ok(())
}

/// Whoever is near may pass unknown; who shows a credential is known all the same.
async fn check_near(state: &GuardState, request: &mut Parts) -> Result<(), Fault> {
    if !loopback::is_near(request) {
        return check_caller(state, request).await;
    }
    // Health is asked when the database hangs: who is near does not wait for it.
    let known = tokio::time::timeout(NEAR_PATIENCE, check_caller(state, request)).await;
    if let Ok(Err(fault)) = known {
        tracing::debug!(%fault, "a near caller stays unknown");
    }
    Ok(())
}

/// Where a request came from, as the log of what was done keeps it.
pub fn origin_of(request: &Parts) -> Origin {
    let agent = request.headers.get(header::USER_AGENT);
    let agent = agent.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let id = request.extensions.get::<RequestId>();
    Origin {
        address: Client::of(request).address.to_string(),
        user_agent: agent.chars().take(MAX_AGENT).collect(),
        request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
    }
}

async fn check_scrape(app: &App, request: &Parts) -> Result<(), Fault> {
    if loopback::is_near(request) {
        return Ok(());
    }
    let token = app.config.metrics_token.as_deref();
    if token.is_some_and(|token| token_matches(&request.headers, token).is_ok()) {
        return Ok(());
    }
    match find_caller(app, request).await?.user_role {
        UserRole::Admin => Ok(()),
        _ => Err(forbidden()),
    }
}

/// Finds who calls, and keeps an account that must have a second factor and has none to its enrolment.
async fn find_caller(app: &App, request: &Parts) -> Result<Caller, Fault> {
    let caller = known_caller(app, request).await?;
    match app.studio.must_enrol(&caller) && !enrolment(request.uri.path()) {
        true => Err(second_factor_needed()),
        false => Ok(caller),
    }
}

/// Whose the one credential of a request is; a cookie needs our own origin.
async fn known_caller(app: &App, request: &Parts) -> Result<Caller, Fault> {
    let studio = &app.studio;
    let headers = &request.headers;
    let client = Client::of(request);
    let address = client.address.to_string();
    let approach = &Approach {
        project: named_project(headers)?,
        address: &address,
    };
    let found = match credential::shown(headers, client.secure)? {
        Shown::Bearer(token) if is_local(app, token) => {
            return studio.local_caller_in(approach).await;
        }
        Shown::Bearer(text) => studio.bearer_caller(text, approach).await?,
        Shown::Key(key) => studio.key_caller(key, approach).await?,
        Shown::Session(token) => {
            let caller = studio.session_caller(token, approach).await?;
            let caller = caller.ok_or_else(unauthenticated)?;
            own_origin(request)?;
            return Ok(caller);
        }
    };
    let caller = found.ok_or_else(unauthenticated)?;
    let (path, reads) = (request.uri.path(), request.method.is_safe());
    match caller.scopes.permit_request(path, reads) {
        true => Ok(caller),
        false => Err(out_of_scope()),
    }
}

fn is_local(app: &App, token: &str) -> bool {
    constant_time_eq(token.as_bytes(), app.config.local_token.as_bytes())
}

/// What an account may do before it has the second factor that it must have.
fn enrolment(path: &str) -> bool {
    let places = [ENROL, "/api/v1/account/second-factor", "/logout"];
    places.iter().any(|place| {
        let below = path.strip_prefix(place);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The project that a request names, in OpenAI's words.
fn named_project(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let Some(value) = headers.get(PROJECT) else {
        return Ok(None);
    };
    let name = value.to_str().ok().filter(|name| name.len() <= 200);
    let name = name.ok_or_else(|| Fault::not_found("project", "?"))?;
    Ok(Some(name.trim()).filter(|name| !name.is_empty()))
}

fn own_origin(request: &Parts) -> Result<(), Fault> {
    let secure = Client::of(request).secure;
    if origin::same_origin(&request.method, &request.headers, &request.uri)
        && (!secure || origin::is_encrypted(&request.method, &request.headers))
    {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Forbidden,
        "cross_site_request",
        "This request comes from another site's page.",
    ))
}

fn token_matches(headers: &HeaderMap, expected: &str) -> Result<(), Fault> {
    match credential::bearer(headers)? {
        Some(token) if constant_time_eq(token.as_bytes(), expected.as_bytes()) => Ok(()),
        _ => Err(unauthenticated()),
    }
}

/// Compares without telling by time where the first difference is.
pub(crate) fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == 0
}
