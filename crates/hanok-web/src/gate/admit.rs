//! A request on its way to its route: guessing is slowed, the policy asked for, the caller's limit counted.

use axum::http::header;
use axum::http::request::Parts;
use hanok_domain::fault::{Fault, FaultKind};

use super::{Attempt, Class, Passed};
use crate::access::client::Client;
use crate::access::guard::{self, GuardState, Signed};
use crate::access::{cookie, loopback};
use crate::routes::Policy;

/// Whether a request may go on, and what its answer tells of its limit.
pub async fn admit(state: &GuardState, request: &mut Parts) -> (Passed, Result<(), Fault>) {
    let gate = &state.app.gate;
    let attempt = Attempt {
        address: Client::of(request).address,
        credential: shown(request),
    };
    let near = is_near(state, request);
    if !near && looks_up(state, &attempt) {
        let tried = gate.attempt(&attempt).await;
        if let Some(fault) = tried.fault() {
            return (tried, Err(fault));
        }
    }
    match guard::check(state, request).await {
        Ok(()) => {
            gate.succeeded(&attempt);
            let signed = request.extensions.get::<Signed>();
            let caller = signed.map(|signed| &signed.0);
            let class = class_of(state, near);
            let passed = gate.pass(class, caller, attempt.address).await;
            (passed, passed.fault().map_or(Ok(()), Err))
        }
        Err(fault) if is_refusal(&fault) => {
            let failed = gate.failed(&attempt, fault.kind).await;
            match failed.fault() {
                Some(limited) => (failed, Err(limited)),
                // How many more may be guessed is nobody's to know.
                None => (Passed(None), Err(fault)),
            }
        }
        Err(fault) => (Passed(None), Err(fault)),
    }
}

fn is_refusal(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Unauthenticated | FaultKind::Forbidden
    )
}

/// Whether the credential leads to a look into the database. Tokens of this installation are only compared.
fn looks_up(state: &GuardState, attempt: &Attempt) -> bool {
    let local = &state.app.config.local_token;
    !matches!(
        state.policy,
        Policy::Public | Policy::Worker | Policy::Local
    ) && attempt
        .credential
        .as_ref()
        .is_some_and(|shown| !guard::constant_time_eq(shown.as_bytes(), local.as_bytes()))
}

/// Whether the caller is near where near is enough: it is not counted then.
fn is_near(state: &GuardState, request: &Parts) -> bool {
    matches!(state.policy, Policy::Near | Policy::Scrape) && loopback::is_near(request)
}

fn class_of(state: &GuardState, near: bool) -> Class {
    match state.policy {
        Policy::Worker | Policy::Local => Class::Exempt,
        _ if near => Class::Exempt,
        _ => state.class,
    }
}

/// What a request shows as its credential: the header's, else the session's.
fn shown(request: &Parts) -> Option<String> {
    let header = request.headers.get(header::AUTHORIZATION);
    match header {
        Some(value) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        None => {
            let secure = Client::of(request).secure;
            cookie::session(&request.headers, secure).map(str::to_owned)
        }
    }
    .map(|text| match text.split_once(' ') {
        Some((_, token)) => token.trim().to_owned(),
        None => text,
    })
}
