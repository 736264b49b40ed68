//! What survives a server: locks, sessions, mails that wait. It all stands in the database.

use hanok_testkit::MailSink;
use reqwest::Method;
use serde_json::json;

use super::browser::Browser;
use super::mail::due;
use super::{FROM, OTHER, PASSWORD, account, link, until};
use crate::home::Home;

const ANN: &str = "ann@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_and_a_session_outlive_the_server_however_it_ends() {
    let mut home = Home::served();
    let mut ann = account(&home, "ann").await;
    let mut bea = account(&home, "bea").await;
    let place = "/api/v1/auth/login";
    let body = json!({ "name": "ann", "password": "wrong" });
    for _ in 0..9 {
        let wrong = bea.program(Method::POST, place, "", body.clone()).await;
        assert_eq!(wrong.0, 401);
    }
    // Nine count together with the one after the start.
    home.end_server(libc::SIGKILL);
    home.serve(&[]);
    ann.follow(&home);
    bea.follow(&home);
    assert_eq!(ann.program(Method::POST, place, "", body).await.0, 401);
    home.end_server(libc::SIGTERM);
    home.serve(&[]);
    ann.follow(&home);
    bea.follow(&home);
    let mut other = Browser::new(&home);
    let locked = other.sign_in("ann", PASSWORD).await;
    assert_eq!(locked.status, 429, "{}", locked.html);
    assert!(locked.headers.contains_key("retry-after"));
    assert_eq!(other.sign_in("bea", PASSWORD).await.status, 200);
    assert!(ann.is_signed_in().await, "who was in stays in");
    assert!(bea.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_waits_goes_out_after_the_next_start_with_a_link_that_works() {
    let sink = MailSink::start().await;
    sink.refuse(true);
    let url = sink.url();
    let settings = [("REGISTRATION", "open"), ("SMTP_URL", url.as_str()), FROM];
    let mut home = Home::served_with(&settings);
    let mut browser = Browser::new(&home);
    browser.open("/register").await;
    let fields = [("name", "ann"), ("email", ANN), ("password", PASSWORD)];
    browser.submit("/register", &fields).await;
    let told = || home.log().contains("a mail was not sent yet").then_some(());
    until("a word of it", &home, told).await;
    home.end_server(libc::SIGKILL);
    assert!(sink.all(ANN).is_empty());

    sink.refuse(false);
    due(&home).await;
    home.serve(&settings);
    let verify = link(&home, &sink, ANN, 1).await;
    browser.follow(&home);
    browser.open(&verify).await;
    let page = browser.submit("/verify", &[]).await;
    assert_eq!(page.path, "/login?done=verified", "{}", page.html);
    browser.sign_in("ann", PASSWORD).await;
    assert!(browser.is_signed_in().await);

    // The address that people use stands in links, whatever the server listens on.
    home.end_server(libc::SIGTERM);
    let public = [("PUBLIC_URL", "https://hanok.example.org/")];
    home.serve(&[&settings[..], &public].concat());
    browser.follow(&home);
    let place = "/api/v1/auth/forgot";
    let asked = browser.program(Method::POST, place, "", json!({ "email": ANN }));
    assert_eq!(asked.await.0, 202);
    let reset = link(&home, &sink, ANN, 2).await;
    let path = reset.strip_prefix("https://hanok.example.org");
    let path = path.unwrap_or_else(|| panic!("{reset}")).to_owned();
    browser.open(&path).await;
    let page = browser.submit("/reset", &[("password", OTHER)]).await;
    assert_eq!(page.path, "/login?done=password_changed", "{}", page.html);
}
