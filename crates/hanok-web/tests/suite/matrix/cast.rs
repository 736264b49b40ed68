//! Everybody who may come: each credential there is, in each role, alive and dead.

use std::time::Duration;

use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::rows::keys::NewKey;
use hanok_store::rows::projects::{Member, NewProject, Project};
use hanok_store::rows::sessions::NewSession;
use hanok_store::rows::users::{NewUser, UserChange};
use hanok_store::{StoreError, Tx};
use hanok_studio::access::Origin;
use sha2::{Digest, Sha256};

use super::table::Column;
use crate::world::{LOCAL, METRICS, WORKER, World};

/// How a credential is shown.
#[derive(Debug, Clone)]
pub enum Shown {
    Nothing,
    Header(String),
    Cookie(String),
}

/// Bounds of a key, as the second table speaks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    ReadOnly,
    Route,
    Model,
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Actor {
    pub name: String,
    pub column: Column,
    pub shown: Shown,
    pub bound: Option<Bound>,
    /// The header that names a project.
    pub names: Option<String>,
    /// The account and its role, where there is one that lives.
    pub holder: Option<(String, MemberRole)>,
    /// Whether their project is the administrator's own rather than the one of the others.
    pub at_home: bool,
}

/// The one route that a key with a route is good for.
pub const ONE_ROUTE: &str = "/v1/embeddings";

const ROLES: [&str; 4] = ["owner", "editor", "viewer", "auditor"];

pub async fn team(world: &World, name: &str) -> Project {
    let new = &NewProject {
        name: name.to_owned(),
        kind: "team".into(),
    };
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.projects().insert(new).await })
        .await;
    made.unwrap()
}

/// An account in a project.
pub async fn person(world: &World, project: &str, user: UserRole, role: &str) -> String {
    let new = &NewUser {
        name: hanok_domain::id::new("person"),
        email: None,
        role: user,
        password_hash: None,
    };
    let role = &MemberRole::parse(role);
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move {
            let user = tx.users().insert(new).await?.id;
            let member = Member {
                project_id: project.to_owned(),
                user_id: user.clone(),
                role: role.clone(),
            };
            tx.projects().set_member(&member).await?;
            Ok(user)
        })
        .await;
    made.unwrap()
}

/// A session of an account, as the cookie's value.
pub async fn session(world: &World, user: &str, lifetime: Duration) -> String {
    let token = hanok_domain::id::new("hs");
    let new = &NewSession {
        user_id: user.to_owned(),
        token_hash: sha256(&token),
        lifetime,
        user_agent: "test".into(),
        address: "127.0.0.1".into(),
        method: "password".into(),
    };
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.sessions().insert(new).await })
        .await;
    made.unwrap();
    token
}

/// An access token of an account, in its first project.
pub async fn token(world: &World, user: &str) -> String {
    let found: Result<_, StoreError> = world
        .store
        .read(|tx| async move { tx.users().get(user).await })
        .await;
    let user = found.unwrap().unwrap();
    let pair = world.studio.issue_tokens(&user, &Origin::default()).await;
    pair.unwrap().access_token
}

/// A key of an account, and its id.
pub async fn key(
    world: &World,
    project: &str,
    user: &str,
    scopes: &[&str],
    lifetime: Option<Duration>,
) -> (String, String) {
    let text = key_text();
    let new = &NewKey {
        project_id: project.to_owned(),
        user_id: user.to_owned(),
        name: "test".into(),
        prefix: text[..10].to_owned(),
        hash: sha256(&text),
        scopes: scopes.iter().map(|&s| s.to_owned()).collect(),
        limits: Default::default(),
        lifetime,
    };
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.keys().insert(new).await })
        .await;
    (text, made.unwrap().id)
}

/// A key as the program writes them: 40 characters and a checksum of 6.
fn key_text() -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let random = format!(
        "{}{}",
        hanok_domain::id::new("k"),
        hanok_domain::id::new("k")
    );
    let random: String = random.chars().filter(char::is_ascii_alphanumeric).collect();
    let text = format!("hk_{}", &random[..40]);
    let check: String = Sha256::digest(text.as_bytes())[..6]
        .iter()
        .map(|b| char::from(ALPHABET[usize::from(b % 62)]))
        .collect();
    text + &check
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn actor(name: &str, column: Column, shown: Shown) -> Actor {
    Actor {
        name: name.to_owned(),
        column,
        shown,
        bound: None,
        names: None,
        holder: None,
        at_home: false,
    }
}

fn bearer(token: &str) -> Shown {
    Shown::Header(format!("Bearer {token}"))
}

const DAY: Duration = Duration::from_secs(86_400);

/// Everybody, in project `here`; the lost ones name `there`.
pub async fn cast(world: &World, here: &str, there: &str) -> Vec<Actor> {
    let mut all = vec![
        actor("nobody", Column::None, Shown::Nothing),
        actor("worker", Column::Work, bearer(WORKER)),
        actor("metrics", Column::Metrics, bearer(METRICS)),
        Actor {
            at_home: true,
            ..actor("local", Column::Local, bearer(LOCAL))
        },
    ];
    all.extend(members(world, here).await);
    all.extend(bounded(world, here).await);
    all.extend(dead(world, here).await);
    all.extend(lost(world, here, there).await);
    all
}

async fn members(world: &World, here: &str) -> Vec<Actor> {
    let mut all = Vec::new();
    for (at, role) in ROLES.into_iter().enumerate() {
        for user in [UserRole::User, UserRole::Admin, UserRole::Service] {
            let account = person(world, here, user.clone(), role).await;
            let admin = usize::from(user == UserRole::Admin);
            let holder = Some((account.clone(), MemberRole::parse(role)));
            if user != UserRole::Service {
                let cookie = Shown::Cookie(session(world, &account, DAY).await);
                let access = bearer(&token(world, &account).await);
                for (what, shown) in [("session", cookie), ("access token", access)] {
                    let name = format!("{what} of {user}, {role}");
                    all.push(Actor {
                        holder: holder.clone(),
                        ..actor(&name, Column::Member(admin, at), shown)
                    });
                }
            }
            let (text, _) = key(world, here, &account, &[], None).await;
            all.push(Actor {
                holder,
                ..actor(
                    &format!("key of {user}, {role}"),
                    Column::Member(2 + admin, at),
                    bearer(&text),
                )
            });
        }
    }
    all
}

/// Somebody who is in all what a person with a session or an access token is; others as they are.
pub async fn stand_in(world: &World, project: &str, actor: &Actor) -> Actor {
    let mut other = actor.clone();
    let (Column::Member(kind @ 0..=1, at), Some((_, role))) = (actor.column, &actor.holder) else {
        return other;
    };
    let user = [UserRole::User, UserRole::Admin][kind].clone();
    let account = person(world, project, user, ROLES[at]).await;
    other.shown = match &actor.shown {
        Shown::Cookie(_) => Shown::Cookie(session(world, &account, DAY).await),
        _ => bearer(&token(world, &account).await),
    };
    other.holder = Some((account, role.clone()));
    other
}

async fn bounded(world: &World, here: &str) -> Vec<Actor> {
    let owner = person(world, here, UserRole::User, "owner").await;
    let mut all = Vec::new();
    for (bound, scope) in [
        (Bound::ReadOnly, "read-only".to_owned()),
        (Bound::Route, format!("route:{ONE_ROUTE}")),
        (
            Bound::Model,
            format!("model:{}", super::things::callable(here)),
        ),
    ] {
        let (text, _) = key(world, here, &owner, &[&scope], None).await;
        all.push(Actor {
            bound: Some(bound),
            holder: Some((owner.clone(), MemberRole::Owner)),
            ..actor(
                &format!("key with {scope}"),
                Column::Member(2, 0),
                bearer(&text),
            )
        });
    }
    all
}

async fn dead(world: &World, here: &str) -> Vec<Actor> {
    let owner = &person(world, here, UserRole::User, "owner").await;
    let disabled = &person(world, here, UserRole::Admin, "owner").await;
    let gone = &person(world, here, UserRole::User, "owner").await;
    let program = &person(world, here, UserRole::Service, "owner").await;
    let binned = &team(world, "in the bin").await.id;
    let theirs = &person(world, binned, UserRole::User, "owner").await;
    let (revoked, revoked_id) = &key(world, here, owner, &[], None).await;
    let closed = &session(world, owner, DAY).await;
    let bearers = [
        (
            "expired key",
            key(world, here, owner, &[], Some(Duration::ZERO)).await.0,
        ),
        ("revoked key", revoked.clone()),
        (
            "disabled account's key",
            key(world, here, disabled, &[], None).await.0,
        ),
        (
            "former member's key",
            key(world, here, gone, &[], None).await.0,
        ),
        (
            "key of a project in the bin",
            key(world, binned, theirs, &[], None).await.0,
        ),
        (
            "access token of a closed session",
            token(world, owner).await,
        ),
        (
            "disabled account's access token",
            token(world, disabled).await,
        ),
        ("former member's access token", token(world, gone).await),
        (
            "access token of a project in the bin",
            token(world, theirs).await,
        ),
        ("program's access token", token(world, program).await),
        ("key of nobody", key_text()),
        ("garbage", "nonsense".to_owned()),
    ];
    let sessions = [
        (
            "expired session",
            session(world, owner, Duration::ZERO).await,
        ),
        ("closed session", closed.clone()),
        (
            "disabled account's session",
            session(world, disabled, DAY).await,
        ),
        ("former member's session", session(world, gone, DAY).await),
        (
            "session in a project in the bin",
            session(world, theirs, DAY).await,
        ),
        ("program's session", session(world, program, DAY).await),
    ];
    let ended: Result<_, StoreError> = world
        .store
        .write(|tx| async move {
            tx.keys().revoke(here, revoked_id).await?;
            tx.sessions().revoke_all(owner).await?;
            tx.projects().remove_member(here, gone).await?;
            tx.projects().bin(binned, DAY).await?;
            disable(&tx, disabled).await
        })
        .await;
    ended.unwrap();
    let mut all: Vec<Actor> = Vec::new();
    all.extend(bearers.map(|(name, text)| actor(name, Column::Dead, bearer(&text))));
    all.extend(sessions.map(|(name, token)| actor(name, Column::Dead, Shown::Cookie(token))));
    let basic = Shown::Header("Basic YTpi".to_owned());
    all.push(actor("another scheme", Column::Dead, basic));
    all
}

async fn disable(tx: &Tx, user: &str) -> Result<(), StoreError> {
    let change = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    tx.users().update(user, &change).await
}

async fn lost(world: &World, here: &str, there: &str) -> Vec<Actor> {
    let owner = person(world, here, UserRole::User, "owner").await;
    let cookie = session(world, &owner, DAY).await;
    let access = token(world, &owner).await;
    let (text, _) = key(world, here, &owner, &[], None).await;
    [
        ("session that names another project", Shown::Cookie(cookie)),
        ("access token that names another project", bearer(&access)),
        ("key that names another project", bearer(&text)),
        ("local token that names another project", bearer(LOCAL)),
    ]
    .map(|(name, shown)| Actor {
        names: Some(there.to_owned()),
        ..actor(
            name,
            match name.starts_with("local") {
                true => Column::LostLocal,
                false => Column::Lost,
            },
            shown,
        )
    })
    .into()
}
