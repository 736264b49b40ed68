//! The guard in front of every route: finds the caller and asks for the route's policy.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::UserRole;
use hanok_studio::access::{Caller, Credential, Origin};

use super::client::Client;
use super::{cookie, denials, lasting, loopback, origin};
use crate::answer;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::RequestId;
use crate::gate::{self, Class};
use crate::routes::Policy;

/// How long a caller on loopback is looked up.
const NEAR_PATIENCE: Duration = Duration::from_millis(300);

/// What is kept of a client's name for itself.
const MAX_AGENT: usize = 200;

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
        Policy::Viewer => caller.may_read(),
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

/// Finds who calls: a bearer credential wins over the cookie; a cookie needs our own origin.
async fn find_caller(app: &App, request: &Parts) -> Result<Caller, Fault> {
    let headers = &request.headers;
    if let Some(token) = bearer(headers)? {
        if constant_time_eq(token.as_bytes(), app.config.local_token.as_bytes()) {
            return app.studio.local_caller().await;
        }
        let caller = app.studio.caller_of_key(token).await?;
        let caller = caller.ok_or_else(unauthenticated)?;
        let (path, reads) = (request.uri.path(), request.method.is_safe());
        return match caller.scopes.permit_request(path, reads) {
            true => Ok(caller),
            false => Err(out_of_scope()),
        };
    }
    let secure = Client::of(request).secure;
    let token = cookie::session(headers, secure).ok_or_else(unauthenticated)?;
    let caller = app
        .studio
        .caller_of_session(token)
        .await?
        .ok_or_else(unauthenticated)?;
    own_origin(request)?;
    Ok(caller)
}

fn forbidden() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "forbidden",
        "Your role in this project does not permit this.",
    )
}

fn out_of_scope() -> Fault {
    Fault::new(
        FaultKind::Forbidden,
        "scope_denied",
        "The scopes of this key do not permit this.",
    )
    .remedy("'hanok key list' shows what a key is for.")
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

pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Fault> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty() && token.len() <= 512);
    token.map(Some).ok_or_else(unauthenticated)
}

fn token_matches(headers: &HeaderMap, expected: &str) -> Result<(), Fault> {
    match bearer(headers)? {
        Some(token) if constant_time_eq(token.as_bytes(), expected.as_bytes()) => Ok(()),
        _ => Err(unauthenticated()),
    }
}

/// Compares without telling by time where the first difference is.
pub(crate) fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == 0
}
