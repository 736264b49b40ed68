//! C04: redirects are judged as addresses of their own, five at most.

use std::sync::Arc;

use bytes::Bytes;
use hanok_domain::fault::FaultKind;
use hanok_remote::{Remote, Request, Trust};

use crate::server::{Names, Server, head, ok, remote};

fn names() -> Arc<Names> {
    let names = Names::default()
        .with("outer.test", &[&["127.0.0.1"]])
        .with("other.test", &[&["127.0.0.1"]])
        .with("private.test", &[&["127.0.0.1"]]);
    Arc::new(names)
}

fn to(location: &str) -> Vec<u8> {
    head("302 Found", &format!("location: {location}\r\n"))
}

async fn asked(
    remote: &Remote,
    port: u16,
    path: &str,
) -> Result<Bytes, hanok_domain::fault::Fault> {
    let url = format!("http://outer.test:{port}{path}");
    let answer = remote.send(Request::get(url, Trust::Request)).await?;
    answer.bytes().await
}

#[tokio::test]
async fn c04_a_redirect_inward_is_not_followed() {
    let inner = Server::start(|_| ok("inside")).await;
    let port = inner.port;
    let locations = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://private.test:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://u:p@outer.test:{port}/"),
        format!("http:\\\\127.0.0.1:{port}"),
        "http://169.254.169.254/latest/meta-data/".into(),
        "file:///etc/passwd".into(),
        "gopher://127.0.0.1/".into(),
        "http://outer.test:22/".into(),
    ];
    for location in locations {
        let text = location.clone();
        let outer = Server::start(move |_| to(&text)).await;
        let names = names();
        let remote = remote(&names, &[format!("outer.test:{}", outer.port)]);
        let fault = asked(&remote, outer.port, "/").await.unwrap_err();
        assert_eq!(fault.code, "url_not_allowed", "{location}");
    }
    inner.assert_silent("a redirect was followed inward");
}

#[tokio::test]
async fn c04_five_hops_are_followed_and_a_sixth_is_not() {
    let outer = Server::start(|head| {
        let left = head.split_whitespace().nth(1).unwrap_or_default();
        match left.trim_start_matches('/').parse::<u32>().unwrap_or(0) {
            0 => ok("there"),
            left => to(&format!("/{}", left - 1)),
        }
    })
    .await;
    let names = names();
    let remote = remote(&names, &[format!("outer.test:{}", outer.port)]);
    assert_eq!(asked(&remote, outer.port, "/5").await.unwrap(), "there");
    let before = outer.came().len();
    let fault = asked(&remote, outer.port, "/6").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Upstream);
    assert_eq!(outer.came().len() - before, 6);
}

#[tokio::test]
async fn c04_what_has_a_body_is_not_sent_on() {
    let inner = Server::start(|_| ok("inside")).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("location: http://other.test:{}/\r\n", inner.port);
        let outer = Server::start(move |_| head(status, &location)).await;
        let names = names();
        let allowed = [outer.port, inner.port];
        let [first, second] = allowed;
        let remote = remote(
            &names,
            &[
                format!("outer.test:{first}"),
                format!("other.test:{second}"),
            ],
        );
        let url = format!("http://outer.test:{first}/");
        let post = Request::post_json(url, Trust::Request, &["secret"]).unwrap();
        let fault = remote.send(post).await.err().unwrap();
        assert_eq!(fault.code, "upstream_failed", "{status}");
    }
    inner.assert_silent("a body was sent on");
}

#[tokio::test]
async fn c04_an_operators_trust_ends_where_a_redirect_leaves_his_origin() {
    let inner = Server::start(|_| ok("inside")).await;
    let location = format!("http://127.0.0.1:{}/", inner.port);
    let outer = Server::start(move |_| to(&location)).await;
    let names = names();
    let remote = remote(&names, &[]);
    let url = format!("http://127.0.0.1:{}/", outer.port);
    let fault = remote
        .send(Request::get(url, Trust::Operator))
        .await
        .err()
        .unwrap();
    assert_eq!(fault.code, "url_not_allowed");
    inner.assert_silent("the trust went along");
}
