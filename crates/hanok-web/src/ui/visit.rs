//! What a page's handler receives: the frame with language, person, token and address; forms that
//! carry the session's token; where to go after a form.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::access::{Caller, Credential};

use super::frame::{Environment, Flash, Frame};
use super::lang::Lang;
use super::parts::Tone;
use crate::access::client::Client;
use crate::access::guard::Signed;
use crate::access::{cookie, csrf, host};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Form;

/// Name of the cookie with the language.
pub const LANGUAGE: &str = "hanok_lang";

/// The frame of a page, filled from the request.
pub struct Visit(pub Frame);

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Signed>().map(|signed| &signed.0);
        let mut frame = frame(app, parts, caller);
        if let Some(caller) = caller {
            frame.others = others(app, caller).await;
        }
        Ok(Self(frame))
    }
}

/// Where a person can go from here. A key and whoever is at a loss stay where they are.
async fn others(app: &App, caller: &Caller) -> Vec<(String, String)> {
    if !matches!(caller.credential, Credential::Session { .. }) {
        return Vec::new();
    }
    let all = app.studio.projects(caller).await.unwrap_or_default();
    all.into_iter()
        .filter(|project| project.id != caller.project_id && project.deleted_at.is_none())
        .map(|project| (project.id, project.name))
        .collect()
}

/// The frame for a request; without a caller it has no rooms.
pub fn frame(app: &App, parts: &Parts, caller: Option<&Caller>) -> Frame {
    let headers = &parts.headers;
    let query = parts.uri.query().unwrap_or_default();
    let accept = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let lang = Lang::choose(
        value(query, "lang"),
        cookie::read(headers, LANGUAGE),
        accept,
    );
    let client = Client::of(parts);
    let scheme = if client.secure { "https" } else { "http" };
    let host = host::authority(headers, &parts.uri).unwrap_or_else(|| "127.0.0.1".to_owned());
    Frame {
        lang,
        user: caller.map(|caller| caller.user_name.clone()),
        project: caller
            .map(|caller| caller.project_name.clone())
            .unwrap_or_default(),
        others: Vec::new(),
        admin: caller.is_some_and(Caller::may_administer),
        environment: Environment::parse(&app.config.environment),
        csrf: session_token(headers, client.secure)
            .map_or_else(String::new, |token| csrf::mask(&token)),
        path: parts.uri.path().to_owned(),
        base_url: app
            .config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("{scheme}://{host}")),
        now: now(),
        flash: flash(lang, value(query, "done")),
        docs: app.config.docs,
        rooms: app.config.protection.rooms.clone(),
        mail: app.studio.account_settings().mail.is_some(),
        registration: app.studio.account_settings().registration.is_public(),
        password_min: app.studio.account_settings().password_min,
    }
}

/// The plain value of a query's field; ours are words without escapes.
pub fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn flash(lang: Lang, done: Option<&str>) -> Option<Flash> {
    let text = lang.find(&format!("done.{}", done?))?;
    Some(Flash {
        tone: Tone::Ok,
        text: text.to_owned(),
        undo: None,
    })
}

/// The present time, µs UTC.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}

fn session_token(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie::session(headers, secure).map(cookie::csrf_token)
}

/// Checks the token of a form. A caller without a session cookie came with a credential that no
/// other site's page can send.
pub fn check_token(headers: &HeaderMap, secure: bool, given: Option<&str>) -> Result<(), Fault> {
    match session_token(headers, secure) {
        Some(token) if !given.is_some_and(|given| csrf::matches(&token, given)) => Err(Fault::new(
            FaultKind::Forbidden,
            "stale_form",
            "This form does not belong to your session.",
        )
        .remedy("Load the page again and send the form once more.")),
        _ => Ok(()),
    }
}

/// The fields of a form that carried its session's token.
pub struct Posted(BTreeMap<String, String>);

impl Posted {
    /// A field without blanks around it; empty where it is absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// A field as it was typed.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<App> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let (headers, secure) = (parts.headers.clone(), Client::of(&parts).secure);
        let request = Request::from_parts(parts, body);
        let Form(fields) = Form::<BTreeMap<String, String>>::from_request(request, app).await?;
        check_token(&headers, secure, fields.get("csrf").map(String::as_str))?;
        Ok(Self(fields))
    }
}

/// Where a sign-in may lead: a path of ours, never another site.
pub fn local_path(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        // A browser leaves tabs and line ends out, and what is left may begin with `//`.
        && !next.contains(|c: char| c == '\\' || c.is_control())
        && !next.starts_with("/login");
    if ours { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a19_sign_in_never_leads_elsewhere() {
        assert_eq!(local_path("/runs/run_a"), "/runs/run_a");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "%2f%2fevil.example",
            "javascript:alert(1)",
            "/\r\n/evil.example",
            "/login",
        ] {
            assert_eq!(local_path(bad), "/", "{bad}");
        }
    }

    #[test]
    fn a_form_of_another_session_is_refused() {
        let mut headers = HeaderMap::new();
        assert!(check_token(&headers, false, None).is_ok());
        headers.insert(header::COOKIE, "hanok_session=a".parse().unwrap());
        let masked = |session: &str| csrf::mask(&cookie::csrf_token(session));
        assert!(check_token(&headers, false, Some(&masked("a"))).is_ok());
        assert!(check_token(&headers, false, Some(&cookie::csrf_token("a"))).is_err());
        assert!(check_token(&headers, false, Some(&masked("b"))).is_err());
        assert!(check_token(&headers, false, None).is_err());
    }
}
