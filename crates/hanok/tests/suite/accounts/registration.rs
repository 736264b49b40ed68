//! From a stranger to an account and through a forgotten password, by pages and mails alone.

use hanok_testkit::MailSink;
use reqwest::Method;
use serde_json::json;

use super::browser::Browser;
use super::{FROM, OTHER, PASSWORD, link};
use crate::home::Home;

const ANN: &str = "ann@example.org";

async fn open_house(sink: &MailSink) -> Home {
    let url = sink.url();
    Home::served_with(&[("REGISTRATION", "open"), ("SMTP_URL", &url), FROM])
}

async fn register(browser: &mut Browser, name: &str, email: &str) {
    browser.open("/register").await;
    let fields = [("name", name), ("email", email), ("password", PASSWORD)];
    let page = browser.submit("/register", &fields).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/register"));
    assert!(!page.html.contains("name=\"password\""), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_registers_verifies_signs_in_and_replaces_a_forgotten_password() {
    let sink = MailSink::start().await;
    let home = open_house(&sink).await;
    let mut browser = Browser::new(&home);
    register(&mut browser, "ann", ANN).await;

    // The account is closed until the address is verified, and looking at the link does not do it.
    let early = browser.sign_in("ann", PASSWORD).await;
    assert_eq!(early.status, 403, "{}", early.html);
    let verify = link(&home, &sink, ANN, 1).await;
    for _ in 0..2 {
        let page = browser.open(&verify).await;
        assert_eq!(page.status, 200, "{}", page.html);
    }
    let still = browser.sign_in("ann", PASSWORD).await;
    assert_eq!(still.status, 403, "{}", still.html);
    browser.open(&verify).await;
    let page = browser.submit("/verify", &[]).await;
    assert_eq!(page.path, "/login?done=verified", "{}", page.html);
    let fields = [("name", ANN), ("password", PASSWORD)];
    let page = browser.submit("/login", &fields).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/"));
    let page = browser.open("/account").await;
    assert!(page.html.contains("<strong>ann</strong>") && page.html.contains(ANN));
    // The link is good once.
    browser.open(&verify).await;
    let page = browser.submit("/verify", &[]).await;
    assert!(page.status >= 400, "{}", page.html);

    forget(&home, &sink, &mut browser).await;
}

/// What `browser` has, and the tokens of a program, end with the new password.
async fn forget(home: &Home, sink: &MailSink, browser: &mut Browser) {
    let grant = json!({ "grant_type": "password", "name": "ann", "password": PASSWORD });
    let place = "/api/v1/auth/token";
    let (status, _, tokens) = browser.program(Method::POST, place, "", grant).await;
    assert_eq!(status, 200, "{tokens}");
    let bearer = tokens["access_token"].as_str().expect("a token");
    let me = || browser.program(Method::GET, "/api/v1/me", bearer, json!(null));
    assert_eq!(me().await.0, 200);

    let mut other = Browser::new(home);
    other.open("/forgot").await;
    let page = other.submit("/forgot", &[("email", ANN)]).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let reset = link(home, sink, ANN, 2).await;
    other.open(&reset).await;
    let short = other.submit("/reset", &[("password", "short")]).await;
    assert_eq!(short.status, 422, "{}", short.html);
    let page = other.submit("/reset", &[("password", OTHER)]).await;
    assert_eq!(page.path, "/login?done=password_changed", "{}", page.html);

    assert_eq!(me().await.0, 401);
    assert!(!browser.is_signed_in().await, "other sessions are over");
    let old = browser.sign_in("ann", PASSWORD).await;
    assert_eq!(old.status, 401, "{}", old.html);
    let new = browser.sign_in("ann", OTHER).await;
    assert_eq!((new.status, new.path.as_str()), (200, "/"));
    other.open(&reset).await;
    let again = other.submit("/reset", &[("password", PASSWORD)]).await;
    assert!(again.status >= 400, "the link is good once");
    assert!(browser.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_tell_nobody_who_has_an_account_and_a_mail_tells_its_owner() {
    let sink = MailSink::start().await;
    let home = open_house(&sink).await;
    let mut browser = Browser::new(&home);
    register(&mut browser, "ann", ANN).await;
    let first = browser.page.html.clone();
    link(&home, &sink, ANN, 1).await;
    let mut stranger = Browser::new(&home);
    register(&mut stranger, "eve", ANN).await;
    assert_eq!(stranger.page.html, first);
    link(&home, &sink, ANN, 2).await;
    assert!(sink.last(ANN).contains("has one already"));

    let answers = ["nobody@example.org", ANN].map(|email| (email, Browser::new(&home)));
    let mut pages = Vec::new();
    for (email, mut browser) in answers {
        browser.open("/forgot").await;
        let page = browser.submit("/forgot", &[("email", email)]).await;
        assert_eq!(page.status, 200);
        pages.push(page.html.clone());
    }
    assert_eq!(pages[0], pages[1]);
    assert!(sink.all("nobody@example.org").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_an_account_where_nobody_registers() {
    let sink = MailSink::start().await;
    let url = sink.url();
    let settings = [("REGISTRATION", "invite"), ("SMTP_URL", &url), FROM];
    let home = Home::served_with(&settings);
    let mut browser = Browser::new(&home);
    let closed = browser.open("/register").await;
    assert!(!closed.html.contains("name=\"password\""));
    home.json(["user", "invite", "--email", ANN, "--json"]);
    let invitation = link(&home, &sink, ANN, 1).await;
    for (name, status) in [("ann", 200), ("eve", 403)] {
        browser.open(&invitation).await;
        let fields = [("name", name), ("password", PASSWORD)];
        let page = browser.submit("/register", &fields).await;
        assert_eq!(page.status == 200, status == 200, "{}", page.html);
    }
    browser.sign_in("ann", PASSWORD).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.sign_in("eve", PASSWORD).await.status, 401);
}
