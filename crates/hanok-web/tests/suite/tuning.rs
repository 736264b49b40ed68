//! Files, models and fine-tuning jobs over HTTP, as the `openai` client meets them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stand_in;
use crate::world::{Answer, World, request};

/// Uploads a file.
async fn upload(world: &World, name: &str, fields: &[(&str, &str)], content: &str) -> Answer {
    let mut body = String::new();
    for (field, value) in fields {
        body +=
            &format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--X--\r\n"
    );
    let request = request(Method::POST, "/v1/files")
        .header("authorization", format!("Bearer {}", world.key))
        .header("content-type", "multipart/form-data; boundary=X");
    world.call(request.body(Body::from(body)).unwrap()).await
}

async fn file(world: &World, name: &str, purpose: &str) -> String {
    let answer = upload(
        world,
        name,
        &[("purpose", purpose)],
        &format!("content of {name}"),
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn get(world: &World, path: &str) -> Answer {
    world.api(Method::GET, path, None).await
}

#[tokio::test]
async fn a_file_comes_back_as_it_went() {
    let world = World::new().await;
    let made = upload(
        &world,
        "../한 국.jsonl",
        &[("purpose", "fine-tune")],
        "a\r\nb",
    )
    .await;
    let made = made.json();
    assert_eq!(
        (&made["object"], &made["status"]),
        (&json!("file"), &json!("processed"))
    );
    assert_eq!(
        (&made["filename"], &made["bytes"]),
        (&json!("한 국.jsonl"), &json!(4))
    );
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("file-") && made["created_at"].as_i64() > Some(1_600_000_000));
    assert_eq!(get(&world, &format!("/v1/files/{id}")).await.json(), made);
    let content = get(&world, &format!("/v1/files/{id}/content")).await;
    assert_eq!(content.text, "a\r\nb");
    assert_eq!(content.headers["content-type"], "application/octet-stream");
    let disposition = content.headers["content-disposition"].to_str().unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"___.jsonl\"; filename*=UTF-8''%ED%95%9C%20%EA%B5%AD.jsonl"
    );
    let gone = world
        .api(Method::DELETE, &format!("/v1/files/{id}"), None)
        .await;
    assert_eq!(
        gone.json(),
        json!({ "id": id, "object": "file", "deleted": true })
    );
    for path in [format!("/v1/files/{id}"), format!("/v1/files/{id}/content")] {
        assert_eq!(get(&world, &path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn files_are_listed_filtered_and_paged() {
    let world = World::new().await;
    let mut made = Vec::new();
    for (name, purpose) in [("a", "model"), ("b", "fine-tune"), ("c", "fine-tune")] {
        made.push(file(&world, name, purpose).await);
    }
    let ids = async |query: &str| -> Vec<String> {
        let list = get(&world, &format!("/v1/files{query}")).await.json();
        let data = list["data"].as_array().unwrap().clone();
        data.iter()
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let [a, b, c] = [&made[0], &made[1], &made[2]];
    assert_eq!(ids("").await, [c.clone(), b.clone(), a.clone()]);
    assert_eq!(
        ids("?purpose=fine-tune&order=asc").await,
        [b.clone(), c.clone()]
    );
    assert_eq!(ids(&format!("?after={b}&limit=1")).await, [a.as_str()]);
    let page = get(&world, "/v1/files?limit=2").await.json();
    assert_eq!(page["has_more"], true);
    for query in ["?order=up", "?purpose=fun", "?limit=x"] {
        let refused = get(&world, &format!("/v1/files{query}")).await;
        assert!(refused.status.is_client_error(), "{query}");
    }
}

#[tokio::test]
async fn uploads_that_make_no_sense_leave_no_row() {
    let world = World::new().await;
    for (fields, content, code) in [
        (&[][..], "x", "no_purpose"),
        (&[("purpose", "fun")][..], "x", "invalid_purpose"),
        (
            &[("purpose", "model"), ("colour", "red")][..],
            "x",
            "unknown_field",
        ),
        (&[("purpose", "model")][..], "", "empty_file"),
    ] {
        let refused = upload(&world, "x", fields, content).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text
        );
        assert_eq!(refused.code(), code);
    }
    let long = "x".repeat(2 << 20);
    let refused = upload(&world, "x", &[("purpose", "model")], &long).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(get(&world, "/v1/files").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_model_is_imported_watched_listed_and_deleted() {
    let world = World::new().await;
    let config = file(&world, "config.json", "model").await;
    let weights = file(&world, "model.safetensors", "model").await;
    let body = json!({ "name": "tiny", "files": [
        { "path": "config.json", "file_id": config },
        { "path": "model.safetensors", "file_id": weights },
    ] });
    let post = async |body: &Value| {
        world
            .api(Method::POST, "/api/v1/models", Some(&body.to_string()))
            .await
    };
    let made = post(&body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let place = made.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(get(&world, &place).await.json()["status"], "importing");
    assert_eq!(post(&body).await.status, StatusCode::CONFLICT);
    let busy = world.api(Method::DELETE, &place, None).await;
    assert_eq!(
        (busy.status, busy.code()),
        (StatusCode::CONFLICT, "model_in_use".to_owned())
    );
    let busy = world
        .api(Method::DELETE, &format!("/v1/files/{config}"), None)
        .await;
    assert_eq!(busy.code(), "file_in_use");
    let chat = r#"{"model":"tiny","messages":[{"role":"user","content":"hi"}]}"#;
    let early = world
        .api(Method::POST, "/v1/chat/completions", Some(chat))
        .await;
    assert_eq!(
        (early.status, early.code()),
        (StatusCode::CONFLICT, "model_not_ready".to_owned())
    );
    let pickle = json!({ "name": "p", "files": [
        { "path": "config.json", "file_id": config },
        { "path": "pytorch_model.bin", "file_id": weights },
    ] });
    let refused = post(&pickle).await;
    assert_eq!(refused.code(), "pickle_refused");
    assert_eq!(refused.json()["error"]["param"], "files[1].path");

    stand_in::model(&world, "ready", "decoder").await;
    let models = get(&world, "/v1/models").await.json();
    let names: Vec<&str> = models["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["id"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ready", "hanok-encoder"]);
    assert_eq!(
        get(&world, "/v1/models/ready").await.json()["object"],
        "model"
    );
    let gone = world.api(Method::DELETE, "/v1/models/ready", None).await;
    assert_eq!(
        gone.json(),
        json!({ "id": "ready", "object": "model", "deleted": true })
    );
    assert_eq!(
        get(&world, "/v1/models/ready").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_job_is_made_listed_followed_and_cancelled() {
    let world = World::new().await;
    stand_in::model(&world, "tiny", "decoder").await;
    let training = file(&world, "train.jsonl", "fine-tune").await;
    let post = async |path: &str, body: Value| {
        world.api(Method::POST, path, Some(&body.to_string())).await
    };
    let jobs = "/v1/fine_tuning/jobs";
    let body = json!({ "model": "tiny", "training_file": training, "metadata": { "a": "b" } });
    let made = post(jobs, body.clone()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let job = made.json();
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("ftjob-"));
    assert_eq!(job["object"], "fine_tuning.job");
    assert_eq!(job["status"], "validating_files");
    assert_eq!(job["metadata"]["a"], "b");
    assert_eq!(job["method"]["type"], "supervised");
    assert_eq!(job["result_files"], json!([]));
    for key in [
        "finished_at",
        "fine_tuned_model",
        "trained_tokens",
        "error",
        "validation_file",
    ] {
        assert_eq!(job[key], Value::Null, "{key}");
    }
    let second = post(jobs, body).await.json();
    let page = get(&world, &format!("{jobs}?limit=1")).await.json();
    assert_eq!(
        (&page["data"][0]["id"], &page["has_more"]),
        (&second["id"], &json!(true))
    );
    let rest = get(
        &world,
        &format!("{jobs}?after={}", second["id"].as_str().unwrap()),
    )
    .await;
    assert_eq!(rest.json()["data"][0]["id"], job["id"]);

    let events = get(&world, &format!("{jobs}/{id}/events")).await.json();
    assert_eq!(events["object"], "list");
    let told = &events["data"][0];
    assert_eq!(
        (&told["object"], &told["type"]),
        (&json!("fine_tuning.job.event"), &json!("message"))
    );
    assert_eq!(
        told["message"],
        format!("Validating training file: {training}")
    );
    let checkpoints = get(&world, &format!("{jobs}/{id}/checkpoints"))
        .await
        .json();
    assert_eq!(
        (&checkpoints["data"], &checkpoints["has_more"]),
        (&json!([]), &json!(false))
    );

    let cancelled = post(&format!("{jobs}/{id}/cancel"), json!({})).await;
    assert_eq!(cancelled.json()["status"], "cancelled");
    let again = post(&format!("{jobs}/{id}/cancel"), json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    for path in ["", "/events", "/checkpoints"] {
        let absent = get(&world, &format!("{jobs}/ftjob-none{path}")).await;
        assert_eq!(absent.status, StatusCode::NOT_FOUND);
    }
    let refused = post(
        jobs,
        json!({ "model": "tiny", "training_file": "file-none" }),
    )
    .await;
    assert_eq!(refused.json()["error"]["param"], "training_file");
}
