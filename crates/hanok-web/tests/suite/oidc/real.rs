//! The whole way against a provider that is not ours, where `HANOK_TEST_OIDC` names one.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{back, session, settings, start, who, world};
use crate::world::World;

/// A browser at the provider: follows it with its cookies until it sends us back.
struct Browser<'a> {
    issuer: &'a str,
    cookies: BTreeMap<String, String>,
}

impl Browser<'_> {
    /// The place that an address answers with, if it sends on.
    async fn get(&mut self, url: &str) -> (u16, Option<String>) {
        let host = self.issuer.strip_prefix("http://").unwrap();
        let path = url.strip_prefix(self.issuer).unwrap_or(url);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\n\r\n",
            cookies.join("; ")
        );
        let mut socket = TcpStream::connect(host).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let head = answer.split("\r\n\r\n").next().unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut location = None;
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            match name.to_lowercase().as_str() {
                "location" => location = Some(value.to_owned()),
                "set-cookie" => {
                    let pair = value.split(';').next().unwrap();
                    let (key, value) = pair.split_once('=').unwrap();
                    self.cookies.insert(key.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        (status, location)
    }

    /// Signs in as somebody; the query that the provider sends us back with.
    async fn sign_in(&mut self, url: &str, login: &str) -> String {
        let mut url = url.to_owned();
        for _ in 0..8 {
            let (status, location) = self.get(&url).await;
            url = match location {
                Some(to) if to.contains("/auth/oidc/callback") => {
                    return to.split_once('?').unwrap().1.to_owned();
                }
                Some(to) => to,
                // The form of the sign-in is filled in.
                None if status == 200 && !url.contains("login=") => format!("{url}?login={login}"),
                None => panic!("{status} at {url}"),
            };
        }
        panic!("no way back from {url}");
    }
}

/// The whole way; with the query that came back.
async fn through(world: &World, issuer: &str, login: &str) -> (crate::world::Answer, String) {
    let begun = start(world, "/runs").await;
    let mut browser = Browser {
        issuer,
        cookies: BTreeMap::new(),
    };
    let query = browser.sign_in(&begun.location, login).await;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("state="))
        .collect();
    let rest = format!("&{}", rest.join("&"));
    let answer = back(world, &begun, &rest).await;
    let again = back(world, &begun, &rest).await;
    assert_eq!(
        (again.status, again.code()),
        (StatusCode::BAD_REQUEST, "oidc_state".into())
    );
    (answer, rest)
}

#[tokio::test]
async fn people_of_a_real_provider_come_in_by_their_groups() {
    let Some(issuer) = std::env::var("HANOK_TEST_OIDC")
        .ok()
        .filter(|v| !v.is_empty())
    else {
        return;
    };
    let mut wanted = settings(&issuer);
    wanted.admin_values = vec!["hanok-admins".into()];
    wanted.user_values = vec!["staff".into()];
    let world = world(wanted).await;
    let (ada, used) = through(&world, &issuer, "ada").await;
    assert_eq!(ada.status, StatusCode::OK, "{}", ada.text);
    assert_eq!(who(&world, &ada).await, ("ada".into(), "admin".into()));
    let (bob, _) = through(&world, &issuer, "bob").await;
    assert_eq!(who(&world, &bob).await, ("bob".into(), "user".into()));
    let (again, _) = through(&world, &issuer, "ada").await;
    assert_eq!(who(&world, &again).await.0, "ada");
    let (eve, _) = through(&world, &issuer, "eve").await;
    assert_eq!(
        (eve.status, eve.code()),
        (StatusCode::FORBIDDEN, "oidc_no_role".into())
    );
    assert!(session(&eve).is_none());
    // A code that was redeemed, with a sign-in of one's own: the provider takes it no more.
    let begun = start(&world, "/").await;
    let replayed = back(&world, &begun, &used).await;
    assert_eq!(
        (replayed.status, replayed.code()),
        (StatusCode::UNAUTHORIZED, "oidc_refused".into())
    );
    let nobody = start(&world, "/").await;
    let mut browser = Browser {
        issuer: &issuer,
        cookies: BTreeMap::new(),
    };
    let query = browser.sign_in(&nobody.location, "nobody").await;
    assert!(query.contains("error=access_denied"), "{query}");
}
