//! C01 and B05: strings that mean something to a database, and switches that mean something to nobody, in
//! every parameter, path and field that the description of the API names.

use axum::http::Method;
use hanok_testkit::on_each_database;
use hanok_web::openapi::{describe, schema};
use serde_json::{Map, Value, json};

use crate::claims::upload;
use crate::world::{World, request};

const STRINGS: [&str; 14] = [
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "1) UNION SELECT password_hash FROM users --",
    "'||(SELECT name FROM users)||'",
    "%' OR name LIKE '%",
    "%",
    "_",
    "$1",
    "?1",
    "\\' OR 1=1 /*",
    "{\"$ne\":null}",
    "id DESC, (SELECT pg_sleep(9))",
    "a\0b",
];
const LISTS: [&str; 8] = [
    "/api/v1/datasets",
    "/api/v1/deployments",
    "/api/v1/evals",
    "/api/v1/keys",
    "/api/v1/models",
    "/api/v1/runs",
    "/v1/files",
    "/v1/fine_tuning/jobs",
];

/// One operation of the description.
struct Operation {
    method: Method,
    path: String,
    query: Vec<String>,
    body: Option<String>,
}

fn operations(world: &World) -> Vec<Operation> {
    let document = describe(&world.routes, "test");
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        // Streams do not end by themselves; a socket is no question; workers have no user.
        if ["/ws", "/attach", "/api/v1/events"]
            .iter()
            .any(|end| path.ends_with(end))
        {
            continue;
        }
        for (method, op) in methods.as_object().unwrap() {
            let parameters = op["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|p| p["in"] == "query");
            let content = &op["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                query: query
                    .map(|p| p["name"].as_str().unwrap().to_owned())
                    .collect(),
                body: content
                    .as_str()
                    .map(|name| name.rsplit('/').next().unwrap().to_owned()),
            });
        }
    }
    assert!(found.len() > 50, "{}", found.len());
    found
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The path with one text in the place of every id.
fn path(operation: &Operation, text: &str) -> String {
    let parts = operation.path.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { text } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn example(schema: &Value, depth: usize) -> Value {
    if depth > 6 {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str() {
        let all = schema::all();
        return example(&all[name.rsplit('/').next().unwrap()], depth + 1);
    }
    if let Some(first) = schema["anyOf"].get(0).or_else(|| schema["oneOf"].get(0)) {
        return example(first, depth + 1);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => json!("none"),
        Some("integer") => json!(1),
        Some("number") => json!(0.25),
        Some("boolean") => json!(false),
        Some("array") => json!([example(&schema["items"], depth + 1)]),
        _ => {
            let properties = schema["properties"].as_object();
            let fields = properties.into_iter().flatten();
            Value::Object(
                fields
                    .map(|(k, v)| (k.clone(), example(v, depth + 1)))
                    .collect(),
            )
        }
    }
}

/// The bodies with the text in one string of it each, however deep.
fn with_text(value: &Value, text: &str) -> Vec<Value> {
    match value {
        Value::String(_) => vec![json!(text)],
        Value::Array(items) => {
            let first = items.first().map(|item| with_text(item, text));
            first
                .into_iter()
                .flatten()
                .map(|item| json!([item]))
                .collect()
        }
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, inner)| {
                with_text(inner, text).into_iter().map(move |changed| {
                    let mut whole = fields.clone();
                    whole.insert(name.clone(), changed);
                    Value::Object(whole)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

async fn rows(world: &World) -> Map<String, Value> {
    let mut all = Map::new();
    for list in LISTS {
        let answer = world.api(Method::GET, list, None).await;
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
        for row in answer.json()["data"].as_array().unwrap() {
            let mut row = row.clone();
            // Every request is a use.
            row.as_object_mut().unwrap().remove("last_used_at");
            all.insert(row["id"].as_str().unwrap().to_owned(), row);
        }
    }
    all
}

async fn check(world: &World, method: Method, path: &str, body: Option<&Value>) -> Value {
    let text = body.map(Value::to_string);
    let answer = world.api(method.clone(), path, text.as_deref()).await;
    let code = answer.status.as_u16();
    let known = code < 500 || code == 503;
    assert!(known, "{method} {path} {text:?}: {code} {}", answer.text);
    for word in ["SELECT", "sqlx", "syntax error", "UNIQUE", "constraint"] {
        let ours = STRINGS
            .iter()
            .any(|string| string.contains(word) && answer.text.contains(&string[..4]));
        let echoed = ours || text.as_ref().is_some_and(|t| t.contains(word));
        let told = answer.text.contains(word) && !echoed && code >= 400;
        assert!(!told, "{method} {path}: SQL is told: {}", answer.text);
    }
    answer.json()
}

async fn filled(world: &World) {
    for (path, fields) in [
        ("/api/v1/datasets", &[("name", "mood")][..]),
        ("/v1/files", &[("purpose", "fine-tune")][..]),
    ] {
        let answer = upload(world, path, fields, "mood.csv", b"text,label\na,b\n").await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn c01_no_string_is_read_by_the_database_as_more_than_a_string() {
    on_each_database(|database| async move {
        let world = World::over(database.open().await).await;
        filled(&world).await;
        let before = rows(&world).await;
        assert!(before.len() >= 3, "{before:?}");
        for operation in operations(&world) {
            for text in STRINGS {
                let plain = path(&operation, "none");
                if operation.path.contains('{') {
                    let path = path(&operation, &encoded(text));
                    check(&world, operation.method.clone(), &path, None).await;
                }
                for name in &operation.query {
                    let url = format!("{plain}?{name}={}", encoded(text));
                    let answer = check(&world, operation.method.clone(), &url, None).await;
                    if ["kind", "state", "purpose"].contains(&name.as_str()) {
                        let found = answer["data"].as_array();
                        assert!(found.is_none_or(Vec::is_empty), "{url}: {answer}");
                    }
                }
                let Some(body) = &operation.body else {
                    continue;
                };
                let whole = example(&schema::all()[body], 0);
                for changed in with_text(&whole, text) {
                    check(&world, operation.method.clone(), &plain, Some(&changed)).await;
                }
            }
        }
        let after = rows(&world).await;
        for (id, row) in &before {
            assert_eq!(after.get(id), Some(row), "{id}");
        }
        // What was made bears the string as its name.
        let made = after.iter().filter(|(id, _)| !before.contains_key(*id));
        for (id, row) in made {
            let name = row["name"].as_str().unwrap_or_default();
            let literal = name == "none" || STRINGS.contains(&name);
            assert!(id.starts_with("key_") && literal, "{row}");
        }
    })
    .await;
}

#[tokio::test]
async fn c01_pages_take_no_string_for_more_than_a_string() {
    on_each_database(|database| async move {
        let world = World::over(database.open().await).await;
        let key = format!("Bearer {}", world.key);
        for route in world.routes.iter().filter(|route| route.page) {
            if route.method != Method::GET || route.path.ends_with("live") {
                continue;
            }
            for text in STRINGS {
                let text = encoded(text);
                let path = crate::world::concrete(route.path).replace("none", &text);
                let names = [
                    "q", "after", "before", "state", "sort", "group", "kind", "page", "scale",
                ];
                let query: String = names.iter().map(|name| format!("&{name}={text}")).collect();
                let request = request(Method::GET, &format!("{path}?x=y{query}"));
                let request = request
                    .header("authorization", &key)
                    .body(Default::default());
                let answer = world.call(request.unwrap()).await;
                let code = answer.status.as_u16();
                assert!(code < 500, "{path}: {code} {}", answer.text);
            }
        }
    })
    .await;
}

const SWITCHES: [&str; 9] = [
    "as_user",
    "bypass_filter",
    "debug",
    "force",
    "is_admin",
    "owner_id",
    "project_id",
    "quota",
    "user_id",
];

#[tokio::test]
async fn b05_an_upload_takes_no_field_that_it_does_not_name() {
    let world = World::new().await;
    let answer = upload(
        &world,
        "/api/v1/datasets",
        &[("user_id", "user_x")],
        "a.csv",
        b"text,label\na,b\n",
    );
    let answer = answer.await;
    assert_eq!(answer.status, 422, "{}", answer.text);
}

#[tokio::test]
async fn b05_a_switch_in_the_query_changes_nothing() {
    let world = World::new().await;
    filled(&world).await;
    let switches: String = SWITCHES
        .iter()
        .map(|name| format!("&{name}=true"))
        .collect();
    for operation in operations(&world) {
        let changing = ["health", "metrics", "usage", "keys", "audit", "sessions"];
        let moving = changing.iter().any(|word| operation.path.contains(word));
        if operation.method != Method::GET || moving {
            continue;
        }
        let path = path(&operation, "none");
        let without = world.api(Method::GET, &format!("{path}?x=y"), None).await;
        let with = world
            .api(Method::GET, &format!("{path}?x=y{switches}"), None)
            .await;
        assert_eq!(with.status, without.status, "{path}");
        let mut bodies = [without.json(), with.json()];
        for body in &mut bodies {
            if let Some(error) = body["error"].as_object_mut() {
                error.remove("request_id");
            }
        }
        assert_eq!(bodies[0], bodies[1], "{path}");
    }
}
