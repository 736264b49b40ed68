//! Sign-in at a provider of identities: the real one of `cargo xtask test`, and one of our own that lies as it
//! is told to.

mod attacks;
mod people;
mod provider;
mod real;
mod tokens;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use hanok_studio::accounts::Credentials;
use hanok_studio::accounts::oidc::OidcSettings;

use crate::world::{Answer, World, request};
use provider::Provider;

pub fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        issuer: issuer.to_owned(),
        client_id: "hanok".to_owned(),
        client_secret: Some("of no worth & with : odd % letters".to_owned()),
        scopes: "openid profile email groups".to_owned(),
        role_claim: "groups".to_owned(),
        admin_values: Vec::new(),
        user_values: Vec::new(),
        ca: None,
        button: "Example ID".to_owned(),
        create_users: true,
    }
}

pub async fn world(settings: OidcSettings) -> World {
    World::trusting(Credentials::passing().unwrap().oidc(settings).unwrap()).await
}

/// A world that trusts a provider of our own.
pub async fn pair() -> (World, Provider) {
    let provider = Provider::start().await;
    (world(settings(&provider.issuer)).await, provider)
}

/// A sign-in that is on its way.
#[derive(Debug, Clone)]
pub struct Begun {
    pub location: String,
    pub cookie: String,
}

impl Begun {
    /// A value that was sent along.
    pub fn sent(&self, name: &str) -> String {
        let query = self.location.split_once('?').unwrap().1;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).unwrap().1.to_owned()
    }
}

pub async fn start(world: &World, next: &str) -> Begun {
    let path = format!("/auth/oidc/start?next={next}");
    let answer = get(world, &path, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    begun(&answer, answer.headers["location"].to_str().unwrap())
}

pub fn begun(answer: &Answer, location: &str) -> Begun {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/auth/oidc"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Begun {
        location: location.to_owned(),
        cookie: cookie.split(';').next().unwrap().to_owned(),
    }
}

pub async fn get(world: &World, path: &str, cookie: &str) -> Answer {
    let request = request(Method::GET, path).header("cookie", cookie);
    world.call(request.body(Body::empty()).unwrap()).await
}

/// Comes back with this query after `state`.
pub async fn back(world: &World, begun: &Begun, rest: &str) -> Answer {
    let path = format!("/auth/oidc/callback?state={}{rest}", begun.sent("state"));
    get(world, &path, &begun.cookie).await
}

/// Signs in at our own provider as it is set now.
pub async fn sign_in(world: &World, provider: &Provider) -> Answer {
    let begun = start(world, "/runs").await;
    provider.expect(&begun);
    back(world, &begun, &format!("&code={}", provider.code())).await
}

/// The session that an answer begins.
pub fn session(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let cookie = cookies.find(|cookie| cookie.starts_with("hanok_session="))?;
    Some(cookie.split(';').next()?.to_owned())
}

/// Who the session of an answer is: name and role.
pub async fn who(world: &World, answer: &Answer) -> (String, String) {
    let session = session(answer).unwrap_or_else(|| panic!("{} {}", answer.status, answer.text));
    let me = get(world, "/api/v1/me", &session).await.json();
    let text = |name: &str| me["user"][name].as_str().unwrap_or_default().to_owned();
    (text("name"), text("role"))
}

/// Nobody is signed in, and nothing was made or linked.
pub async fn nothing_came_of_it(world: &World, answer: &Answer, what: &str) {
    assert!(session(answer).is_none(), "{what}: somebody is signed in");
    let caller = world.studio.local_caller().await.unwrap();
    let identities = world.studio.identities(&caller).await.unwrap();
    assert!(identities.is_empty(), "{what}: somebody is linked");
    let users = world
        .store
        .read(|tx| async move { tx.users().list().await });
    assert_eq!(users.await.unwrap().len(), 1, "{what}: somebody was made");
}
