//! One cell: what is expected of it, the request, and the verdict on the answer.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use hanok_web::access::{cookie, csrf};
use tower::ServiceExt;

use super::Stage;
use super::cast::{Actor, Bound, ONE_ROUTE, Shown};
use super::table::{Asks, Line, Policy};
use crate::world::request;

/// Whose the thing is that the path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The path names nothing.
    Nobody,
    Own,
    Others,
    Absent,
}

/// Bodies of routes that refuse to look further without one.
const BODIES: &[(&str, &str, &str)] = &[
    ("POST", "/api/v1/projects/{id}", r#"{"name":"renamed"}"#),
    (
        "POST",
        "/api/v1/projects/{id}/members",
        r#"{"user":"outsider","role":"viewer"}"#,
    ),
    (
        "POST",
        "/api/v1/projects/{id}/members/{user}",
        r#"{"role":"editor"}"#,
    ),
    (
        "POST",
        "/api/v1/projects/{id}/service-accounts",
        r#"{"name":"ci"}"#,
    ),
    ("POST", "/api/v1/users/{id}", r#"{"approve":true}"#),
    ("POST", "/api/v1/datasets/{id}/share", GIFT),
    ("POST", "/api/v1/models/{id}/share", GIFT),
];

/// To the project of who comes, whose id stands for `$here`.
const GIFT: &str = r#"{"project":"$here"}"#;

/// Fields of forms that are refused without them.
const FIELDS: &[(&str, &str)] = &[
    ("/admin/users/{id}", "act=enable&"),
    ("/datasets/{id}/share", "project=$here&"),
    ("/models/{id}/share", "project=$here&"),
];

/// What is to become of an actor at a route.
pub fn expected(policy: &Policy, line: &Line, actor: &Actor, whose: Whose) -> char {
    let fate = |who: &str| policy.at(who, actor.column);
    let own = fate(&line.who).unwrap_or_else(|| panic!("no row '{}'", line.who));
    if own != '1' && line.who != "public" && !passes(line, actor) {
        return '3';
    }
    if !matches!(whose, Whose::Others | Whose::Absent) || line.who == "public" {
        return own;
    }
    match (own, fate(&format!("{}/other", line.who))) {
        (_, Some('+')) if whose == Whose::Absent => '4',
        (_, Some(other)) => other,
        ('+', None) => '4',
        (refused, None) => refused,
    }
}

/// Whether the scopes of a key let it to the route.
fn passes(line: &Line, actor: &Actor) -> bool {
    match actor.bound {
        None => true,
        Some(Bound::ReadOnly) => line.asks != Asks::Write,
        Some(Bound::Route) => line.path == ONE_ROUTE,
        Some(Bound::Model) => matches!(line.asks, Asks::Call | Asks::List),
    }
}

/// The path with ids in it.
pub fn fill(path: &str, ids: &[String]) -> String {
    let mut ids = ids.iter();
    path.split('/')
        .map(|part| match part.starts_with('{') {
            true => ids.next().map_or("none", String::as_str),
            false => part,
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// The answer, without the end of streams.
pub struct Got {
    pub status: StatusCode,
    pub code: String,
    pub to_login: bool,
    pub text: String,
}

pub async fn ask(stage: &Stage, line: &Line, page: bool, path: &str, actor: &Actor) -> Got {
    let world = &stage.world;
    let here = match actor.at_home {
        true => &stage.home.project,
        false => &stage.here.project,
    };
    let method = Method::from_bytes(line.method.as_bytes()).unwrap();
    let response = world
        .router
        .clone()
        .oneshot(build(line, &method, page, path, actor, here))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let header = |name: &str| {
        let value = parts.headers.get(name).and_then(|v| v.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let text = match header("content-type").starts_with("text/event-stream") {
        true => String::new(),
        false => {
            let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Got {
        status: parts.status,
        code: json["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        to_login: header("location") == "/login",
        text,
    }
}

fn build(
    line: &Line,
    method: &Method,
    page: bool,
    path: &str,
    actor: &Actor,
    here: &str,
) -> Request<Body> {
    let mut request = request(method.clone(), path);
    let mut form = String::new();
    match &actor.shown {
        Shown::Nothing => {}
        Shown::Header(value) => request = request.header("authorization", value),
        Shown::Cookie(token) => {
            request = request.header("cookie", format!("hanok_session={token}"));
            form = format!("csrf={}", csrf::mask(&cookie::csrf_token(token)));
        }
    }
    let fields = FIELDS.iter().find(|(path, _)| *path == line.path);
    let fields = fields.map_or("", |(_, text)| text).replace("$here", here);
    form.insert_str(0, &fields);
    if let Some(project) = &actor.names {
        request = request.header("openai-project", project);
    }
    let body = BODIES
        .iter()
        .find(|(method, path, _)| *method == line.method && *path == line.path);
    let body = match body {
        Some((_, _, json)) => {
            request = request.header("content-type", "application/json");
            Body::from(json.replace("$here", here))
        }
        None if page && method == Method::POST => {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            Body::from(form)
        }
        None => Body::empty(),
    };
    request.body(body).unwrap()
}

/// What became of a request, in the letters of the table; `?` for what must never be.
pub fn verdict(line: &Line, page: bool, got: &Got) -> char {
    match got.status {
        StatusCode::INTERNAL_SERVER_ERROR => '?',
        StatusCode::UNAUTHORIZED if page && line.path != "/login" => '?',
        StatusCode::UNAUTHORIZED if got.code == "invalid_api_key" => '1',
        StatusCode::SEE_OTHER if got.to_login && line.path != "/logout" => '1',
        StatusCode::SEE_OTHER if got.to_login => '>',
        // The guard let it pass; the form carries no token of its session.
        StatusCode::FORBIDDEN if got.code == "stale_form" => '+',
        StatusCode::FORBIDDEN => '3',
        // A path that names nothing: what is not there is what the body names, or the project.
        StatusCode::NOT_FOUND if line.kind.is_none() && !got.text.contains("no project") => '+',
        StatusCode::NOT_FOUND => '4',
        _ => '+',
    }
}
