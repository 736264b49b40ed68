//! Behind a proxy, behind none, and with somebody who only says that he is one.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use hanok_web::access::client::Arrived;
use hanok_web::access::transport::TransportRules;

use crate::world::{Answer, World};

const PROXY: &str = "10.0.0.1:4000";
const STRANGER: &str = "198.51.100.9:4000";

async fn world(https_only: bool) -> World {
    World::with(|config| {
        config.transport = TransportRules {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
            https_only,
        };
    })
    .await
}

/// A request by a peer.
fn by(peer: &str, method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "hanok.example");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

async fn get(world: &World, peer: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.call(by(peer, Method::GET, path, headers)).await
}

fn location(answer: &Answer) -> &str {
    let place = answer.headers.get("location");
    place.map_or("", |place| place.to_str().unwrap())
}

async fn sign_in(world: &World, peer: &str, headers: &[(&str, &str)]) -> Answer {
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let request = by(peer, Method::POST, "/login", &[headers, &[form]].concat());
    let (parts, _) = request.into_parts();
    let body = Body::from(format!("secret={secret}"));
    world.call(Request::from_parts(parts, body)).await
}

#[tokio::test]
async fn a25_a_strangers_headers_change_nothing() {
    let world = world(false).await;
    let spoofed = [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;proto=https;host=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
    ];
    // Not secure, so neither the header nor the cookie of secure transport.
    let answer = get(&world, STRANGER, "/login", &spoofed).await;
    assert!(!answer.headers.contains_key("strict-transport-security"));
    let signed = sign_in(&world, STRANGER, &spoofed).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("hanok_session="), "{cookie}");
    // Not near, so no figures.
    let figures = get(&world, STRANGER, "/metrics", &spoofed).await;
    assert_eq!(figures.status, StatusCode::UNAUTHORIZED);
    // Not the host that it says it is, even where it is told to be one of ours.
    let host = [
        ("host", "evil.example"),
        ("x-forwarded-host", "hanok.example"),
    ];
    let refused = get(&world, STRANGER, "/health", &host).await;
    assert_eq!(refused.code(), "host_not_allowed");
}

#[tokio::test]
async fn a25_the_session_is_kept_under_the_resolved_address() {
    let world = world(false).await;
    for (peer, chain, expected) in [
        (STRANGER, "203.0.113.5", "198.51.100.9"),
        (PROXY, "203.0.113.5", "203.0.113.5"),
        (PROXY, "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
    ] {
        let signed = sign_in(&world, peer, &[("x-forwarded-for", chain)]).await;
        assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.text);
        let user = &world.studio.local_caller().await.unwrap().user_id;
        let kept = world
            .store
            .read(|tx| async move { tx.sessions().of_user(user).await });
        let newest = kept.await.unwrap().into_iter().next().unwrap();
        assert_eq!(newest.address, expected, "{peer} {chain}");
    }
}

#[tokio::test]
async fn a25_a_forwarded_request_is_never_near() {
    let world = world(false).await;
    let near = [("host", "127.0.0.1:8080")];
    let direct = get(&world, "127.0.0.1:4000", "/metrics", &near).await;
    assert_eq!(direct.status, StatusCode::OK);
    for (peer, header) in [
        ("127.0.0.1:4000", ("x-forwarded-for", "127.0.0.1")),
        ("127.0.0.1:4000", ("x-forwarded-proto", "https")),
        ("127.0.0.1:4000", ("forwarded", "for=127.0.0.1")),
        // A proxy on this machine that hides everything is still a proxy.
        ("[::1]:4000", ("accept", "*/*")),
        (PROXY, ("x-forwarded-for", "127.0.0.1")),
    ] {
        let answer = get(&world, peer, "/metrics", &[near[0], header]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{peer} {header:?}");
    }
}

#[tokio::test]
async fn f05s_behind_https_the_cookie_is_bound_to_the_host() {
    let world = world(false).await;
    let https = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "203.0.113.5"),
    ];
    let signed = sign_in(&world, PROXY, &https).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-hanok_session=hs_"), "{cookie}");
    assert_eq!(
        attributes,
        "Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200"
    );
    // It signs in where it was given, and under no other name or transport.
    let token = pair.split_once('=').unwrap().1;
    let plain = format!("hanok_session={token}");
    for (cookie, headers, expected) in [
        (pair, &https[..], StatusCode::OK),
        (plain.as_str(), &https[..], StatusCode::UNAUTHORIZED),
        (pair, &[], StatusCode::UNAUTHORIZED),
        (plain.as_str(), &[], StatusCode::OK),
    ] {
        let headers = [headers, &[("cookie", cookie)]].concat();
        let answer = get(&world, PROXY, "/api/v1/me", &headers).await;
        assert_eq!(answer.status, expected, "{cookie} {headers:?}");
    }
}

#[tokio::test]
async fn f02s_over_https_a_page_that_came_in_the_clear_changes_nothing() {
    let world = world(false).await;
    let https = ("x-forwarded-proto", "https");
    let signed = sign_in(&world, PROXY, &[https]).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split_once(';').unwrap().0;
    for (origin, refused) in [
        ("http://hanok.example", true),
        ("https://hanok.example", false),
    ] {
        let headers = [https, ("cookie", cookie), ("origin", origin)];
        let answer = world
            .call(by(
                PROXY,
                Method::DELETE,
                "/api/v1/datasets/ds_none",
                &headers,
            ))
            .await;
        let said = answer.code() == "cross_site_request";
        assert_eq!(said, refused, "{origin}: {}", answer.text);
    }
}

#[tokio::test]
async fn f04s_over_https_browsers_are_told_to_stay_there() {
    let world = world(false).await;
    let https = [("x-forwarded-proto", "https")];
    for path in ["/login", "/health", "/nowhere", "/v1/models"] {
        let answer = get(&world, PROXY, path, &https).await;
        let told = &answer.headers["strict-transport-security"];
        assert_eq!(told, "max-age=31536000; includeSubDomains", "{path}");
        let answer = get(&world, PROXY, path, &[]).await;
        assert!(!answer.headers.contains_key("strict-transport-security"));
    }
    let mut over_tls = by(STRANGER, Method::GET, "/login", &[]);
    over_tls.extensions_mut().insert(Arrived::Tls);
    let answer = world.call(over_tls).await;
    assert!(answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn in_production_nothing_comes_in_without_encryption() {
    let world = world(true).await;
    let to = "https://hanok.example/runs?page=2";
    for (peer, headers) in [
        (PROXY, &[][..]),
        (PROXY, &[("x-forwarded-proto", "http")][..]),
        (PROXY, &[("x-forwarded-proto", "https, http")][..]),
        (STRANGER, &[][..]),
        (STRANGER, &[("x-forwarded-proto", "https")][..]),
    ] {
        let answer = get(&world, peer, "/runs?page=2", headers).await;
        assert_eq!(
            answer.status,
            StatusCode::PERMANENT_REDIRECT,
            "{peer} {headers:?}"
        );
        assert_eq!(location(&answer), to, "{peer} {headers:?}");
    }
    let evil = [("host", "evil.example")];
    let answer = get(&world, PROXY, "/", &evil).await;
    assert_eq!(
        (answer.status, location(&answer)),
        (StatusCode::FORBIDDEN, "")
    );
    let named = [
        ("host", "inner:80"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "hanok.example"),
    ];
    let answer = get(&world, PROXY, "/a", &named).await;
    assert_eq!(location(&answer), "https://hanok.example/a");
    let https = [("x-forwarded-proto", "https")];
    assert_eq!(
        get(&world, PROXY, "/health", &https).await.status,
        StatusCode::OK
    );
    let near = [("host", "localhost:8080")];
    let answer = get(&world, "127.0.0.1:4000", "/health", &near).await;
    assert_eq!(answer.status, StatusCode::OK, "a probe of this machine");
}

#[tokio::test]
async fn the_door_for_programs_of_this_machine_takes_nobody_without_a_token() {
    let world = world(true).await;
    let local = |path: &str, headers: &[(&str, &str)]| {
        let headers = [headers, &[("host", "127.0.0.1:4711")]].concat();
        let mut request = by("127.0.0.1:4000", Method::GET, path, &headers);
        request.extensions_mut().insert(Arrived::Local);
        world.call(request)
    };
    let session = format!("hanok_session={}", world.session().await);
    for path in ["/", "/login", "/health", "/metrics", "/api/v1/me"] {
        let answer = local(path, &[("cookie", &session)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let token = format!("Bearer {}", crate::world::LOCAL);
    let answer = local("/api/v1/me", &[("authorization", &token)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let wrong = local("/api/v1/me", &[("authorization", "Bearer wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pages_name_the_address_that_people_use() {
    let world = world(false).await;
    let https = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "hanok.example"),
    ];
    let signed = sign_in(&world, PROXY, &https).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split_once(';').unwrap().0;
    let headers = [&https[..], &[("cookie", cookie), ("host", "inner:8080")]].concat();
    let answer = get(&world, PROXY, "/models", &headers).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.text.contains("https://hanok.example"),
        "no such address"
    );
    assert!(!answer.text.contains("inner:8080"));
}
