//! Rate limits: whose, of which class, what the answer tells, who is not counted.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use hanok_domain::limits::KeyLimits;
use hanok_domain::role::UserRole;
use hanok_studio::keys::NewKey;
use hanok_web::gate::{Class, Rates};

use crate::world::{Answer, LOCAL, WORKER, World, request};

const NEAR: &str = "127.0.0.1:5000";

async fn world(rates: Rates) -> World {
    World::with(|config| config.protection.rates = rates).await
}

fn rates(general: u32) -> Rates {
    Rates {
        general,
        ..Rates::default()
    }
}

/// A request from an address, with a bearer credential if there is one.
fn from(peer: &str, method: Method, path: &str, token: Option<&str>) -> Request<Body> {
    let mut made = request(method, path);
    if let Some(token) = token {
        made = made.header("authorization", format!("Bearer {token}"));
    }
    let mut made = made.body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    made.extensions_mut().insert(ConnectInfo(peer));
    made
}

async fn get(world: &World, path: &str, token: &str) -> Answer {
    let token = (!token.is_empty()).then_some(token);
    world.call(from(NEAR, Method::GET, path, token)).await
}

async fn key(world: &World, scopes: &[&str]) -> String {
    let caller = world.studio.local_caller().await.unwrap();
    let new = NewKey {
        name: "another".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        ..NewKey::default()
    };
    world.studio.create_key(&caller, new).await.unwrap().key
}

async fn sign_in(world: &World, peer: &str, forwarded: &str) -> StatusCode {
    let mut made = from(peer, Method::POST, "/login", None);
    let kind = "application/x-www-form-urlencoded".parse().unwrap();
    made.headers_mut().insert("content-type", kind);
    if !forwarded.is_empty() {
        let value = forwarded.parse().unwrap();
        made.headers_mut().insert("x-forwarded-for", value);
    }
    *made.body_mut() = Body::from("secret=wrong");
    world.call(made).await.status
}

#[tokio::test]
async fn each_key_has_a_limit_of_its_own_and_is_told_of_it() {
    let world = world(rates(3)).await;
    for left in ["2", "1", "0"] {
        let answer = get(&world, "/api/v1/runs", &world.key).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["x-ratelimit-limit-requests"], "3");
        assert_eq!(answer.headers["x-ratelimit-remaining-requests"], left);
        assert!(answer.headers.contains_key("x-ratelimit-reset-requests"));
        assert!(!answer.headers.contains_key("retry-after"));
    }
    let refused = get(&world, "/api/v1/datasets", &world.key).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let error = &refused.json()["error"];
    assert_eq!(error["code"], "rate_limit_exceeded");
    assert_eq!(error["type"], "requests");
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(refused.headers["x-ratelimit-remaining-requests"], "0");
    let other = key(&world, &[]).await;
    assert_eq!(
        get(&world, "/api/v1/runs", &other).await.status,
        StatusCode::OK
    );
    let told = world.api(Method::GET, "/metrics", None).await;
    assert_eq!(told.status, StatusCode::OK, "figures are not counted");
    for line in [
        "hanok_rate_limit_requests_total{class=\"general\",outcome=\"allowed\"} 4",
        "hanok_rate_limit_requests_total{class=\"general\",outcome=\"refused\"} 1",
    ] {
        assert!(told.text.contains(line), "{line}: {}", told.text);
    }
}

#[tokio::test]
async fn the_sessions_of_a_person_count_together_and_are_refused_with_a_page() {
    let world = world(rates(2)).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let mut made = from(NEAR, Method::GET, "/runs", None);
        let cookie = format!("hanok_session={}", world.session().await);
        made.headers_mut().insert("cookie", cookie.parse().unwrap());
        made.headers_mut()
            .insert("accept", "text/html".parse().unwrap());
        answers.push(world.call(made).await);
    }
    assert_eq!(answers[1].status, StatusCode::OK, "{}", answers[1].text);
    assert_eq!(answers[2].status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answers[2].text.starts_with("<!doctype html>"));
    assert!(answers[2].headers.contains_key("retry-after"));
    assert!(
        answers[2]
            .headers
            .contains_key("x-ratelimit-limit-requests")
    );
}

#[tokio::test]
async fn a25_addresses_are_those_of_the_peer_and_networks_count_together() {
    let limits = Rates {
        expensive: 2,
        ..Rates::default()
    };
    let world = world(limits).await;
    for n in 0..2 {
        let said = format!("198.51.100.{n}");
        assert_eq!(sign_in(&world, "192.0.2.1:1", &said).await, 401);
    }
    assert_eq!(sign_in(&world, "192.0.2.1:2", "203.0.113.9").await, 429);
    assert_eq!(sign_in(&world, "[::ffff:192.0.2.1]:3", "").await, 429);
    assert_eq!(sign_in(&world, "192.0.2.2:1", "192.0.2.1").await, 401);
    for host in ["[2001:db8:1:2::1]:1", "[2001:db8:1:2:3:4:5:6]:1"] {
        assert_eq!(sign_in(&world, host, "").await, 401);
    }
    assert_eq!(sign_in(&world, "[2001:db8:1:2:ffff::]:1", "").await, 429);
    assert_eq!(sign_in(&world, "[2001:db8:1:3::1]:1", "").await, 401);
    let page = world.call(from("192.0.2.1:4", Method::GET, "/login", None));
    assert_eq!(
        page.await.status,
        200,
        "the page itself is of another class"
    );
}

#[tokio::test]
async fn classes_count_apart_and_nought_is_no_limit() {
    let limits = Rates {
        expensive: 1,
        inference: 2,
        ..Rates::default()
    };
    let world = world(limits).await;
    for _ in 0..20 {
        let answer = get(&world, "/api/v1/runs", &world.key).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.headers.contains_key("x-ratelimit-limit-requests"));
    }
    let post = |path: &'static str| {
        let made = from(NEAR, Method::POST, path, Some(&world.key));
        world.call(made)
    };
    assert_eq!(post("/api/v1/runs").await.status, 415);
    let refused = post("/api/v1/evals").await;
    assert_eq!(refused.status, 429, "expensive ones count together");
    assert_eq!(refused.headers["x-ratelimit-limit-requests"], "1");
    for status in [415, 415, 429] {
        assert_eq!(post("/v1/chat/completions").await.status, status);
    }
}

#[tokio::test]
async fn guessing_is_slow_and_does_not_stop_those_at_work() {
    let limits = Rates {
        failures: 3,
        ..Rates::default()
    };
    let world = world(limits).await;
    let fresh = key(&world, &[]).await;
    assert_eq!(get(&world, "/v1/models", &world.key).await.status, 200);
    for n in 0..3 {
        let wrong = format!("hk_wrong{n}");
        let answer = get(&world, "/v1/models", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!answer.headers.contains_key("x-ratelimit-limit-requests"));
    }
    let limited = get(&world, "/v1/models", "hk_wrong9").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.headers.contains_key("retry-after"));
    // The right one among the guesses is not told apart, the one that was at work before goes on.
    assert_eq!(get(&world, "/v1/models", &fresh).await.status, 429);
    assert_eq!(get(&world, "/v1/models", &world.key).await.status, 200);
    let elsewhere = from("192.0.2.9:1", Method::GET, "/v1/models", Some(&fresh));
    assert_eq!(world.call(elsewhere).await.status, StatusCode::OK);
    // Tokens of this installation are not looked up, so nobody can shut them out.
    assert_eq!(get(&world, "/v1/models", LOCAL).await.status, 200);
}

#[tokio::test]
async fn whoever_shows_nothing_counts_by_address() {
    let world = world(rates(2)).await;
    for status in [401, 401, 429] {
        assert_eq!(get(&world, "/v1/models", "").await.status, status);
    }
    assert_eq!(get(&world, "/v1/models", &world.key).await.status, 200);
}

#[tokio::test]
async fn health_files_workers_and_commands_are_not_counted() {
    let limits = Rates {
        general: 1,
        expensive: 1,
        inference: 1,
        failures: 1,
    };
    let world = world(limits).await;
    let page = get(&world, "/login", "").await.text;
    let style = page.split('"').find(|part| part.ends_with("hanok.css"));
    let style = style.unwrap().to_owned();
    for _ in 0..5 {
        for path in ["/health", "/health/live", "/metrics", "/docs", &style] {
            let answer = get(&world, path, "").await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        }
        assert_eq!(get(&world, "/api/v1/runs", LOCAL).await.status, 200);
        let lease = from(NEAR, Method::POST, "/worker/v1/lease", Some(WORKER));
        assert_eq!(world.call(lease).await.status, 415);
    }
}

#[tokio::test]
async fn a_key_for_load_has_no_limits_and_only_an_administrator_makes_one() {
    let world = world(rates(1)).await;
    let load = key(&world, &["rate:exempt"]).await;
    for _ in 0..5 {
        assert_eq!(get(&world, "/api/v1/runs", &load).await.status, 200);
    }
    let mut caller = world.studio.local_caller().await.unwrap();
    caller.user_role = UserRole::User;
    let new = NewKey {
        name: "load".into(),
        scopes: vec!["rate:exempt".into()],
        ..NewKey::default()
    };
    let refused = world.studio.create_key(&caller, new).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("scopes"));
}

#[tokio::test]
async fn a_key_has_bounds_of_its_own_below_those_of_all() {
    let world = world(rates(5)).await;
    let caller = world.studio.local_caller().await.unwrap();
    let bounded = async |scopes: &[&str], requests, expensive| {
        let new = NewKey {
            name: "bounded".into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            limits: KeyLimits {
                requests_per_minute: requests,
                expensive_per_minute: expensive,
                tokens_per_day: None,
            },
            ..NewKey::default()
        };
        world.studio.create_key(&caller, new).await.unwrap().key
    };
    let post = async |path, token: &str| {
        let made = from(NEAR, Method::POST, path, Some(token));
        world.call(made).await
    };
    let narrow = bounded(&[], Some(2), None).await;
    let first = get(&world, "/api/v1/runs", &narrow).await;
    assert_eq!(first.headers["x-ratelimit-limit-requests"], "2");
    assert_eq!(post("/v1/embeddings", &narrow).await.status, 415);
    let refused = get(&world, "/api/v1/runs", &narrow).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["x-ratelimit-limit-requests"], "2");
    // What computes is bounded together, whatever it is; the rest is not.
    let computing = bounded(&[], None, Some(1)).await;
    assert_eq!(post("/v1/embeddings", &computing).await.status, 415);
    assert_eq!(post("/api/v1/runs", &computing).await.status, 429);
    assert_eq!(get(&world, "/api/v1/runs", &computing).await.status, 200);
    // A wider bound widens nothing, and one of a key for load holds.
    let wide = bounded(&[], Some(100), None).await;
    for status in [200, 200, 200, 200, 200, 429] {
        assert_eq!(get(&world, "/api/v1/runs", &wide).await.status, status);
    }
    let load = bounded(&["rate:exempt"], Some(6), None).await;
    for status in [200, 200, 200, 200, 200, 200, 429] {
        assert_eq!(get(&world, "/api/v1/runs", &load).await.status, status);
    }
}

/// What is dear, by method and path; written by hand. What calls a model is under the names of OpenAI.
const EXPENSIVE: &[(&str, &str)] = &[
    ("POST", "/login"),
    ("POST", "/register"),
    ("POST", "/forgot"),
    ("POST", "/reset"),
    ("POST", "/account/password"),
    ("POST", "/admin/audit/verify"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/token"),
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/forgot"),
    ("POST", "/api/v1/auth/reset"),
    ("POST", "/api/v1/account/password"),
    ("GET", "/api/v1/audit/export"),
    ("POST", "/api/v1/audit/verify"),
    ("POST", "/datasets"),
    ("POST", "/runs"),
    ("POST", "/runs/{id}/retry"),
    ("POST", "/deployments"),
    ("POST", "/api/v1/datasets"),
    ("POST", "/api/v1/runs"),
    ("POST", "/api/v1/evals"),
    ("POST", "/api/v1/jobs"),
    ("POST", "/api/v1/models"),
    ("POST", "/api/v1/deployments"),
    ("POST", "/datasets/{id}/share"),
    ("POST", "/models/{id}/share"),
    ("POST", "/api/v1/datasets/{id}/share"),
    ("POST", "/api/v1/models/{id}/share"),
    ("GET", "/api/v1/models/{id}/download"),
    ("POST", "/v1/fine_tuning/jobs"),
];
const INFERENCE: &[(&str, &str)] = &[
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/completions"),
    ("POST", "/v1/embeddings"),
    ("POST", "/v1/classify"),
    ("POST", "/deployments/try"),
];

#[tokio::test]
async fn every_route_is_of_the_class_that_the_tables_say() {
    let world = World::new().await;
    for route in &world.routes {
        let is = |table: &[(&str, &str)]| table.contains(&(route.method.as_str(), route.path));
        let free = route.path.contains("/health")
            || route.path.ends_with("/metrics")
            || route.path.starts_with("/static");
        let class = match () {
            () if is(EXPENSIVE) => Class::Expensive,
            () if is(INFERENCE) => Class::Inference,
            () if free => Class::Exempt,
            () => Class::General,
        };
        assert_eq!(route.class, class, "{} {}", route.method, route.path);
    }
}
