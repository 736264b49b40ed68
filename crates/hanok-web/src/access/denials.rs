//! Which refusals the audit log is told of: of those who showed a credential. That nobody is signed in is no
//! denial.

use axum::extract::MatchedPath;
use axum::http::request::Parts;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::audit::Denial;

use super::client::Client;
use super::credential::{self, Shown};
use super::guard::{GuardState, Refused, origin_of};

/// The longest beginning of a credential that is looked at.
const LOOKED_AT: usize = 64;

/// Counts a refusal, if it is one to be told.
pub(super) fn note(state: &GuardState, request: &Parts, fault: &Fault) {
    if !matches!(
        fault.kind,
        FaultKind::Unauthenticated | FaultKind::Forbidden
    ) {
        return;
    }
    let refused = request.extensions.get::<Refused>();
    let secure = Client::of(request).secure;
    let credential = match credential::shown(&request.headers, secure) {
        Ok(Shown::Bearer(text) | Shown::Key(text) | Shown::Session(text)) => Some(text),
        // Something that is no credential was shown as one.
        Err(_) if credential::any(&request.headers, secure) => Some("malformed"),
        Err(_) => None,
    };
    if refused.is_none() && credential.is_none() {
        return;
    }
    let template = request.extensions.get::<MatchedPath>();
    let template = template.map_or("-", MatchedPath::as_str);
    state.app.studio.note_denial(Denial {
        origin: origin_of(request),
        caller: refused.map(|refused| refused.0.clone()),
        credential: credential
            .filter(|_| refused.is_none())
            .map(|text| text.chars().take(LOOKED_AT).collect()),
        route: format!("{} {template}", request.method),
        code: fault.code.to_string(),
    });
}
