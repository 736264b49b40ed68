//! OpenAPI 3.1 of a table of routes. A route without a line in the table of operations is described by
//! its method and path alone; a test sees to it that there is none.

use serde_json::{Map, Value, json};

use super::operations::{Body, Operation, PARAMETERS, find};
use super::schema;
use crate::routes::{Policy, Route};

/// The description of all routes that answer programs.
pub fn describe(routes: &[Route], version: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes.iter().filter(|route| !route.page) {
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        entry[route.method.as_str().to_lowercase()] = operation(route);
    }
    paths.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hanok",
            "version": version,
            "description": "A self-hosted studio for language models.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schema::all(),
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key, hk_…" },
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token of /api/v1/auth/token." },
                "session": { "type": "apiKey", "in": "cookie", "name": "hanok_session" },
                "worker": { "type": "http", "scheme": "bearer", "description": "The token of workers." },
                "local": { "type": "http", "scheme": "bearer", "description": "The token of the lock file." },
                "metrics": { "type": "http", "scheme": "bearer", "description": "METRICS_TOKEN" },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let method = route.method.as_str();
    let mut told = json!({
        "operationId": id_of(method, route.path),
        "parameters": parameters(route.path, &[]),
        "security": security(route.policy),
        "responses": {},
    });
    if let Some(op) = find(method, route.path) {
        told["tags"] = json!([op.tag]);
        told["summary"] = json!(op.summary);
        told["parameters"] = json!(parameters(route.path, op.query));
        told["responses"][op.status.to_string()] = answer(op);
        if op.probe {
            told["responses"]["503"] = answer(op);
        }
        if let Some(content) = content(op.takes) {
            told["requestBody"] = json!({ "required": true, "content": content });
        }
    }
    let fault = json!({ "application/json": { "schema": schema::of("Error") } });
    told["responses"]["default"] = json!({ "description": "A fault.", "content": fault });
    told
}

/// `GET /api/v1/jobs/{id}/logs` is `get_api_v1_jobs_id_logs`.
fn id_of(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", method.to_lowercase(), words.join("_"))
}

fn parameters(path: &str, query: &[&str]) -> Vec<Value> {
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{'));
    let in_path = parts.map(|part| {
        let name = part.trim_end_matches('}');
        json!({ "name": name, "in": "path", "required": true, "schema": schema::of("string") })
    });
    let in_query = query.iter().filter_map(|name| {
        let (name, kind, meaning) = PARAMETERS.iter().find(|(known, _, _)| known == name)?;
        let required = *name == "topics";
        let mut shape = schema::of(kind);
        if *name == "limit" {
            shape["minimum"] = json!(0);
        }
        Some(json!({
            "name": name, "in": "query", "required": required,
            "description": meaning, "schema": shape,
        }))
    });
    in_path.chain(in_query).collect()
}

fn security(policy: Policy) -> Value {
    match policy {
        Policy::Public => json!([]),
        Policy::Near => json!([{}, { "key": [] }, { "session": [] }]),
        Policy::Scrape => json!([{}, { "metrics": [] }, { "key": [] }]),
        Policy::Worker => json!([{ "worker": [] }]),
        Policy::Local => json!([{ "local": [] }]),
        Policy::Account => json!([{ "token": [] }, { "session": [] }]),
        Policy::Viewer | Policy::Editor | Policy::Owner | Policy::Admin => {
            json!([{ "key": [] }, { "token": [] }, { "session": [] }])
        }
    }
}

fn answer(op: &Operation) -> Value {
    let mut told = json!({ "description": op.summary });
    if let (Some(content), true) = (content(op.gives), op.status != 204) {
        told["content"] = content;
    }
    told
}

fn content(body: Body) -> Option<Value> {
    Some(match body {
        Body::None | Body::Socket => return None,
        Body::Json(name) => json!({ "application/json": { "schema": schema::of(name) } }),
        Body::List(name) => json!({ "application/json": { "schema": list(name) } }),
        Body::Form(name) => json!({ "multipart/form-data": { "schema": schema::of(name) } }),
        Body::Events => json!({
            "text/event-stream": { "schema": schema::of("string") },
            "application/json": { "schema": list("Event") },
        }),
        Body::Text("application/json") => {
            json!({ "application/json": { "schema": { "type": "object" } } })
        }
        Body::Rows => json!({
            "application/jsonl": { "schema": schema::of("string") },
            "text/csv": { "schema": schema::of("string") },
        }),
        Body::Text(kind) => json!({ kind: { "schema": schema::of("string") } }),
        Body::Bytes(kind) => json!({ kind: { "schema": schema::of("binary") } }),
    })
}

fn list(name: &str) -> Value {
    json!({
        "type": "object",
        "required": ["object", "data"],
        "properties": {
            "object": { "type": "string", "const": "list" },
            "data": schema::of(&format!("[]{name}")),
            "has_more": { "type": "boolean" },
            "last_id": { "type": ["string", "null"] },
        },
    })
}
