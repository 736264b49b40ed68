//! `hanok model`: what is uploaded, in which order it happens, what is told of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::home::Home;
use crate::running::Outcome;
use crate::standin::{Reply, Request, StandIn, refusal};

fn model(status: &str) -> Value {
    let error = json!({ "code": "shape_mismatch", "message": "lm_head.weight has another shape." });
    json!({
        "id": "model_1", "name": "tiny-llama", "kind": "decoder", "status": status,
        "error": if status == "failed" { error } else { Value::Null },
        "architecture": "llama", "parameters": 1_234_567, "context_length": 2048,
        "has_chat_template": true, "bytes": 12,
        "files": [{ "path": "config.json", "size": 2 }, { "path": "model.safetensors", "size": 10 }],
    })
}

/// A server on which an import ends so.
fn server(end: &'static str) -> StandIn {
    let files = AtomicUsize::new(0);
    StandIn::new(
        move |request| match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/v1/files") => {
                let id = files.fetch_add(1, Ordering::SeqCst);
                Reply::Json(200, json!({ "id": format!("file-{id}"), "object": "file" }))
            }
            ("POST", "/api/v1/models") => Reply::Json(201, model("importing")),
            ("GET", "/api/v1/models/model_1") => Reply::Json(200, model(end)),
            ("GET", "/v1/models") => Reply::Json(
                200,
                json!({ "data": [{ "id": "hanok-encoder", "owned_by": "hanok" }] }),
            ),
            ("GET", path) if path.starts_with("/api/v1/models?") => {
                Reply::Json(200, json!({ "data": [model(end)], "has_more": false }))
            }
            ("GET", path) if path.starts_with("/api/v1/events") => Reply::Hanging(Vec::new()),
            ("DELETE", _) => Reply::Json(200, json!({ "deleted": true })),
            _ => refusal(404, "not_found", "There is no such thing."),
        },
    )
}

fn directory(home: &Home) -> PathBuf {
    let dir = home.path("tiny-llama");
    std::fs::create_dir(&dir).expect("a folder");
    for (name, content) in [
        ("config.json", "{}"),
        ("model.safetensors", "0123456789"),
        ("tokenizer.json", "{\"a\":1}"),
        ("optimizer.pt", "not this"),
    ] {
        std::fs::write(dir.join(name), content).expect("a file");
    }
    dir
}

fn run(home: &Home, server: &StandIn, args: &[&str]) -> Outcome {
    let with = ["--url", server.url.as_str(), "--key", "hk_x"];
    home.run(args.iter().chain(&with))
}

#[test]
fn a_directory_is_uploaded_file_by_file_and_becomes_a_model() {
    let (home, server) = (Home::new(), server("ready"));
    directory(&home);
    let text = run(&home, &server, &["model", "import", "tiny-llama"]).ok();
    for word in [
        "tiny-llama",
        "model_1",
        "ready",
        "llama",
        "1.2 M weights",
        "2,048 tokens",
        "config.json",
    ] {
        assert!(text.contains(word), "no '{word}' in:\n{text}");
    }
    let sent: Vec<String> = posted(&server, "/v1/files");
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert!(
        sent.iter()
            .all(|body| body.contains("name=\"purpose\"") && body.contains("model"))
    );
    assert!(sent[2].contains("0123456789") && !sent.concat().contains("not this"));
    let made = server.seen("/api/v1/models");
    let made = made.iter().find(|r| r.method == "POST").map(Request::json);
    let wanted = json!({ "name": "tiny-llama", "files": [
        { "path": "config.json", "file_id": "file-0" },
        { "path": "tokenizer.json", "file_id": "file-1" },
        { "path": "model.safetensors", "file_id": "file-2" },
    ]});
    assert_eq!(made, Some(wanted));
    // The model has the files; the uploads do not stay in the list of files.
    assert_eq!(deleted(&server, "/v1/files/").len(), 3);
    assert!(deleted(&server, "/api/v1/models/").is_empty());
}

#[test]
fn a_model_that_cannot_be_used_is_told_and_leaves_nothing() {
    let (home, server) = (Home::new(), server("failed"));
    directory(&home);
    let error = run(&home, &server, &["model", "import", "tiny-llama", "--json"]).error();
    assert_eq!(error["code"], "shape_mismatch");
    assert_eq!(deleted(&server, "/api/v1/models/model_1").len(), 1);
    assert_eq!(deleted(&server, "/v1/files/").len(), 3);
}

#[test]
fn what_is_no_model_is_told_before_a_server_is_started() {
    let home = Home::new();
    let dir = directory(&home);
    std::fs::remove_file(dir.join("model.safetensors")).expect("a file");
    for (path, code) in [
        ("tiny-llama", "pickle_only"),
        ("nowhere", "no_such_directory"),
    ] {
        let error = home.run(["model", "import", path, "--json"]).error();
        assert_eq!(error["code"], code, "{error}");
        assert!(
            error["remedy"].as_str().is_some_and(|r| r.len() > 10),
            "{error}"
        );
    }
    assert!(
        !home.data().exists(),
        "a data directory was made for nothing"
    );
}

#[test]
fn models_are_listed_shown_and_deleted() {
    let (home, server) = (Home::new(), server("ready"));
    let text = run(&home, &server, &["model", "list"]).ok();
    for word in [
        "tiny-llama",
        "decoder",
        "1.2 M",
        "hanok-encoder",
        "built in",
    ] {
        assert!(text.contains(word), "no '{word}' in:\n{text}");
    }
    let shown = run(&home, &server, &["model", "show", "tiny-llama", "--json"]).document();
    assert_eq!(shown["id"], "model_1");
    let error = run(&home, &server, &["model", "show", "tiny-lama", "--json"]).error();
    assert_eq!(error["code"], "not_found");
    let remedy = error["remedy"].as_str().unwrap_or_default();
    assert!(remedy.starts_with("Close to it: tiny-llama."), "{error}");
    run(&home, &server, &["model", "delete", "tiny-llama"]).ok();
    assert_eq!(deleted(&server, "/api/v1/models/model_1").len(), 1);
}

fn posted(server: &StandIn, path: &str) -> Vec<String> {
    let seen = server.seen(path).into_iter().filter(|r| r.method == "POST");
    seen.map(|r| String::from_utf8_lossy(&r.body).into_owned())
        .collect()
}

fn deleted(server: &StandIn, path: &str) -> Vec<Request> {
    let seen = server.seen(path).into_iter();
    seen.filter(|request| request.method == "DELETE").collect()
}
