//! Every route × credential × role × owner, against tables that are written by hand: `matrix/policy.txt`
//! says how to add to them.

mod cast;
mod cell;
mod dump;
mod table;
mod things;

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use hanok_domain::role::UserRole;
use hanok_store::StoreError;
use hanok_web::routes::Policy as Declared;

use crate::world::World;
use cast::{Actor, stand_in};
use cell::{Whose, ask, expected, verdict};
use table::Policy;
use things::{Place, Things};

pub use cast::{key, person, session, team};
pub use cell::fill;
pub use dump::Dump;
pub use table::Line;
pub use things::KINDS;

/// A world with two projects of everything, and everybody.
pub struct Stage {
    pub world: World,
    pub here: Place,
    pub there: Place,
    home: Place,
    pub ours: Things,
    pub theirs: Things,
    own: Things,
    cast: Vec<Actor>,
}

impl Stage {
    pub async fn new() -> Self {
        let world = World::new().await;
        let here = team(&world, "ours").await;
        let there = team(&world, "theirs").await;
        let caller = &world.studio.local_caller().await.unwrap();
        let home: Result<_, StoreError> = world
            .store
            .read(|tx| async move { tx.projects().get(&caller.project_id).await })
            .await;
        let home = home.unwrap().unwrap();
        let cast = cast::cast(&world, &here.id, &there.id).await;
        outsider(&world).await;
        let mut here = Place::of(&world, &here).await;
        let there = Place::of(&world, &there).await;
        let mut home = Place::of(&world, &home).await;
        home.holder = Some((caller.user_id.clone(), caller.project_role.clone()));
        let theirs = there.furnish(&world).await;
        let mut own = home.furnish(&world).await;
        own.insert("project", vec![home.project.clone()]);
        let mut ours = here.furnish(&world).await;
        ours.insert("project", vec![here.project.clone()]);
        here.holder = None;
        Self {
            world,
            here,
            there,
            home,
            ours,
            theirs,
            own,
            cast,
        }
    }

    /// The lines of the table, for other tests that go through all routes.
    pub fn lines(&self) -> Vec<Line> {
        Policy::read().lines
    }

    /// The ids of the path in this cell: things that will be changed are made for the purpose.
    async fn ids(&self, line: &Line, actor: &Actor, whose: Whose, fate: char) -> Vec<String> {
        let Some(kind) = line.kind.as_deref() else {
            return Vec::new();
        };
        let (place, things) = match (whose, actor.at_home) {
            (Whose::Absent | Whose::Nobody, _) => return Vec::new(),
            (Whose::Others, _) => (&self.there, &self.theirs),
            (Whose::Own, true) => (&self.home, &self.own),
            (Whose::Own, false) => (&self.here, &self.ours),
        };
        let changes = line.method != "GET" && fate == '+';
        // The administrator's own project is one of a kind.
        if !changes || (kind == "project" && actor.at_home && whose == Whose::Own) {
            return things[kind].clone();
        }
        let mut place = place.clone();
        if whose == Whose::Own && !actor.at_home {
            place.holder.clone_from(&actor.holder);
        }
        place.make(&self.world, kind).await
    }
}

/// Somebody who can be added to projects.
async fn outsider(world: &World) {
    let new = &hanok_store::rows::users::NewUser {
        name: "outsider".into(),
        email: None,
        role: UserRole::User,
        password_hash: None,
    };
    let made: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.users().insert(new).await })
        .await;
    made.unwrap();
}

/// Whose things a route is tried with.
fn owners(line: &Line) -> &'static [Whose] {
    match line.kind {
        Some(_) => &[Whose::Own, Whose::Others, Whose::Absent],
        None => &[Whose::Nobody],
    }
}

#[tokio::test]
async fn b01_every_route_has_a_line_and_every_line_a_route() {
    let world = World::new().await;
    let policy = Policy::read();
    let lines: BTreeSet<(String, String)> = policy
        .lines
        .iter()
        .map(|line| (line.method.clone(), line.path.clone()))
        .collect();
    assert_eq!(lines.len(), policy.lines.len(), "a line stands twice");
    let routes: BTreeSet<(String, String)> = world
        .routes
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    let missing: Vec<_> = routes.difference(&lines).collect();
    let stale: Vec<_> = lines.difference(&routes).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "missing {missing:#?}, stale {stale:#?}"
    );
    for line in &policy.lines {
        let ids = line.path.matches('{').count();
        let known = line
            .kind
            .as_deref()
            .is_none_or(|kind| KINDS.contains(&kind));
        assert!(known, "{} {}", line.method, line.path);
        assert!(
            ids == 0 || line.kind.is_some() || line.who == "public",
            "{}",
            line.path
        );
        let declared = world
            .routes
            .iter()
            .find(|r| r.method == *line.method && r.path == line.path)
            .unwrap()
            .policy;
        assert_eq!(
            declared,
            declares(&line.who),
            "{} {}",
            line.method,
            line.path
        );
    }
}

/// What a route for these must be mounted with.
fn declares(who: &str) -> Declared {
    match who {
        "public" | "shut" => Declared::Public,
        "near" => Declared::Near,
        "scrape" => Declared::Scrape,
        "viewer" => Declared::Viewer,
        "editor" => Declared::Editor,
        // The path names the project, so the studio asks for the role in that one.
        "account" | "giver" | "inside" | "owner" | "enter" => Declared::Account,
        "holder" => Declared::Owner,
        "admin" => Declared::Admin,
        "worker" => Declared::Worker,
        "local" => Declared::Local,
        other => panic!("policy.txt: nobody is '{other}'"),
    }
}

#[tokio::test]
async fn b01_every_route_by_every_credential_in_every_role_at_every_owner() {
    let stage = Stage::new().await;
    let policy = Policy::read();
    let before = Dump::of(&stage.world).await;
    let mut cells = 0;
    let mut wrong = Vec::new();
    for line in &policy.lines {
        for whose in owners(line) {
            for actor in &stage.cast {
                cells += 1;
                if let Some(complaint) = try_cell(&stage, &policy, line, actor, *whose).await {
                    wrong.push(complaint);
                }
            }
        }
    }
    let with_ids = policy
        .lines
        .iter()
        .filter(|line| line.kind.is_some())
        .count();
    let without = policy.lines.len() - with_ids;
    assert_eq!(cells, (without + 3 * with_ids) * stage.cast.len());
    println!(
        "{cells} cells: {} routes ({with_ids} with ids) by {} credentials",
        policy.lines.len(),
        stage.cast.len()
    );
    assert!(
        wrong.is_empty(),
        "{} of {cells} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // B03: nobody who was refused has changed what is theirs.
    let after = Dump::of(&stage.world).await;
    before.unchanged_in(&after, &stage.there.project);
}

async fn try_cell(
    stage: &Stage,
    policy: &Policy,
    line: &Line,
    actor: &Actor,
    whose: Whose,
) -> Option<String> {
    let actor = &match leaves(line) {
        true => stand_in(&stage.world, &stage.here.project, actor).await,
        false => actor.clone(),
    };
    let fate = expected(policy, line, actor, whose);
    let ids = stage.ids(line, actor, whose, fate).await;
    let path = fill(&line.path, &ids);
    let page = stage
        .world
        .routes
        .iter()
        .any(|r| r.page && r.method == *line.method && r.path == line.path);
    let got = ask(stage, line, page, &path, actor).await;
    let mut letter = verdict(line, page, &got);
    if letter == '>' {
        letter = if fate == '1' { '1' } else { '+' };
    }
    (letter != fate).then(|| {
        format!(
            "{} {} ({whose:?}) by {}: expected {fate}, got {letter}: {} {} {}",
            line.method,
            line.path,
            actor.name,
            got.status,
            got.code,
            got.text.chars().take(120).collect::<String>()
        )
    })
}

/// Whether it ends or moves sessions of who comes: others come after with theirs.
fn leaves(line: &Line) -> bool {
    let last = line.path.rsplit('/').next().unwrap();
    let all = line.path.contains("/account/sessions") && line.method != "GET";
    all || ["logout", "select", "password"].contains(&last)
}

#[tokio::test]
async fn b12_other_methods_are_refused() {
    let world = World::new().await;
    for method in [Method::PUT, Method::PATCH, Method::TRACE] {
        let answer = world.api(method.clone(), "/api/v1/datasets", None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(answer.headers.contains_key("allow"));
    }
}
