//! Pages as a browser meets them: sign-in, forms with their token, faults in the frame, language,
//! and the streams that patch a run's page.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use crate::streaming::{append, open, read, run_with_events};
use crate::world::{Answer, World, request};

/// What a browser of one session sends and gets.
pub struct Browser<'w> {
    world: &'w World,
    cookie: String,
}

impl<'w> Browser<'w> {
    /// A signed-in one.
    pub async fn new(world: &'w World) -> Self {
        let cookie = format!("hanok_session={}", world.session().await);
        Self { world, cookie }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = request(Method::GET, path)
            .header("accept", "text/html")
            .header("cookie", &self.cookie);
        self.world.call(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, kind: &str, body: String) -> Answer {
        let request = request(Method::POST, path)
            .header("accept", "text/html")
            .header("origin", "http://127.0.0.1:8080")
            .header("content-type", kind)
            .header("cookie", &self.cookie);
        self.world
            .call(request.body(Body::from(body)).unwrap())
            .await
    }

    /// Sends a form.
    pub async fn send(&self, path: &str, fields: &str) -> Answer {
        let body = fields.to_owned();
        self.post(path, "application/x-www-form-urlencoded", body)
            .await
    }

    /// The token of the session's forms, as it stands in a page.
    pub async fn token(&self) -> String {
        let page = self.get("/datasets").await.text;
        let rest = page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

fn upload(token: &str) -> String {
    let part = |name: &str, head: &str, body: &str| {
        format!("--X\r\ncontent-disposition: form-data; name=\"{name}\"{head}\r\n\r\n{body}\r\n")
    };
    let file = "; filename=\"a.csv\"";
    let parts = [
        part("csrf", "", token),
        part("name", "", "reviews"),
        part("header", "", "auto"),
        part("file", file, "text,label\nhello,a\n"),
    ];
    format!("{}--X--\r\n", parts.concat())
}

#[tokio::test]
async fn the_secret_signs_in_once_and_leads_to_a_page_of_ours() {
    let world = World::new().await;
    let secret = world.studio.issue_sign_in_secret().await.unwrap();
    let sign_in = |body: String| {
        let request = request(Method::POST, "/login")
            .header("accept", "text/html")
            .header("accept-language", "ko")
            .header("content-type", "application/x-www-form-urlencoded");
        world.call(request.body(Body::from(body)).unwrap())
    };
    let wrong = sign_in("secret=once_nothing&next=/runs".into()).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("lang=\"ko\"") && wrong.text.contains("aria-invalid"));
    assert!(wrong.headers.get("set-cookie").is_none());

    let right = sign_in(format!("secret={secret}&next=//evil.example")).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    assert_eq!(right.headers["location"], "/");
    let cookie = right.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );

    let again = sign_in(format!("secret={secret}&next=/")).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_upload_needs_the_token_of_its_session() {
    let world = World::new().await;
    let browser = Browser::new(&world).await;
    let kind = "multipart/form-data; boundary=X";
    let stale = browser.post("/datasets", kind, upload("0123")).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    assert!(!browser.get("/datasets").await.text.contains("reviews"));

    let token = browser.token().await;
    let sent = browser.post("/datasets", kind, upload(&token)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = sent.headers["location"].to_str().unwrap().to_owned();
    assert!(page.starts_with("/datasets/ds_"), "{page}");
    let shown = browser.get(&page).await.text;
    assert!(
        shown.contains("a.csv") && shown.contains("data-live="),
        "{shown}"
    );
    assert!(browser.get("/datasets?q=REVIEW").await.text.contains(&page));
    assert!(!browser.get("/datasets?q=other").await.text.contains(&page));

    let wrong = browser
        .post("/datasets", kind, upload(&token).replace("auto", "maybe"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("id=\"header-error\"") && wrong.text.contains("value=\"reviews\""));
}

#[tokio::test]
async fn a_wrong_run_form_comes_back_with_what_was_typed() {
    let world = World::new().await;
    let browser = Browser::new(&world).await;
    run_with_events(&world, 0).await;
    let token = browser.token().await;
    let form = |fields: &str| format!("csrf={token}&dataset=ds_none&held_out=0.2&{fields}");
    for (fields, named) in [
        ("epochs=many", "epochs"),
        ("epochs=0", "epochs"),
        ("epochs=&held_out=0.9", "held_out"),
        ("epochs=", "dataset"),
    ] {
        let answer = browser.send("/runs", &form(fields)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(
            answer.text.contains(&format!("href=\"#{named}\"")),
            "{fields}: {}",
            answer.text
        );
    }
    let stale = browser.send("/runs", "dataset=ds_none").await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    assert!(stale.text.contains("Load the page again"));
}

#[tokio::test]
async fn faults_are_pages_for_people_and_json_for_programs() {
    let world = World::new().await;
    let browser = Browser::new(&world).await;
    for path in [
        "/nowhere",
        "/runs/run_none",
        "/datasets/ds_none",
        "/models/none",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert!(
            answer.text.contains(id) && answer.text.contains("class=\"rail\""),
            "{path}"
        );
    }
    let api = world.api(Method::GET, "/api/v1/runs/run_none", None).await;
    assert_eq!(api.code(), "not_found");
}

#[tokio::test]
async fn a_chosen_language_is_kept_and_files_are_served_for_good() {
    let world = World::new().await;
    let browser = Browser::new(&world).await;
    let page = browser.get("/?lang=ko").await;
    assert!(page.text.contains("<html lang=\"ko\">"));
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("hanok_lang=ko;"), "{cookie}");
    let style = page
        .text
        .split('"')
        .find(|part| part.ends_with("hanok.css"))
        .unwrap();
    let file = browser.get(style).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(
        file.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let etag = file.headers["etag"].to_str().unwrap();
    assert!(
        style.contains(etag.trim_start_matches("W/").trim_matches('"')),
        "{style} {etag}"
    );
}

#[tokio::test]
async fn a_page_that_comes_back_gets_only_what_it_missed() {
    let world = World::new().await;
    let run = run_with_events(&world, 3).await;
    let path = format!("/runs/{run}/live");
    let whole = read(open(&world, &path, None).await, 3).await;
    assert!(
        whole[0].contains("event: fragment") && whole[0].contains("run-head"),
        "{whole:?}"
    );
    assert!(whole[0].contains(&format!("id: {run}:3")), "{whole:?}");

    let body = open(&world, &path, Some(&format!("{run}:3"))).await;
    let later = append(&world, &run, 3, 2);
    let (messages, ()) = tokio::join!(read(body, 4), later);
    let last = messages.last().unwrap();
    assert!(
        last.contains("run-work") && last.contains(&format!("id: {run}:5")),
        "{last}"
    );

    let csv = world
        .api(Method::GET, &format!("/runs/{run}/metrics.csv"), None)
        .await;
    assert_eq!(csv.text.lines().count(), 6);
}
