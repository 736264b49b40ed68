//! Answers hold what their schema says and no more; requests set nothing that runs.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use hanok_web::openapi::operations::{Body as Carries, OPERATIONS};
use hanok_web::openapi::schema;
use serde_json::{Value, json};

use crate::matrix::{Stage, fill};
use crate::tenants::{call, somebody};
use crate::world::LOCAL;

/// Names that no answer may carry, wherever they stand.
const SECRET: [&str; 6] = [
    "password_hash",
    "object_key",
    "token_hash",
    "secret_hash",
    "password",
    "hash",
];

/// What an answer holds beyond its schema, or lacks.
fn misfits(value: &Value, schema: &Value, at: &str, out: &mut Vec<String>) {
    let all = schema::all();
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return misfits(value, &all[name], at, out);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        if !value.is_null() {
            misfits(value, &options[0], at, out);
        }
        return;
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for value in values {
            misfits(value, items, at, out);
        }
    }
    let (Some(fields), Some(values)) = (schema["properties"].as_object(), value.as_object()) else {
        return;
    };
    // An event carries an object that is named as its kind.
    let event = (at == "AuditLogs.data")
        .then(|| value["type"].as_str())
        .flatten();
    for (name, value) in values {
        match fields.get(name) {
            None if event == Some(name) => {}
            Some(schema) => misfits(value, schema, &format!("{at}.{name}"), out),
            None => out.push(format!("{at} has {name}")),
        }
        // A model's file is named by an address that only the project's own key gives; the log's rows by
        // what seals them.
        let address = ["Model.files", "AuditRow"].contains(&at) && name == "hash";
        if SECRET.contains(&name.as_str()) && !address {
            out.push(format!("{at} tells {name}"));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if !values.contains_key(name.as_str().unwrap()) {
            out.push(format!("{at} lacks {name}"));
        }
    }
}

#[tokio::test]
async fn b06_answers_hold_what_their_schema_says_and_nothing_else() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let me = somebody(&stage, "owner").await;
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in stage
        .lines()
        .into_iter()
        .filter(|line| line.method == "GET")
    {
        let Some(op) = OPERATIONS
            .iter()
            .find(|op| op.method == "GET" && op.path == line.path)
        else {
            continue;
        };
        let kind = line.kind.as_deref();
        let ids = kind
            .map(|kind| stage.ours[kind].clone())
            .unwrap_or_default();
        let admin = matches!(line.who.as_str(), "admin" | "local" | "near" | "scrape");
        let who = if admin { LOCAL } else { me.session.as_str() };
        let answer = call(world, "GET", &fill(&line.path, &ids), who, None).await;
        let mut found = Vec::new();
        match op.gives {
            Carries::Json(name) => misfits(&answer.json(), &schema::all()[name], name, &mut found),
            Carries::List(name) => {
                let list = answer.json();
                for item in list["data"].as_array().expect(op.path) {
                    misfits(item, &schema::all()[name], name, &mut found);
                    checked += 1;
                }
            }
            _ => continue,
        }
        checked += 1;
        wrong.extend(
            found
                .into_iter()
                .map(|what| format!("GET {}: {what}", line.path)),
        );
    }
    println!("{checked} answers checked");
    assert!(checked > 40, "{checked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn b06_what_is_made_is_told_as_its_schema_says() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let me = somebody(&stage, "owner").await;
    let here = &stage.here.project;
    let (mut wrong, at) = (Vec::new(), |path: &str, name: &'static str, body: Value| {
        (path.to_owned(), name, body)
    });
    for (path, name, body) in [
        at(
            "/api/v1/keys",
            "CreatedKey",
            json!({ "name": "k", "limits": { "tokens_per_day": 5 } }),
        ),
        at("/api/v1/projects", "Project", json!({ "name": "p" })),
        at(
            &format!("/api/v1/projects/{here}"),
            "Project",
            json!({ "name": "q" }),
        ),
        at(
            &format!("/api/v1/projects/{here}/members"),
            "Member",
            json!({ "user": "outsider", "role": "viewer" }),
        ),
        at(
            &format!("/api/v1/projects/{here}/service-accounts"),
            "CreatedServiceAccount",
            json!({ "name": "s" }),
        ),
        at(
            &format!("/api/v1/projects/{here}/select"),
            "Project",
            json!({}),
        ),
    ] {
        let answer = call(world, "POST", &path, &me.session, Some(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        misfits(&answer.json(), &schema::all()[name], name, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every field that a request of ours can set, by hand: none names code, a path of this machine or its
/// environment. `path` stands for the name of a file inside a model, checked as such.
const FIELDS: &[&str] = &[
    "all_rows",
    "approve",
    "base_model",
    "code",
    "current",
    "dataset",
    "disabled",
    "email",
    "expensive_per_minute",
    "expires_in_days",
    "file",
    "file_id",
    "files",
    "from_zero",
    "grace_hours",
    "grant_type",
    "held_out",
    "invitation",
    "kind",
    "language",
    "limits",
    "method",
    "model",
    "name",
    "now",
    "params",
    "password",
    "path",
    "project",
    "project_role",
    "refresh_token",
    "requests_per_minute",
    "role",
    "scopes",
    "secret",
    "service_account",
    "token",
    "tokens_per_day",
    "user",
    "validation",
];

#[test]
fn b10_no_request_sets_code_paths_or_environment() {
    let all = schema::all();
    let mut seen = BTreeSet::new();
    let mut names: Vec<String> = OPERATIONS
        .iter()
        .filter(|op| op.path.starts_with("/api/v1/") && op.path != "/api/v1/fsck")
        .filter_map(|op| match op.takes {
            Carries::Json(name) | Carries::Form(name) => Some(name.to_owned()),
            _ => None,
        })
        .collect();
    while let Some(name) = names.pop() {
        for (field, schema) in all[&name]["properties"].as_object().into_iter().flatten() {
            seen.insert(field.clone());
            let text = schema.to_string();
            let refs = text.split("#/components/schemas/").skip(1);
            names.extend(refs.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    let known: BTreeSet<String> = FIELDS.iter().map(|&field| field.to_owned()).collect();
    let new: Vec<_> = seen.difference(&known).collect();
    assert!(
        new.is_empty(),
        "look at these, then add them by hand: {new:?}"
    );
}

#[tokio::test]
async fn b11_limits_are_no_credit() {
    let stage = Stage::new().await;
    let world = &stage.world;
    let me = somebody(&stage, "owner").await;
    for (limits, named) in [
        (r#"{"tokens_per_day":-1}"#, "tokens_per_day"),
        (r#"{"tokens_per_day":0}"#, "tokens_per_day"),
        (
            r#"{"requests_per_minute":9223372036854775807}"#,
            "requests_per_minute",
        ),
        (r#"{"requests_per_minute":9223372036854775808}"#, ""),
        (r#"{"expensive_per_minute":1e30}"#, ""),
        (r#"{"expensive_per_minute":1.5}"#, ""),
        (r#"{"tokens_per_day":"5"}"#, ""),
        (r#"{"tokens_per_week":5}"#, ""),
    ] {
        let body: Value =
            serde_json::from_str(&format!(r#"{{"name":"k","limits":{limits}}}"#)).unwrap();
        let answer = call(world, "POST", "/api/v1/keys", &me.session, Some(&body)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{limits}: {}",
            answer.text
        );
        let param = answer.json()["error"]["param"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(param, named, "{limits}");
    }
    // A key with a limit, or an end, makes none without, itself or by rotation.
    for (bound, more) in [
        ("limits", json!({ "tokens_per_day": 5 })),
        ("expires_in_days", json!(1)),
    ] {
        let mut body = json!({ "name": "bounded" });
        body[bound] = more;
        let made = call(world, "POST", "/api/v1/keys", &me.session, Some(&body))
            .await
            .json();
        let (text, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
        let free = json!({ "name": "free" });
        for path in [
            "/api/v1/keys".to_owned(),
            format!("/api/v1/keys/{id}/rotate"),
        ] {
            let body = path.ends_with("keys").then_some(&free);
            let answer = call(world, "POST", &path, text, body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::FORBIDDEN, "scope_denied".into()),
                "{path}"
            );
        }
    }
}
