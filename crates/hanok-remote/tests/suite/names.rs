//! C05: names that change their minds, or say two things at once.

use std::sync::Arc;

use hanok_remote::{Request, Trust};

use crate::server::{Names, Server, ok, remote};

#[tokio::test]
async fn c05_mixed_answers_are_refused_and_nothing_is_sent() {
    let server = Server::start(|_| ok("inside")).await;
    for (name, answers) in [
        ("mixed.test", ["1.1.1.1", "127.0.0.1"]),
        ("turned.test", ["127.0.0.1", "1.1.1.1"]),
        ("both.test", ["2606:4700::1111", "127.0.0.1"]),
        ("mapped.test", ["1.1.1.1", "::ffff:127.0.0.1"]),
    ] {
        let names = Arc::new(Names::default().with(name, &[&answers]));
        let remote = remote(&names, &[]);
        let url = format!("http://{name}:{}/", server.port);
        let fault = remote
            .send(Request::get(url, Trust::Request))
            .await
            .err()
            .unwrap();
        assert_eq!(fault.code, "url_not_allowed", "{name}");
    }
    server.assert_silent("one address of several was asked");
}

/// The check of a stored address says nothing of a later use: the name may lead elsewhere by then.
#[tokio::test]
async fn c05_a_name_that_was_public_when_it_was_checked_is_judged_again() {
    let server = Server::start(|_| ok("inside")).await;
    let names = Names::default().with("rebinding.test", &[&["1.1.1.1"], &["127.0.0.1"]]);
    let names = Arc::new(names);
    let remote = remote(&names, &[]);
    let url = format!("http://rebinding.test:{}/", server.port);
    remote.check(&url, Trust::Request).await.unwrap();
    let fault = remote
        .send(Request::get(url, Trust::Request))
        .await
        .err()
        .unwrap();
    assert_eq!(fault.code, "url_not_allowed");
    server.assert_silent("the second answer was believed");
}

#[tokio::test]
async fn c05_one_look_up_per_connection() {
    let server = Server::start(|_| ok("inside")).await;
    // A second look-up would lead to nobody.
    let names = Names::default().with("own.test", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let names = Arc::new(names);
    let remote = remote(&names, &[]);
    let url = format!("http://own.test:{}/", server.port);
    let answer = remote
        .send(Request::get(url, Trust::Operator))
        .await
        .unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "inside");
    assert_eq!(names.asked(), ["own.test"]);
}
