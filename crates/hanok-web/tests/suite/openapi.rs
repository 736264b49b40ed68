//! The description of the API against the router, against the types, and against the page that is
//! committed.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::Method;
use hanok_studio::datasets::{DatasetView, VersionView};
use hanok_studio::deployments::{Deploy, DeploymentView};
use hanok_studio::evals::{EvalView, StartEval};
use hanok_studio::files::FileView;
use hanok_studio::fine_tuning::{CreateFineTune, FineTuneView};
use hanok_studio::jobs::{JobView, StartJob};
use hanok_studio::keys::{CreatedKey, KeyView, NewKey, RotateKey};
use hanok_studio::models::{ImportModel, ModelView};
use hanok_studio::projects::{
    CreatedServiceAccount, DeleteProject, MemberView, NewMember, NewRole, NewServiceAccount,
    NewTeam, ProjectView, ServiceAccountView,
};
use hanok_studio::runs::{RunView, StartRun};
use hanok_web::openapi::operations::OPERATIONS;
use hanok_web::openapi::{describe, schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::world::{World, request};

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let world = World::new().await;
    let routes: BTreeSet<(String, String)> = world
        .routes
        .iter()
        .filter(|route| !route.page)
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    let described: BTreeSet<(String, String)> = OPERATIONS
        .iter()
        .map(|op| (op.method.to_owned(), op.path.to_owned()))
        .collect();
    let missing: Vec<_> = routes.difference(&described).collect();
    let stale: Vec<_> = described.difference(&routes).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "missing {missing:?}, stale {stale:?}"
    );
    let document = describe(&world.routes, "test");
    for (method, path) in &routes {
        let op = &document["paths"][path][method.to_lowercase()];
        assert!(op["summary"].is_string(), "{method} {path}");
        assert!(op["responses"]["default"].is_object(), "{method} {path}");
    }
    let ready = &document["paths"]["/health/ready"]["get"]["responses"];
    assert_eq!(ready["503"], ready["200"]);
}

/// The committed page: `HANOK_WRITE_DOCS=1`, which `cargo xtask gen` sets, writes it anew.
#[tokio::test]
async fn the_committed_description_is_that_of_the_router() {
    let world = World::new().await;
    let document = describe(&world.routes, env!("CARGO_PKG_VERSION"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    if std::env::var_os("HANOK_WRITE_DOCS").is_some() {
        let text = serde_json::to_string_pretty(&document).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(
        committed == document,
        "docs/reference/openapi.json is stale; mend: cargo xtask gen"
    );
}

#[tokio::test]
async fn it_is_served_and_the_page_shows_every_operation() {
    let world = World::new().await;
    let key = format!("Bearer {}", world.key);
    let get = |path: &str| {
        let request = request(Method::GET, path).header("authorization", &key);
        world.call(request.body(Body::empty()).unwrap())
    };
    let served = get("/openapi.json").await.json();
    assert_eq!(served["openapi"], "3.1.0");
    assert!(served["paths"]["/api/v1/jobs/{id}/ws"]["get"].is_object());
    for op in OPERATIONS.iter().filter(|op| op.tag != "Workers") {
        let group = op.tag.to_lowercase().replace(' ', "-");
        let page = get(&format!("/docs?group={group}")).await.text;
        assert!(page.contains("id=\"schema-Error\""));
        let anchor = &served["paths"][op.path][op.method.to_lowercase()]["operationId"];
        let anchor = format!("id=\"{}\"", anchor.as_str().unwrap());
        assert!(page.contains(&anchor), "{} {}", op.method, op.path);
    }
}

/// A value of a schema, with every field filled.
fn example(name: &str) -> Value {
    let all = schema::all();
    let properties = all[name]["properties"].as_object().unwrap();
    let filled: Map<String, Value> = properties
        .iter()
        .map(|(field, schema)| (field.clone(), value(schema)))
        .collect();
    Value::Object(filled)
}

fn value(schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(name.rsplit('/').next().unwrap());
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return value(first);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => json!("invalid"),
        Some("integer") => json!(1),
        Some("number") => json!(0.25),
        Some("boolean") => json!(true),
        Some("array") => json!([value(&schema["items"])]),
        Some(_) => json!({}),
        // Anything goes: a text is what every such field takes.
        None => json!("invalid"),
    }
}

/// What the type reads, and what it writes, is what the schema says.
fn both_ways<T: DeserializeOwned + Serialize>(name: &str) {
    let example = example(name);
    let read: T = serde_json::from_value(example.clone())
        .unwrap_or_else(|e| panic!("{name}: {e} in {example}"));
    let written = serde_json::to_value(&read).unwrap();
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&written), keys(&example), "{name}");
}

/// What the schema says can be read; these types refuse or ignore the rest.
fn reads<T: DeserializeOwned>(name: &str) {
    let example = example(name);
    let read = serde_json::from_value::<T>(example.clone());
    assert!(read.is_ok(), "{name}: {} in {example}", read.err().unwrap());
}

#[test]
fn schemas_are_those_of_the_types() {
    both_ways::<DatasetView>("Dataset");
    both_ways::<VersionView>("DatasetVersion");
    both_ways::<RunView>("Run");
    both_ways::<JobView>("Job");
    both_ways::<ModelView>("Model");
    both_ways::<EvalView>("Eval");
    both_ways::<DeploymentView>("Deployment");
    both_ways::<FileView>("File");
    both_ways::<FineTuneView>("FineTune");
    both_ways::<StartRun>("StartRun");
    both_ways::<StartEval>("StartEval");
    both_ways::<Deploy>("Deploy");
    both_ways::<hanok_domain::fault::Fault>("Fault");
    reads::<ImportModel>("ImportModel");
    both_ways::<NewKey>("NewKey");
    both_ways::<KeyView>("Key");
    both_ways::<CreatedKey>("CreatedKey");
    both_ways::<RotateKey>("RotateKey");
    both_ways::<NewTeam>("NewProject");
    both_ways::<DeleteProject>("DeleteProject");
    both_ways::<ProjectView>("Project");
    both_ways::<NewMember>("NewMember");
    both_ways::<NewRole>("NewRole");
    both_ways::<MemberView>("Member");
    both_ways::<NewServiceAccount>("NewServiceAccount");
    both_ways::<ServiceAccountView>("ServiceAccount");
    both_ways::<CreatedServiceAccount>("CreatedServiceAccount");
    reads::<CreateFineTune>("CreateFineTune");
    reads::<hanok_web::openai::ChatRequest>("ChatRequest");
    reads::<hanok_web::openai::ClassifyRequest>("ClassifyRequest");
    let train = json!({ "kind": "run.train", "dataset": "ds_a", "name": "n", "held_out": 0.2, "params": {} });
    assert!(matches!(
        serde_json::from_value(train),
        Ok(StartJob::Train(_))
    ));
}
