//! Accounts over HTTP: the API and the pages, what ends a session, and what nobody gives themselves.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use hanok_studio::accounts::CreateUser;
use hanok_studio::keys::NewKey;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::socket::Client;
use crate::streaming::run_with_events;
use crate::world::{Answer, World, request};

const PASSWORD: &str = "correct horse battery staple";
const OTHER: &str = "another long passphrase";

async fn person(world: &World, name: &str) {
    let caller = world.studio.local_caller().await.unwrap();
    let new = CreateUser {
        name: name.into(),
        password: Some(PASSWORD.into()),
        ..CreateUser::default()
    };
    world.studio.create_user(&caller, &new).await.unwrap();
}

async fn send(world: &World, method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
    let request = request(method, path)
        .header("content-type", "application/json")
        .header("origin", "http://127.0.0.1:8080")
        .header("cookie", cookie);
    world
        .call(request.body(Body::from(body.to_string())).unwrap())
        .await
}

async fn login(world: &World, name: &str, password: &str) -> Answer {
    let body = json!({ "name": name, "password": password });
    send(world, Method::POST, "/api/v1/auth/login", "", &body).await
}

/// The cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let set = answer.headers["set-cookie"].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

async fn form(world: &World, path: &str, cookie: &str, body: &str) -> Answer {
    let request = request(Method::POST, path)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://127.0.0.1:8080")
        .header("cookie", cookie);
    world
        .call(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn get(world: &World, path: &str, cookie: &str) -> Answer {
    let request = request(Method::GET, path)
        .header("accept", "text/html")
        .header("cookie", cookie);
    world.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a11_nobody_makes_themselves_more_than_they_are() {
    let world = World::new().await;
    person(&world, "ann").await;
    let ann = cookie(&login(&world, "ann", PASSWORD).await);
    let before = send(&world, Method::GET, "/api/v1/account", &ann, &json!(null))
        .await
        .json();
    for extra in [
        json!({ "name": "ann", "role": "admin" }),
        json!({ "name": "ann", "is_admin": true }),
        json!({ "name": "ann", "quota": 1_000_000 }),
        json!({ "name": "ann", "owner_id": "user_x" }),
        json!({ "name": "ann", "email": "root@example.org" }),
        json!({ "role": "admin" }),
    ] {
        let answer = send(&world, Method::POST, "/api/v1/account", &ann, &extra).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{extra}");
    }
    let id = before["id"].as_str().unwrap();
    let own = format!("/api/v1/users/{id}");
    for (path, body) in [
        (own.as_str(), json!({ "role": "admin" })),
        ("/api/v1/users", json!({ "name": "eve" })),
    ] {
        let answer = send(&world, Method::POST, path, &ann, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let wide = json!({ "name": "eve", "role": "admin", "quota": 9 });
    let answer = world
        .api(Method::POST, "/api/v1/users", Some(&wide.to_string()))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let register = json!({ "name": "eve", "password": PASSWORD, "role": "admin" });
    let answer = send(&world, Method::POST, "/api/v1/auth/register", "", &register).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // An administrator does not change their own role either.
    let admin = world.studio.local_caller().await.unwrap().user_id;
    let answer = world
        .api(
            Method::POST,
            &format!("/api/v1/users/{admin}"),
            Some(r#"{"role":"user"}"#),
        )
        .await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::FORBIDDEN, "own_role".to_owned())
    );
    let after = send(&world, Method::GET, "/api/v1/account", &ann, &json!(null))
        .await
        .json();
    assert_eq!(before, after);
}

#[tokio::test]
async fn a14_every_sign_in_and_every_new_password_begins_another_session() {
    let world = World::new().await;
    person(&world, "ann").await;
    let planted = "hanok_session=hs_planted";
    let body = json!({ "name": "ann", "password": PASSWORD });
    let answer = send(&world, Method::POST, "/api/v1/auth/login", planted, &body).await;
    let first = cookie(&answer);
    assert_ne!(first, planted);
    assert_eq!(
        get(&world, "/account", planted).await.status,
        StatusCode::SEE_OTHER
    );

    // The page ends the session that the browser had.
    let fields = format!(
        "name=ann&password={}&next=/account",
        PASSWORD.replace(' ', "+")
    );
    let again = form(&world, "/login", &first, &fields).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let second = cookie(&again);
    assert_ne!(first, second);
    assert_eq!(
        get(&world, "/account", &first).await.status,
        StatusCode::SEE_OTHER
    );

    let change = json!({ "current": PASSWORD, "password": OTHER });
    let changed = send(
        &world,
        Method::POST,
        "/api/v1/account/password",
        &second,
        &change,
    )
    .await;
    assert_eq!(changed.status, StatusCode::OK);
    let third = cookie(&changed);
    assert_eq!(
        get(&world, "/account", &second).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(get(&world, "/account", &third).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a15_open_streams_end_with_the_credential_that_opened_them() {
    let world = World::new().await;
    let run = run_with_events(&world, 1).await;
    let caller = world.studio.local_caller().await.unwrap();
    let new = NewKey {
        name: "short".into(),
        ..NewKey::default()
    };
    let key = world.studio.create_key(&caller, new).await.unwrap();
    let session = format!("hanok_session={}", world.session().await);
    let (by_key, by_session) = (format!("Bearer {}", key.key), session.as_str());
    let events = format!("/api/v1/runs/{run}/events");
    let live = format!("/runs/{run}/live");
    let open = |path: String, header: &'static str, value: String| {
        let request = request(Method::GET, &path).header(header, value);
        world
            .router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
    };
    let streams = [
        open(events.clone(), "authorization", by_key.clone())
            .await
            .unwrap(),
        open(events, "cookie", by_session.to_owned()).await.unwrap(),
        open(live, "cookie", by_session.to_owned()).await.unwrap(),
    ];
    let address = world.listen().await;
    let header = format!("Authorization: {by_key}\r\n");
    let mut socket = Client::connect(address, &format!("/api/v1/runs/{run}/ws"), &header)
        .await
        .unwrap();
    socket.text().await;
    let mut reading = Vec::new();
    for stream in streams {
        assert_eq!(stream.status(), StatusCode::OK);
        let mut stream = stream.into_body().into_data_stream();
        stream.next().await.expect("a first piece").unwrap();
        reading.push(tokio::spawn(async move {
            while stream.next().await.is_some() {}
        }));
    }
    assert!(
        reading.iter().all(|task| !task.is_finished()),
        "they follow"
    );

    world.studio.revoke_key(&caller, &key.id).await.unwrap();
    world
        .studio
        .end_sessions_of(&caller, &caller.user_id)
        .await
        .unwrap();
    // The row is about a second; a slow machine is given ten, less than a stream would last by far.
    let patience = Duration::from_secs(10);
    for task in reading {
        tokio::time::timeout(patience, task)
            .await
            .expect("the stream ends")
            .unwrap();
    }
    let ended = tokio::time::timeout(patience, socket.closed()).await;
    assert_eq!(ended.expect("the socket ends"), Some(1008));
    assert_eq!(
        get(&world, "/account", &session).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a19_a_sign_in_leads_to_a_page_of_ours_whatever_it_is_asked() {
    let world = World::new().await;
    person(&world, "ann").await;
    for next in [
        "//evil.example",
        "%5C%5Cevil.example",
        "/%5Cevil.example",
        "%2f%2fevil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "%252f%252fevil.example",
        "/%09/evil.example",
        "%20//evil.example",
        "/%0d%0aX:y",
    ] {
        let fields = format!(
            "name=ann&password={}&next={next}",
            PASSWORD.replace(' ', "+")
        );
        let answer = form(&world, "/login", "", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{next}");
        assert_eq!(answer.headers["location"], "/", "{next}");
    }
}

#[tokio::test]
async fn a20_the_page_and_the_api_count_together_and_say_how_long_to_wait() {
    let world = World::new().await;
    person(&world, "ann").await;
    for n in 0..10 {
        let status = match n % 2 {
            0 => login(&world, "ann", "wrong").await.status,
            _ => {
                form(&world, "/login", "", "name=ann&password=wrong")
                    .await
                    .status
            }
        };
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{n}");
    }
    let right = format!("name=ann&password={}", PASSWORD.replace(' ', "+"));
    for answer in [
        login(&world, "ann", PASSWORD).await,
        form(&world, "/login", "", &right).await,
    ] {
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((800..=901).contains(&wait), "{wait}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn a21_sign_in_says_the_same_of_those_who_are_there_and_those_who_are_not() {
    let world = World::new().await;
    person(&world, "ann").await;
    let known = login(&world, "ann", "wrong").await;
    let before = world.studio.passwords().ran();
    let unknown = login(&world, "nobody", "wrong").await;
    assert_eq!(world.studio.passwords().ran(), before + 1);
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    let known = form(&world, "/login", "", "name=ann&password=wrong").await;
    let unknown = form(&world, "/login", "", "name=ben&password=wrong").await;
    assert_eq!(known.text, unknown.text.replace("ben", "ann"));
}

#[tokio::test]
async fn a22_a_password_of_a_megabyte_is_refused_before_it_is_hashed() {
    let world = World::new().await;
    person(&world, "ann").await;
    let before = world.studio.passwords().ran();
    let huge = "x".repeat(1 << 20);
    assert_eq!(
        login(&world, "ann", &huge).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let long = "x".repeat(2000);
    let answer = login(&world, "ann", &long).await;
    assert_eq!(
        (answer.status, answer.code()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "password_too_long".to_owned()
        )
    );
    let page = form(&world, "/login", "", &format!("name=ann&password={huge}")).await;
    assert!(
        [413, 422].contains(&page.status.as_u16()),
        "{}",
        page.status
    );
    assert_eq!(world.studio.passwords().ran(), before);
}

#[tokio::test]
async fn a23_there_is_nothing_to_set_up_a_second_time() {
    let world = World::new().await;
    for path in ["/setup", "/api/v1/setup", "/install"] {
        for method in [Method::GET, Method::POST] {
            let answer = world
                .call(request(method, path).body(Body::empty()).unwrap())
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    for guess in ["", "a", "admin", "password"] {
        assert_eq!(
            login(&world, "admin", guess).await.status,
            StatusCode::UNAUTHORIZED,
            "{guess}"
        );
    }
}

#[tokio::test]
async fn b12_looking_at_a_link_uses_nothing_up() {
    let world = World::new().await;
    person(&world, "ann").await;
    let answer = world
        .api(Method::POST, "/api/v1/users/ann/reset", Some("{}"))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let link = answer.json()["link"].as_str().unwrap().to_owned();
    let path = link.strip_prefix("http://127.0.0.1:8080").unwrap();
    for _ in 0..3 {
        assert_eq!(get(&world, path, "").await.status, StatusCode::OK);
    }
    let token = path.split('=').nth(1).unwrap();
    let short = form(
        &world,
        "/reset",
        "",
        &format!("token={token}&password=short"),
    )
    .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        short.text.contains("password-error"),
        "the error stands under its field"
    );
    let fields = format!("token={token}&password={}", OTHER.replace(' ', "+"));
    let done = form(&world, "/reset", "", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(login(&world, "ann", OTHER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_pages_of_accounts_do_what_they_say() {
    let world = World::new().await;
    let admin = format!("hanok_session={}", world.session().await);
    let page = get(&world, "/admin/users", &admin).await;
    assert_eq!(page.status, StatusCode::OK);
    let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let csrf = csrf.split('"').next().unwrap();
    let made = form(
        &world,
        "/admin/users",
        &admin,
        &format!("csrf={csrf}&name=Bea&email=&role=user"),
    )
    .await;
    assert!(made.text.contains("/reset?token=hl_"), "{}", made.text);
    let again = form(
        &world,
        "/admin/users",
        &admin,
        &format!("csrf={csrf}&name=bea&email=&role=user"),
    )
    .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("name-error"), "{}", again.text);
    let stale = form(&world, "/admin/users", &admin, "csrf=0&name=eve").await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    let disabled = form(
        &world,
        "/admin/users/bea",
        &admin,
        &format!("csrf={csrf}&act=disable"),
    )
    .await;
    assert_eq!(disabled.status, StatusCode::SEE_OTHER);
    let found = get(&world, "/admin/users?state=disabled&q=be", &admin)
        .await
        .text;
    assert!(
        found.contains("bea") && found.contains("badge failed"),
        "{found}"
    );

    let fields = format!("csrf={csrf}&password={}", OTHER.replace(' ', "+"));
    let set = form(&world, "/account/password", &admin, &fields).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text);
    assert_eq!(login(&world, "admin", OTHER).await.status, StatusCode::OK);
    for path in [
        "/login",
        "/register",
        "/forgot",
        "/reset?token=x",
        "/verify?token=x",
    ] {
        for lang in ["en", "ko"] {
            let page = request(Method::GET, path)
                .header("accept", "text/html")
                .header("accept-language", lang);
            let page = world.call(page.body(Body::empty()).unwrap()).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains(&format!("lang=\"{lang}\"")), "{path}");
        }
    }
}
