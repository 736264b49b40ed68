//! C07: credentials go to the origin they are for, and nowhere else.

use std::sync::Arc;

use hanok_remote::{Request, Trust};

use crate::server::{Names, Server, head, ok, remote};

const SECRETS: [&str; 4] = ["canary-bearer", "canary-cookie", "canary-key", "canary-odd"];

fn with_secrets(url: String) -> Request {
    Request::get(url, Trust::Request)
        .bearer(SECRETS[0])
        .header("cookie", &format!("session={}", SECRETS[1]))
        .header("x-api-key", SECRETS[2])
        .header("x-anything", SECRETS[3])
        .header("accept", "application/json")
}

#[tokio::test]
async fn c07_credentials_stay_with_their_origin() {
    let other = Server::start(|_| ok("there")).await;
    let location = format!("http://other.test:{}/", other.port);
    let first = Server::start(move |request| match request.contains("get /home ") {
        true => head("302 Found", "location: /landed\r\n"),
        false if request.contains("get /landed ") => ok("home"),
        false => head("302 Found", &format!("location: {location}\r\n")),
    })
    .await;
    let names = Names::default()
        .with("first.test", &[&["127.0.0.1"]])
        .with("other.test", &[&["127.0.0.1"]]);
    let names = Arc::new(names);
    let allowed = [
        format!("first.test:{}", first.port),
        format!("other.test:{}", other.port),
    ];
    let remote = remote(&names, &allowed);

    let home = format!("http://first.test:{}/home", first.port);
    let answer = remote.send(with_secrets(home)).await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "home");
    for request in first.came() {
        for secret in SECRETS {
            assert!(
                request.contains(secret),
                "{secret} is missing at home: {request}"
            );
        }
    }

    let away = format!("http://first.test:{}/away", first.port);
    let answer = remote.send(with_secrets(away)).await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "there");
    let seen = other.came().concat();
    assert!(seen.contains("accept: application/json"), "{seen}");
    for secret in SECRETS {
        assert!(!seen.contains(secret), "{secret} left its origin: {seen}");
    }
    assert!(!seen.contains("referer"), "{seen}");
}

/// Another port of the same host is another origin.
#[tokio::test]
async fn c07_another_port_is_another_origin() {
    let other = Server::start(|_| ok("there")).await;
    let location = format!("http://first.test:{}/", other.port);
    let first =
        Server::start(move |_| head("307 Moved", &format!("location: {location}\r\n"))).await;
    let names = Arc::new(Names::default().with("first.test", &[&["127.0.0.1"]]));
    let remote = remote(&names, &["first.test".to_owned()]);
    let url = format!("http://first.test:{}/", first.port);
    remote.send(with_secrets(url)).await.unwrap();
    let seen = other.came().concat();
    assert!(seen.contains("host: first.test"), "{seen}");
    assert!(
        SECRETS.iter().all(|secret| !seen.contains(secret)),
        "{seen}"
    );
}

/// A realm that names another server changes nothing: nobody asks there.
#[tokio::test]
async fn c07_a_challenge_that_names_another_server_is_not_answered() {
    let other = Server::start(|_| ok("token")).await;
    let realm = format!(
        "www-authenticate: Bearer realm=\"http://other.test:{}/\"\r\n",
        other.port
    );
    let first = Server::start(move |_| head("401 Unauthorized", &realm)).await;
    let names = Arc::new(Names::default().with("first.test", &[&["127.0.0.1"]]));
    let remote = remote(&names, &["first.test".to_owned(), "other.test".to_owned()]);
    let url = format!("http://first.test:{}/", first.port);
    let answer = remote.send(with_secrets(url)).await.unwrap();
    assert_eq!(answer.status(), 401);
    other.assert_silent("the realm was asked");
}

#[tokio::test]
async fn c07_faults_and_what_is_printed_hold_no_secret() {
    let failing = Server::start(|_| head("500 Broken", "")).await;
    let names = Arc::new(Names::default().with("first.test", &[&["127.0.0.1"]]));
    let remote = remote(&names, &["first.test".to_owned()]);
    let url = format!("http://first.test:{}/?token=canary-odd", failing.port);
    let request = with_secrets(url);
    let printed = format!("{:?}", request.clone().header("x", "y"));
    for secret in &SECRETS[..3] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let fault = remote.send(request).await.unwrap().success().err().unwrap();
    assert!(!fault.to_string().contains("canary"), "{fault}");
    drop(failing);
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let url = format!("http://first.test:{port}/?token=canary-odd");
    let fault = remote.send(with_secrets(url)).await.err().unwrap();
    assert_eq!(fault.code, "upstream_failed");
    assert!(!fault.to_string().contains("canary"), "{fault}");
}
