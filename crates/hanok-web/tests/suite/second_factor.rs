//! The second factor over HTTP: enrolled, demanded, each code good once, taken away.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::fault::Fault;
use hanok_studio::accounts::{Credentials, Demand};
use hanok_testkit::totp_code as code;
use serde_json::{Value, json};

use crate::world::{Answer, World, request};

const PLACE: &str = "/api/v1/account/second-factor";

async fn ask(world: &World, session: &str, method: Method, path: &str, body: Value) -> Answer {
    let request = request(method, path)
        .header("cookie", format!("hanok_session={session}"))
        .header("content-type", "application/json");
    world
        .call(request.body(Body::from(body.to_string())).unwrap())
        .await
}

async fn post(world: &World, session: &str, what: &str, body: Value) -> Answer {
    ask(
        world,
        session,
        Method::POST,
        &format!("{PLACE}{what}"),
        body,
    )
    .await
}

/// Enrols; the secret and the recovery codes.
async fn enrolled(world: &World, session: &str) -> (String, Vec<String>) {
    let offer = post(world, session, "", json!({})).await;
    assert_eq!(offer.status, StatusCode::CREATED, "{}", offer.text);
    let secret = offer.json()["secret"].as_str().unwrap().to_owned();
    assert!(
        offer.json()["qr_svg"]
            .as_str()
            .unwrap()
            .starts_with("<svg ")
    );
    let wrong = post(world, session, "/confirm", json!({ "code": "000000x" })).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let confirmed = post(
        world,
        session,
        "/confirm",
        json!({ "code": code(&secret, 0) }),
    )
    .await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let codes: Vec<String> = serde_json::from_value(confirmed.json()["codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

#[tokio::test]
async fn a_second_factor_is_enrolled_renewed_and_taken_away() {
    let world = World::new().await;
    let session = &world.session().await;
    let early = post(&world, session, "/disable", json!({ "code": "123456" })).await;
    assert_eq!(
        (early.status, early.code()),
        (StatusCode::CONFLICT, "no_second_factor".into())
    );
    let (secret, _) = enrolled(&world, session).await;
    let view = ask(&world, session, Method::GET, PLACE, json!({}))
        .await
        .json();
    assert_eq!(
        (&view["enrolled"], &view["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
    let twice = post(&world, session, "", json!({})).await;
    assert_eq!(twice.code(), "second_factor_enrolled");
    for wrong in ["", "12345", "abcdef", &code(&secret, 0), &code(&secret, 7)] {
        let answer = post(&world, session, "/disable", json!({ "code": wrong })).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let body = json!({ "code": code(&secret, 1) });
    let renewed = post(&world, session, "/recovery-codes", body).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.text);
    let recovery = &renewed.json()["codes"][3];
    let gone = post(&world, session, "/disable", json!({ "code": recovery })).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    let view = ask(&world, session, Method::GET, PLACE, json!({}))
        .await
        .json();
    assert_eq!(
        (&view["enrolled"], &view["recovery_codes_left"]),
        (&json!(false), &json!(0))
    );
}

/// A session that was left open is no way to try all codes.
#[tokio::test]
async fn wrong_codes_of_somebody_who_is_signed_in_count_as_failed_sign_ins() {
    for what in ["/confirm", "/recovery-codes", "/disable"] {
        let world = &World::new().await;
        let session = &world.session().await;
        let (good, failed) = match what {
            "/confirm" => {
                let offer = post(world, session, "", json!({})).await.json();
                (code(offer["secret"].as_str().unwrap(), 0), 0)
            }
            _ => (code(&enrolled(world, session).await.0, 1), 1),
        };
        for n in failed..10 {
            let wrong = post(world, session, what, json!({ "code": "abcdef" })).await;
            assert_eq!(wrong.code(), "wrong_code", "{what} {n}");
        }
        let locked = post(world, session, what, json!({ "code": good })).await;
        assert_eq!(
            (locked.status, locked.code()),
            (StatusCode::TOO_MANY_REQUESTS, "locked_out".into()),
            "{what}"
        );
        assert!(locked.headers.contains_key("retry-after"), "{what}");
        // Whoever can read the data directory is never locked out, and the code was not used up.
        let caller = world.studio.local_caller().await.unwrap();
        let studio = &world.studio;
        let done = match what {
            "/confirm" => studio.confirm_second_factor(&caller, &good).await.map(drop),
            "/disable" => studio.disable_second_factor(&caller, "").await,
            _ => studio.renew_recovery_codes(&caller, "").await.map(drop),
        };
        done.unwrap_or_else(|fault| panic!("{what}: {fault}"));
    }
}

#[tokio::test]
async fn a24_of_many_who_send_a_code_at_once_one_succeeds() {
    let world = &World::new().await;
    let session = &world.session().await;
    let (secret, recovery) = enrolled(world, session).await;
    let caller = world.studio.local_caller().await.unwrap();
    let user = &caller.user_id;
    let check = |code: Option<String>| async move {
        let code = &code;
        let checked = world.store.write(|tx| async move {
            let user = tx.users().get(user).await?.unwrap();
            world
                .studio
                .check_second_factor(&tx, &user, code.as_deref())
                .await
        });
        checked
            .await
            .map_err(|fault: Fault| fault.code.into_owned())
    };
    assert_eq!(check(None).await, Err("second_factor_required".into()));
    for good in [
        code(&secret, 1),
        recovery[0].clone(),
        recovery[9].to_uppercase(),
    ] {
        let tries = (0..20).map(|_| check(Some(good.clone())));
        let results = futures_util::future::join_all(tries).await;
        assert_eq!(
            results.iter().filter(|result| result.is_ok()).count(),
            1,
            "{good}"
        );
        let rest = results.into_iter().filter_map(Result::err);
        assert!(rest.into_iter().all(|code| code == "wrong_code"), "{good}");
        assert_eq!(check(Some(good)).await, Err("wrong_code".into()));
    }
    // The code that it was confirmed with is used up too, and all before it.
    assert_eq!(
        check(Some(code(&secret, 0))).await,
        Err("wrong_code".into())
    );
}

#[tokio::test]
async fn an_account_that_must_have_a_second_factor_can_only_enrol() {
    let credentials = Credentials::passing().unwrap().demand(Demand::Admins);
    let world = World::trusting(credentials).await;
    let session = &world.session().await;
    let get = |path: &'static str| ask(&world, session, Method::GET, path, json!({}));
    for path in ["/api/v1/me", "/v1/models", "/api/v1/runs"] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer.code(), "second_factor_needed");
    }
    for path in ["/", "/datasets", "/playground"] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.headers["location"], "/account/second-factor");
    }
    let keyed = world.api(Method::GET, "/api/v1/me", None).await;
    assert_eq!(keyed.code(), "second_factor_needed");
    let page = get("/account/second-factor").await;
    assert!(page.status == StatusCode::OK && page.text.contains("requires a second factor"));
    enrolled(&world, session).await;
    assert_eq!(get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(get("/datasets").await.status, StatusCode::OK);
    assert_eq!(
        world.api(Method::GET, "/api/v1/me", None).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_pages_enrol_without_a_script() {
    let world = World::new().await;
    let session = world.session().await;
    let csrf = hanok_web::access::cookie::csrf_token(&session);
    let csrf = hanok_web::access::csrf::mask(&csrf);
    let cookie = &format!("hanok_session={session}");
    let send = |what: &str, fields: String| {
        let path = format!("/account/second-factor{what}");
        let request = request(Method::POST, &path)
            .header("cookie", cookie)
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded");
        world.call(
            request
                .body(Body::from(format!("csrf={csrf}{fields}")))
                .unwrap(),
        )
    };
    let offered = send("", String::new()).await;
    assert_eq!(offered.status, StatusCode::OK);
    assert!(offered.text.contains("<svg xmlns") && offered.text.contains("class=\"qr\""));
    let secret = offered.text.split("secret=").nth(1).unwrap();
    let secret = secret.split('&').next().unwrap().to_owned();
    let wrong = send("/confirm", "&code=1".to_owned()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("aria-invalid"));
    let codes = send("/confirm", format!("&code={}", code(&secret, 0))).await;
    assert_eq!(codes.status, StatusCode::OK, "{}", codes.text);
    let shown = codes
        .text
        .split("<code>")
        .nth(1)
        .unwrap()
        .split("</code>")
        .next()
        .unwrap();
    assert_eq!(shown.lines().count(), 10);
    let stale = send("/disable", "&disable_code=123456".to_owned()).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = format!("&disable_code={}", shown.lines().next().unwrap());
    let off = send("/disable", fields).await;
    assert_eq!(off.status, StatusCode::SEE_OTHER, "{}", off.text);
}
