//! Two projects side by side: what one owns cannot be read, changed, named in a body or guessed from the
//! other. There are no signed links (B09) in Hanok.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::role::{MemberRole, UserRole};
use hanok_store::StoreError;
use hanok_store::rows::projects::Member;
use hanok_web::openapi::operations::{Body as Carries, OPERATIONS};
use hanok_web::openapi::schema;
use serde_json::{Value, json};

use crate::matrix::{Dump, Line, Stage, fill, key, person, session};
use crate::world::{Answer, LOCAL, World, request};

const DAY: Duration = Duration::from_secs(86_400);

/// Somebody of the first project, by key, and as a person by session.
pub struct Somebody {
    pub user: String,
    pub key: String,
    pub session: String,
}

pub async fn somebody(stage: &Stage, role: &str) -> Somebody {
    let here = &stage.here.project;
    let user = person(&stage.world, here, UserRole::User, role).await;
    let key = key(&stage.world, here, &user, &[], None).await.0;
    let session = session(&stage.world, &user, DAY).await;
    Somebody { user, key, session }
}

pub async fn call(
    world: &World,
    method: &str,
    path: &str,
    who: &str,
    body: Option<&Value>,
) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = request(method, path);
    request = match who.starts_with("hk_") || who == LOCAL {
        true => request.header("authorization", format!("Bearer {who}")),
        false => request.header("cookie", format!("hanok_session={who}")),
    };
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let text = body.map(Value::to_string).unwrap_or_default();
    request = request.header("content-length", text.len());
    let body = Body::from(text);
    let response = tower::ServiceExt::oneshot(world.router.clone(), request.body(body).unwrap());
    let (parts, body) = response.await.unwrap().into_parts();
    let kind = parts.headers.get("content-type");
    let stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let text = match stream {
        true => String::new(),
        false => {
            let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    Answer {
        status: parts.status,
        headers: parts.headers,
        text,
    }
}

/// What each route that names a project or a person takes.
fn body_of(line: &Line) -> Option<Value> {
    let path = line.path.as_str();
    let projects = path.starts_with("/api/v1/projects/") && line.method == "POST";
    match path.rsplit('/').next() {
        Some("{id}") if projects => Some(json!({ "name": "mine now" })),
        Some("members") if projects => Some(json!({ "user": "outsider", "role": "owner" })),
        Some("{user}") if projects => Some(json!({ "role": "owner" })),
        Some("service-accounts") if projects => Some(json!({ "name": "spy" })),
        _ => None,
    }
}

#[tokio::test]
async fn b02_b03_what_is_theirs_looks_like_what_is_not_there_and_stays_as_it_is() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let me = somebody(&stage, "owner").await;
    let before = Dump::of(world).await;
    let mut tried = BTreeSet::new();
    for line in stage.lines().into_iter().filter(|l| l.kind.is_some()) {
        let kind = line.kind.clone().unwrap();
        let absent: Vec<String> = stage.theirs[kind.as_str()]
            .iter()
            .map(|id| id.replace(|c: char| c.is_ascii_digit(), "0"))
            .collect();
        let ask = |ids: Vec<String>, who: String| {
            let (path, body) = (fill(&line.path, &ids), body_of(&line));
            let method = line.method.clone();
            async move {
                let answer = call(world, &method, &path, &who, body.as_ref()).await;
                let text = ids
                    .iter()
                    .fold(answer.text, |text, id| text.replace(id, "ID"));
                (answer.status, text)
            }
        };
        for who in [&me.key, &me.session] {
            let theirs = ask(stage.theirs[kind.as_str()].clone(), who.clone()).await;
            let nothing = ask(absent.clone(), who.clone()).await;
            assert!(
                theirs.0.is_client_error() || theirs.0.is_redirection(),
                "{line:?}"
            );
            assert_eq!(theirs, nothing, "{line:?}");
        }
        tried.insert(kind);
    }
    assert_eq!(tried.len(), crate::matrix::KINDS.len(), "{tried:?}");
    before.unchanged(&Dump::of(world).await, "foreign ids");
}

/// Bodies that name something of the other project, by hand: path, body, and the kind of the foreign id.
fn naming(stage: &Stage) -> Vec<(&'static str, Value)> {
    let id = |kind: &str| stage.theirs[kind].last().unwrap().clone();
    let ours = |kind: &str| stage.ours[kind].last().unwrap().clone();
    let hello = json!([{ "role": "user", "content": "hello" }]);
    let (model, dataset) = (id("model"), id("dataset"));
    vec![
        ("/api/v1/runs", json!({ "dataset": dataset })),
        (
            "/api/v1/runs",
            json!({ "dataset": ours("dataset"), "validation": dataset }),
        ),
        (
            "/api/v1/runs",
            json!({ "dataset": ours("dataset"), "base_model": model, "method": "head" }),
        ),
        (
            "/api/v1/jobs",
            json!({ "kind": "run.train", "dataset": dataset }),
        ),
        (
            "/api/v1/jobs",
            json!({ "kind": "eval.run", "model": model, "dataset": dataset }),
        ),
        (
            "/api/v1/evals",
            json!({ "model": model, "dataset": ours("dataset") }),
        ),
        (
            "/api/v1/evals",
            json!({ "model": ours("model"), "dataset": dataset }),
        ),
        ("/api/v1/deployments", json!({ "model": model })),
        (
            "/api/v1/models",
            json!({ "name": "m", "files": [{ "path": "config.json", "file_id": id("file") }] }),
        ),
        (
            "/v1/fine_tuning/jobs",
            json!({ "model": "hanok-encoder", "training_file": id("file") }),
        ),
        (
            "/v1/fine_tuning/jobs",
            json!({ "model": "hanok-encoder", "training_file": ours("file"), "validation_file": id("file") }),
        ),
        (
            "/v1/fine_tuning/jobs",
            json!({ "model": model, "training_file": ours("file") }),
        ),
        (
            "/v1/chat/completions",
            json!({ "model": model, "messages": hello }),
        ),
        (
            "/v1/completions",
            json!({ "model": model, "prompt": "hello" }),
        ),
        (
            "/v1/embeddings",
            json!({ "model": model, "input": "hello" }),
        ),
        ("/v1/classify", json!({ "model": model, "input": "hello" })),
        (
            "/api/v1/keys",
            json!({ "name": "k", "service_account": id("program") }),
        ),
        (
            "/api/v1/keys",
            json!({ "name": "k", "service_account": id("member") }),
        ),
    ]
}

#[tokio::test]
async fn b04_a_foreign_id_inside_a_body_is_not_there() {
    let stage = Stage::new().await;
    let me = somebody(&stage, "owner").await;
    let before = Dump::of(&stage.world).await;
    for (path, body) in naming(&stage) {
        let answer = call(&stage.world, "POST", path, &me.key, Some(&body)).await;
        let refused = matches!(answer.status.as_u16(), 404 | 422);
        assert!(refused, "{path} {body}: {} {}", answer.status, answer.text);
    }
    before.unchanged(&Dump::of(&stage.world).await, "foreign ids in bodies");
}

/// A body that fits the schema.
fn example(name: &str) -> Value {
    let all = schema::all();
    let fields = all[name]["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let of = |schema: &Value| match schema["type"].as_str().or(schema["type"][0].as_str()) {
        Some("string") => json!("x"),
        Some("integer") => json!(1),
        Some("number") => json!(0.5),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => json!({}),
    };
    fields
        .iter()
        .map(|(field, schema)| (field.clone(), of(schema)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

const SWITCHES: [&str; 8] = [
    "bypass_filter",
    "debug",
    "as_user",
    "user_id",
    "project_id",
    "role_id",
    "admin",
    "created_by",
];

#[tokio::test]
async fn b05_no_body_of_ours_takes_a_switch_that_it_does_not_have() {
    let world = World::new().await;
    let mut tried = 0;
    for op in OPERATIONS
        .iter()
        .filter(|op| op.path.starts_with("/api/v1/"))
    {
        let Carries::Json(name) = op.takes else {
            continue;
        };
        for switch in SWITCHES {
            let mut body = match name {
                "StartJob" => json!({ "kind": "run.train", "dataset": "ds_x" }),
                "Grant" => json!({ "grant_type": "one_time_secret", "secret": "x" }),
                name => example(name),
            };
            body[switch] = json!("true");
            let path = fill(op.path, &[]);
            let answer = call(&world, op.method, &path, LOCAL, Some(&body)).await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{name} {switch}"
            );
            assert!(answer.text.contains(switch), "{name}: {}", answer.text);
            tried += 1;
        }
    }
    assert!(tried >= 12 * SWITCHES.len(), "{tried}");
}

#[tokio::test]
async fn b05_a_query_changes_nothing_about_who_asks() {
    let stage = Stage::new().await;
    let me = somebody(&stage, "viewer").await;
    let theirs = &stage.there.project;
    for path in [
        "/api/v1/datasets",
        "/api/v1/keys",
        "/api/v1/me",
        "/v1/models",
        "/v1/files",
    ] {
        let plain = call(&stage.world, "GET", path, &me.key, None).await;
        for switch in SWITCHES {
            let path = format!("{path}?{switch}={theirs}");
            let switched = call(&stage.world, "GET", &path, &me.key, None).await;
            assert_eq!(
                (plain.status, &plain.text),
                (switched.status, &switched.text),
                "{path}"
            );
        }
    }
}

async fn leave(world: &World, project: &str, user: &str) {
    let left: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.projects().remove_member(project, user).await })
        .await;
    assert!(left.unwrap());
}

#[tokio::test]
async fn b07_who_is_no_longer_a_member_finds_nothing_at_the_next_call() {
    let stage = Stage::new().await;
    let (world, here) = (&stage.world, stage.here.project.as_str());
    let me = somebody(&stage, "editor").await;
    let own = crate::matrix::team(world, "my own").await;
    let member = &Member {
        project_id: own.id.clone(),
        user_id: me.user.clone(),
        role: MemberRole::Owner,
    };
    let joined: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.projects().set_member(member).await })
        .await;
    joined.unwrap();
    let select = format!("/api/v1/projects/{here}/select");
    assert_eq!(
        call(world, "POST", &select, &me.session, None).await.status,
        StatusCode::OK
    );
    let dataset = format!("/api/v1/datasets/{}", stage.ours["dataset"][0]);
    let paths = [
        dataset,
        format!("/api/v1/projects/{here}"),
        format!("/api/v1/projects/{here}/members"),
    ];
    for path in &paths {
        assert_eq!(
            call(world, "GET", path, &me.session, None).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
    leave(world, here, &me.user).await;
    for path in &paths {
        let answer = call(world, "GET", path, &me.session, None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let named = request(Method::GET, "/api/v1/me")
        .header("cookie", format!("hanok_session={}", me.session))
        .header("openai-project", here);
    let named = world.call(named.body(Body::empty()).unwrap()).await;
    assert_eq!(named.status, StatusCode::NOT_FOUND);
    let key = call(world, "GET", "/api/v1/me", &me.key, None).await;
    assert_eq!(key.status, StatusCode::UNAUTHORIZED);
    let now = call(world, "GET", "/api/v1/me", &me.session, None)
        .await
        .json();
    assert_eq!(now["project"]["id"], own.id.as_str());
}

#[tokio::test]
async fn b08_who_owns_a_project_owns_nothing_beyond_it() {
    let stage = Stage::new().await;
    let (world, here, there) = (&stage.world, &stage.here.project, &stage.there.project);
    let me = somebody(&stage, "owner").await;
    let admin = person(world, here, UserRole::Admin, "viewer").await;
    let (admin_key, admin_key_id) = key(world, here, &admin, &[], None).await;
    let colleague = somebody(&stage, "editor").await;
    let (_, colleagues) = key(world, here, &colleague.user, &[], None).await;
    let their_key = &stage.theirs["key"][0];
    let posts = [
        (
            format!("/api/v1/projects/{there}/members"),
            json!({ "user": "outsider", "role": "owner" }),
            404,
        ),
        (
            format!("/api/v1/projects/{there}"),
            json!({ "name": "mine" }),
            404,
        ),
        (
            format!("/api/v1/projects/{here}/members"),
            json!({ "user": "outsider", "role": "admin" }),
            422,
        ),
        (
            format!("/api/v1/projects/{here}/members/{admin}"),
            json!({ "role": "admin" }),
            422,
        ),
        (format!("/api/v1/keys/{their_key}/rotate"), json!({}), 404),
        // Whoever had their successor would act in their name.
        (
            format!("/api/v1/keys/{admin_key_id}/rotate"),
            json!({}),
            403,
        ),
        (format!("/api/v1/keys/{colleagues}/rotate"), json!({}), 403),
    ];
    for (path, body, status) in posts {
        let answer = call(world, "POST", &path, &me.session, Some(&body)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
    }
    for path in ["/api/v1/admin/keys", "/admin/keys"] {
        let answer = call(world, "GET", path, &me.session, None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    // An owner's word about an administrator is about this project alone.
    let path = format!("/api/v1/projects/{here}/members/{admin}");
    let role = json!({ "role": "editor" });
    assert_eq!(
        call(world, "POST", &path, &me.session, Some(&role))
            .await
            .status,
        StatusCode::OK
    );
    let known = call(world, "GET", "/api/v1/me", &admin_key, None)
        .await
        .json();
    assert_eq!(
        (&known["user"]["role"], &known["project"]["role"]),
        (&json!("admin"), &json!("editor"))
    );
    // An editor ends their own keys, not those of others.
    for (id, status) in [(&admin_key_id, 403), (&colleagues, 200)] {
        let path = format!("/api/v1/keys/{id}");
        let answer = call(world, "DELETE", &path, &colleague.key, None).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    // Nobody outside learns which accounts there are.
    let path = format!("/api/v1/projects/{here}/members");
    for name in ["outsider", "nobody-of-that-name"] {
        let body = json!({ "user": name, "role": "viewer" });
        let answer = call(world, "POST", &path, &colleague.session, Some(&body)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn b12_looking_changes_no_row() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let me = somebody(&stage, "owner").await;
    let before = Dump::of(world).await;
    for line in stage.lines() {
        let kind = line.kind.as_deref();
        let ids = kind
            .map(|kind| stage.ours[kind].clone())
            .unwrap_or_default();
        let path = fill(&line.path, &ids);
        for method in ["GET", "HEAD", "OPTIONS"] {
            for who in [me.session.as_str(), &me.key, LOCAL] {
                let answer = call(world, method, &path, who, None).await;
                assert_ne!(
                    answer.status,
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "{method} {path}"
                );
            }
        }
    }
    before.unchanged(&Dump::of(world).await, "looking");
}
