//! Access tokens over HTTP: forged, misplaced, revoked on every transport.

use aws_lc_rs::{hkdf, hmac};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hanok_studio::accounts::Credentials;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::socket::Client;
use crate::world::{Answer, WORKER, World, request};

/// The secret of access tokens in these tests.
const SECRET: [u8; 32] = [7; 32];

pub async fn world() -> World {
    World::trusting(Credentials::new(&SECRET).unwrap()).await
}

pub async fn post(world: &World, path: &str, body: Value) -> Answer {
    let request = request(Method::POST, path).header("content-type", "application/json");
    let body = Body::from(body.to_string());
    world.call(request.body(body).unwrap()).await
}

/// Tokens of the administrator.
pub async fn pair(world: &World) -> Value {
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let body = json!({ "grant_type": "one_time_secret", "secret": secret });
    let answer = post(world, "/api/v1/auth/token", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

pub async fn refresh(world: &World, token: &Value) -> Answer {
    let body = json!({ "refresh_token": token["refresh_token"] });
    post(world, "/api/v1/auth/refresh", body).await
}

pub fn access(pair: &Value) -> String {
    pair["access_token"].as_str().unwrap().to_owned()
}

pub async fn with(world: &World, method: Method, path: &str, bearer: &str) -> Answer {
    let request = request(method, path).header("authorization", format!("Bearer {bearer}"));
    world.call(request.body(Body::empty()).unwrap()).await
}

pub async fn me(world: &World, bearer: &str) -> Answer {
    with(world, Method::GET, "/api/v1/me", bearer).await
}

/// Refused, and told no more than anybody is.
pub fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert_eq!(answer.code(), "invalid_api_key", "{what}");
}

fn parts(token: &str) -> [Value; 2] {
    let part = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut parts = token.split('.');
    [part(parts.next().unwrap()), part(parts.next().unwrap())]
}

/// A token of this header and these claims under the server's own key, as nobody else could make it.
fn signed(header: &Value, claims: &str) -> String {
    let mut key = [0u8; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"hanok").extract(&SECRET);
    let info = [&b"hanok access token v1"[..]];
    let okm = prk.expand(&info, hkdf::HKDF_SHA256).unwrap();
    okm.fill(&mut key).unwrap();
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let body = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), body.as_bytes());
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag))
}

#[tokio::test]
async fn a_token_opens_what_its_person_may() {
    let world = world().await;
    let pair = pair(&world).await;
    assert_eq!(
        (pair["token_type"].as_str(), pair["expires_in"].as_u64()),
        (Some("Bearer"), Some(600))
    );
    let answer = me(&world, &access(&pair)).await;
    assert_eq!(answer.json()["user"]["name"], "admin", "{}", answer.text);
    let own = "/api/v1/account/second-factor";
    let account = with(&world, Method::GET, own, &access(&pair)).await;
    assert_eq!(account.status, StatusCode::OK);
    // The cases below fail for their own reason: unchanged, what they make is good.
    let [header, claims] = parts(&access(&pair));
    let same = signed(&header, &claims.to_string());
    assert_eq!(me(&world, &same).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a01_a_token_without_our_algorithm_or_signature_is_refused() {
    let world = world().await;
    let token = access(&pair(&world).await);
    let [header, claims] = parts(&token);
    let (body, tag) = token.rsplit_once('.').unwrap();
    for odd in [
        format!("{body}."),
        body.to_owned(),
        format!(".{body}.{tag}"),
        format!("{body}.{tag}A"),
    ] {
        refused(&me(&world, &odd).await, &odd);
    }
    for alg in ["none", "None", "nOnE", "HS512", "RS256"] {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        let token = signed(&header, &claims.to_string());
        refused(&me(&world, &token).await, alg);
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        refused(&me(&world, &format!("{unsigned}.")).await, alg);
    }
}

#[tokio::test]
async fn a02_a_public_key_is_no_secret() {
    let world = world().await;
    let token = access(&pair(&world).await);
    let (body, _) = token.rsplit_once('.').unwrap();
    let public = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    for guess in [public.as_bytes(), b"", b"secret", &SECRET] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, guess), body.as_bytes());
        let forged = format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag));
        refused(&me(&world, &forged).await, "signed with what others know");
    }
}

#[tokio::test]
async fn a03_a_token_that_names_a_key_is_refused_and_nobody_is_asked_for_it() {
    let world = world().await;
    let [header, claims] = parts(&access(&pair(&world).await));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let changes = [
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!([url])),
        ("crit", json!(["exp"])),
        ("kid", json!(url)),
        ("kid", json!("../../dev/null")),
        ("kid", json!("' UNION SELECT '' --")),
    ];
    for (field, value) in changes {
        let mut header = header.clone();
        header[field] = value;
        let token = signed(&header, &claims.to_string());
        refused(&me(&world, &token).await, field);
    }
    // Whoever had asked would stand in the listener's queue.
    assert!(nobody_called(&listener), "somebody was asked for a key");
}

/// Whether no connection waits.
pub fn nobody_called(listener: &TcpListener) -> bool {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};
    let mut waiting = std::pin::pin!(listener.accept());
    let mut context = Context::from_waker(Waker::noop());
    matches!(waiting.as_mut().poll(&mut context), Poll::Pending)
}

#[tokio::test]
async fn a05_times_that_do_not_hold_or_are_no_times_are_refused() {
    let world = world().await;
    let [header, claims] = parts(&access(&pair(&world).await));
    let now = claims["iat"].as_i64().unwrap();
    let changed = |field: &str, text: &str| {
        let mut claims = claims.clone();
        claims[field] = json!("<mark>");
        claims.to_string().replace("\"<mark>\"", text)
    };
    for (field, text) in [
        ("exp", (now - 1).to_string()),
        ("nbf", (now + 300).to_string()),
        ("iat", (now + 300).to_string()),
        ("exp", (now + 1_000_000).to_string()),
        ("exp", format!("\"{}\"", now + 300)),
        ("exp", format!("{}.5", now + 300)),
        ("exp", "1e400".to_owned()),
        ("exp", "null".to_owned()),
    ] {
        refused(
            &me(&world, &signed(&header, &changed(field, &text))).await,
            &text,
        );
    }
    for field in ["exp", "nbf", "iat"] {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(field);
        refused(
            &me(&world, &signed(&header, &claims.to_string())).await,
            field,
        );
    }
}

#[tokio::test]
async fn a06_what_is_meant_for_something_else_is_no_access_token() {
    let world = world().await;
    let tokens = pair(&world).await;
    let [header, claims] = parts(&access(&tokens));
    for (field, value) in [
        ("aud", json!("other")),
        ("aud", json!(["hanok-api", "other"])),
        ("iss", json!("https://id.example")),
        ("sid", json!("sess_00000000000000000000000000")),
        ("sub", json!("user_00000000000000000000000000")),
        ("project", json!("proj_00000000000000000000000000")),
        ("nonce", json!("that of an ID token")),
    ] {
        let mut claims = claims.clone();
        claims[field] = value;
        refused(
            &me(&world, &signed(&header, &claims.to_string())).await,
            field,
        );
    }
    let mut id_token = header.clone();
    id_token["typ"] = json!("JWT");
    refused(
        &me(&world, &signed(&id_token, &claims.to_string())).await,
        "an ID token",
    );
    let session = world.session().await;
    let csrf = hanok_web::access::cookie::csrf_token(&session);
    let csrf = hanok_web::access::csrf::mask(&csrf);
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for other in [refresh_token, &secret, &session, &csrf, WORKER] {
        refused(&me(&world, other).await, other);
    }
    // And the other way round: none of these is a refresh token.
    for other in [&access(&tokens), &world.key, &session, &secret, &csrf] {
        let answer = refresh(&world, &json!({ "refresh_token": other })).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{other}");
        assert_eq!(answer.code(), "invalid_refresh_token");
    }
    // A token where a worker's is wanted, and in the cookie.
    let worker = with(&world, Method::POST, "/worker/v1/lease", &access(&tokens)).await;
    assert_eq!(worker.status, StatusCode::UNAUTHORIZED);
    let cookie = format!("hanok_session={}", access(&tokens));
    let request = request(Method::GET, "/api/v1/me").header("cookie", cookie);
    refused(
        &world.call(request.body(Body::empty()).unwrap()).await,
        "in the cookie",
    );
}

#[tokio::test]
async fn a07_a_revoked_token_is_refused_on_every_transport() {
    let world = world().await;
    let address = world.listen().await;
    for by in ["access_token", "refresh_token"] {
        let tokens = pair(&world).await;
        let token = access(&tokens);
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let socket = "/api/v1/runs/run_none/ws";
        // Known before, although there is no such run.
        assert_eq!(
            Client::connect(address, socket, &bearer).await.err(),
            Some(404)
        );
        let places = [
            "/api/v1/me",
            "/api/v1/events?topics=run_none",
            "/api/v1/runs/run_none/events",
            "/api/v1/models/model_none/download",
            "/v1/files/file-none/content",
            "/v1/models",
        ];
        for place in places.iter().filter(|place| !place.contains("topics")) {
            let answer = with(&world, Method::GET, place, &token).await;
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{place}");
        }
        let body = json!({ "token": tokens[by] });
        let ended = post(&world, "/api/v1/auth/revoke", body).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        for place in places {
            refused(&with(&world, Method::GET, place, &token).await, place);
        }
        let page = with(&world, Method::GET, "/datasets", &token).await;
        assert_eq!(page.headers["location"], "/login");
        assert_eq!(
            Client::connect(address, socket, &bearer).await.err(),
            Some(401)
        );
        assert_eq!(
            refresh(&world, &tokens).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn a07_a_disabled_account_has_no_tokens_any_more() {
    let world = world().await;
    let tokens = pair(&world).await;
    let caller = world.studio.local_caller().await.unwrap();
    let user = &caller.user_id;
    let change = &hanok_store::rows::users::UserChange {
        disabled: Some(true),
        ..Default::default()
    };
    let disabled = world
        .store
        .write(|tx| async move { tx.users().update(user, change).await });
    disabled.await.unwrap();
    refused(&me(&world, &access(&tokens)).await, "disabled");
    assert_eq!(
        refresh(&world, &tokens).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a08_tokens_that_begin_alike_are_never_one_another() {
    let world = world().await;
    let [first, second] = [pair(&world).await, pair(&world).await];
    let (one, other) = (access(&first), access(&second));
    let shared = one
        .bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    assert!(shared > 20, "they share only {shared} characters");
    for _ in 0..3 {
        assert_eq!(me(&world, &one).await.status, StatusCode::OK);
    }
    let body = json!({ "token": other });
    post(&world, "/api/v1/auth/revoke", body).await;
    assert_eq!(me(&world, &one).await.status, StatusCode::OK);
    refused(&me(&world, &other).await, "the revoked one");
    // The last characters alone may be the same by chance.
    for end in [1, 20, shared, one.len() - 12] {
        refused(&me(&world, &one[..end]).await, "a beginning");
        let mixed = format!("{}{}", &one[..end], &other[end..]);
        refused(&me(&world, &mixed).await, "a mixture");
    }
    let key = &world.key;
    for end in [10, 20, key.len() - 1] {
        let last = if key.ends_with('A') { "B" } else { "A" };
        let other = format!("{}{}", &key[..end], last.repeat(key.len() - end));
        refused(&me(&world, &other).await, "a key that begins alike");
    }
}

#[tokio::test]
async fn a12_a_dump_of_the_database_has_no_credential() {
    let world = world().await;
    let tokens = pair(&world).await;
    let next = refresh(&world, &tokens).await.json();
    let session = world.session().await;
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let token = access(&next);
    let offered = with(
        &world,
        Method::POST,
        "/api/v1/account/second-factor",
        &token,
    )
    .await;
    let offered = offered.json()["secret"].as_str().unwrap().to_owned();
    let name = "hanok.db";
    let mut dump = std::fs::read(world.dir().join(name)).unwrap();
    dump.extend(std::fs::read(world.dir().join("hanok.db-wal")).unwrap_or_default());
    let has = |text: &str| {
        dump.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    // What is there is found: names and the first characters of the key.
    assert!(has("admin") && has(&world.key[..10]));
    let text = |pair: &Value, name: &str| pair[name].as_str().unwrap().to_owned();
    for credential in [
        world.key.clone(),
        text(&tokens, "refresh_token"),
        text(&tokens, "access_token"),
        text(&next, "refresh_token"),
        text(&next, "access_token"),
        session,
        secret,
        offered,
    ] {
        let middle = &credential[12..];
        assert!(!has(&credential) && !has(middle), "{}…", &credential[..6]);
    }
    // 40 characters of 62 are 238 bits; two keys have nothing in common but their prefix.
    assert!(world.key.starts_with("hk_") && world.key.len() == 49);
}

#[tokio::test]
async fn a13_odd_texts_in_the_header_are_refused_and_reach_no_database() {
    let world = world().await;
    let token = access(&pair(&world).await);
    let long = "A".repeat(64 << 10);
    let dotted = format!("{}.{}.{}", "A".repeat(700), "A".repeat(700), "A".repeat(43));
    for text in [
        "' OR '1'='1",
        "'; DROP TABLE sessions; --",
        "hk_' UNION SELECT id FROM users --",
        "a.b.c",
        "..",
        "%00",
        "\u{e9}\u{4e2d}",
        "\u{202e}hk_",
        &long,
        &dotted,
        &format!("{token} {token}"),
        &format!("{token}\t"),
    ] {
        for name in ["authorization", "x-api-key"] {
            let value = match name {
                "authorization" => format!("Bearer {text}"),
                _ => text.to_owned(),
            };
            let bytes = axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
            let asked = request(Method::GET, "/api/v1/me").header(name, bytes);
            let answer = world.call(asked.body(Body::empty()).unwrap()).await;
            let trimmed = name == "authorization" && text.ends_with('\t');
            if !trimmed {
                refused(&answer, text);
            }
        }
    }
    assert!(axum::http::HeaderValue::from_bytes(b"Bearer a\0b").is_err());
    // Over a real connection the largest ones end before the router.
    let address = world.listen().await;
    for (text, wanted) in [
        (long.as_str(), [401, 431]),
        ("a\0b", [400, 401]),
        ("\u{e9}", [401, 401]),
    ] {
        let header = format!("Authorization: Bearer {text}\r\n");
        let status = Client::connect(address, "/api/v1/me", &header).await.err();
        assert!(
            status.is_some_and(|status| wanted.contains(&status)),
            "{status:?}"
        );
    }
    assert_eq!(me(&world, &token).await.status, StatusCode::OK);
}
