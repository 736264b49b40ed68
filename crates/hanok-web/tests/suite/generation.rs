//! Chat, text and embeddings of models that a hosting worker holds: shapes, streams, refusals, metering.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::stand_in;
use crate::world::{Answer, World, request};

fn chat(content: &str, extra: Value) -> String {
    let mut body = json!({ "model": "tiny", "messages": [{ "role": "user", "content": content }] });
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

async fn post(world: &World, path: &str, body: &str) -> Answer {
    world.api(Method::POST, path, Some(body)).await
}

async fn usage(world: &World) -> Vec<Value> {
    let answer = world.api(Method::GET, "/api/v1/usage", None).await;
    answer.json()["data"].as_array().unwrap().clone()
}

/// The messages of a stream.
fn messages(answer: &Answer) -> Vec<Value> {
    let data = answer.text.lines().filter_map(|l| l.strip_prefix("data: "));
    let data: Vec<&str> = data.collect();
    assert_eq!(data.last(), Some(&"[DONE]"), "{}", answer.text);
    data[..data.len() - 1]
        .iter()
        .map(|d| serde_json::from_str(d).unwrap())
        .collect()
}

#[tokio::test]
async fn a_chat_is_answered_whole_and_metered() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    let body = chat("hi", json!({ "n": 2, "seed": 7, "temperature": 0 }));
    let answer = post(&world, "/v1/chat/completions", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let whole = answer.json();
    assert_eq!(whole["object"], "chat.completion");
    assert_eq!(whole["model"], "tiny");
    let texts: Vec<&str> = whole["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["message"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["you said hi (seed 7)", "you said hi (seed 8)"]);
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    let expected = json!({ "prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9 });
    assert_eq!(whole["usage"], expected);
    let rows = usage(&world).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["prompt_tokens"], &rows[0]["completion_tokens"]),
        (&json!(5), &json!(4))
    );
}

#[tokio::test]
async fn a_keys_tokens_of_the_day_are_bounded_whatever_it_calls() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    let new = json!({ "name": "small", "limits": { "tokens_per_day": 10 } }).to_string();
    let made = post(&world, "/api/v1/keys", &new).await;
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let ask = async |path: &str, body: String| {
        let made = request(Method::POST, path)
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        world.call(made.body(Body::from(body)).unwrap()).await
    };
    let path = "/v1/chat/completions";
    let twice = json!({ "n": 2, "temperature": 0 });
    // Nine tokens, then one that begins below the bound, then none.
    for _ in 0..2 {
        let answer = ask(path, chat("hi", twice.clone())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let texts = json!({ "model": "tiny", "prompt": "x" }).to_string();
    let streamed = chat("hi", json!({ "stream": true }));
    for (path, body) in [
        (path, chat("hi", twice)),
        (path, streamed),
        ("/v1/completions", texts),
    ] {
        let refused = ask(path, body).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert_eq!(refused.code(), "token_limit_exceeded");
        assert_eq!(refused.json()["error"]["type"], "tokens");
        let wait: u64 = refused.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=86_400).contains(&wait), "{wait}");
    }
    // Others of the project are not bounded by it.
    let other = post(&world, path, &chat("hi", json!({}))).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text);
    assert_eq!(usage(&world).await.len(), 3);
}

#[tokio::test]
async fn a_streamed_chat_has_role_text_reason_usage_and_an_end() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    let body = chat(
        "hi",
        json!({ "stream": true, "stream_options": { "include_usage": true } }),
    );
    let answer = post(&world, "/v1/chat/completions", &body).await;
    let chunks = messages(&answer);
    assert!(
        chunks
            .iter()
            .all(|c| c["object"] == "chat.completion.chunk")
    );
    assert!(chunks.iter().all(|c| c["id"] == chunks[0]["id"]));
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String = chunks
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "you said hi (seed 0)");
    let (last, usage) = (&chunks[chunks.len() - 2], &chunks[chunks.len() - 1]);
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["total_tokens"], 7);
    let plain = post(
        &world,
        "/v1/chat/completions",
        &chat("hi", json!({ "stream": true })),
    )
    .await;
    assert!(messages(&plain).iter().all(|c| c.get("usage").is_none()));
}

#[tokio::test]
async fn text_is_continued_whole_and_streamed() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    let mut body = json!({ "model": "tiny", "prompt": "Once", "max_tokens": 8 });
    let whole = post(&world, "/v1/completions", &body.to_string())
        .await
        .json();
    assert_eq!(whole["object"], "text_completion");
    assert_eq!(whole["choices"][0]["text"], "you said Once (seed 0)");
    body["stream"] = json!(true);
    let chunks = messages(&post(&world, "/v1/completions", &body.to_string()).await);
    let text: String = chunks
        .iter()
        .filter_map(|c| c["choices"][0]["text"].as_str())
        .collect();
    assert_eq!(text, "you said Once (seed 0)");
    for prompt in [json!(null), json!([]), json!(["a", "b"]), json!([1, 2])] {
        body["prompt"] = prompt;
        let refused = post(&world, "/v1/completions", &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn f18_a_client_that_goes_away_ends_the_generation_and_is_metered() {
    let world = World::new().await;
    let host = stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    let body = chat("endless", json!({ "stream": true }));
    let request = request(Method::POST, "/v1/chat/completions")
        .header("authorization", format!("Bearer {}", world.key))
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    for _ in 0..4 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(host.endless.load(Ordering::SeqCst), 1);
    drop(stream);
    let gone = async {
        // The row is there from the first word on; its end is written after the worker's.
        let served = |rows: Vec<Value>| rows.first().is_none_or(|row| row["status"] == 0);
        while host.endless.load(Ordering::SeqCst) > 0 || served(usage(&world).await) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("it ends");
    let row = &usage(&world).await[0];
    assert_eq!(row["status"], 499);
    assert!(row["completion_tokens"].as_i64() >= Some(1), "{row}");
}

#[tokio::test]
async fn what_a_worker_refuses_has_the_status_that_fits() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    for stream in [false, true] {
        for (content, status, code) in [
            ("too long", 400, "context_length_exceeded"),
            ("busy", 503, "busy"),
        ] {
            let body = chat(content, json!({ "stream": stream }));
            let answer = post(&world, "/v1/chat/completions", &body).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
            assert_eq!(answer.code(), code);
        }
    }
    let busy = post(&world, "/v1/chat/completions", &chat("busy", json!({}))).await;
    assert!(busy.headers.contains_key("retry-after"));
    let cut = post(&world, "/v1/chat/completions", &chat("broken", json!({}))).await;
    assert_eq!(
        (cut.status.as_u16(), cut.code().as_str()),
        (502, "worker_broken")
    );
    let cut = post(
        &world,
        "/v1/chat/completions",
        &chat("broken", json!({ "stream": true })),
    )
    .await;
    let told = messages(&cut).pop().unwrap();
    assert_eq!(told["error"]["code"], "worker_broken");
}

#[tokio::test]
async fn settings_out_of_range_are_refused_by_field() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    for (extra, field) in [
        (json!({ "temperature": 2.5 }), "temperature"),
        (json!({ "temperature": -1 }), "temperature"),
        (json!({ "top_p": 0 }), "top_p"),
        (json!({ "top_k": 0 }), "top_k"),
        (json!({ "max_tokens": 0 }), "max_tokens"),
        (json!({ "max_completion_tokens": 0 }), "max_tokens"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "stop"),
        (json!({ "stop": "" }), "stop"),
        (json!({ "frequency_penalty": 3 }), "frequency_penalty"),
        (json!({ "presence_penalty": -3 }), "presence_penalty"),
        (json!({ "n": 5 }), "n"),
        (json!({ "n": 0 }), "n"),
        (json!({ "logprobs": true }), "logprobs"),
        (json!({ "top_logprobs": 3 }), "top_logprobs"),
        (json!({ "tools": [{ "type": "function" }] }), "tools"),
    ] {
        let answer = post(&world, "/v1/chat/completions", &chat("hi", extra.clone())).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{extra}: {}",
            answer.text
        );
        assert_eq!(answer.json()["error"]["param"], field, "{extra}");
    }
    for messages in [
        json!([{ "role": "user", "content": "a" }, { "role": "assistant" }]),
        json!([{ "role": "user", "content": "a" }, { "role": "assistant", "content": " " }]),
        json!([{ "role": "king", "content": "a" }, { "role": "user", "content": "a" }]),
        json!([{ "role": "user", "content": 7 }]),
        json!({}),
    ] {
        let body = json!({ "model": "tiny", "messages": messages }).to_string();
        let answer = post(&world, "/v1/chat/completions", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let known = chat(
        "hi",
        json!({ "user": "u", "store": true, "parallel_tool_calls": false,
        "logprobs": false, "tools": [], "stop": null, "seed": -1 }),
    );
    assert_eq!(
        post(&world, "/v1/chat/completions", &known).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn embeddings_are_floats_or_base64_and_can_be_shorter() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "bert", "encoder").await;
    stand_in::model(&world, "tiny", "decoder").await;
    let ask = async |body: Value| post(&world, "/v1/embeddings", &body.to_string()).await;
    let answer = ask(json!({ "model": "bert", "input": ["a", "b"] }))
        .await
        .json();
    assert_eq!(answer["data"].as_array().unwrap().len(), 2);
    assert_eq!(answer["data"][1]["index"], 1);
    assert_eq!(answer["data"][0]["embedding"], json!([0.0, 3.0, 4.0]));
    assert_eq!(
        answer["usage"],
        json!({ "prompt_tokens": 2, "total_tokens": 2 })
    );
    let short = json!({ "model": "bert", "input": "a", "dimensions": 2 });
    assert_eq!(
        ask(short).await.json()["data"][0]["embedding"],
        json!([0.0, 1.0])
    );
    let coded = json!({ "model": "hanok-encoder", "input": "a", "encoding_format": "base64" });
    assert_eq!(
        ask(coded).await.json()["data"][0]["embedding"],
        "AAAAAAAAQEAAAIBA"
    );
    for (body, code) in [
        (json!({ "model": "tiny", "input": "a" }), "not_an_encoder"),
        (json!({ "model": "bert", "input": [] }), "invalid_input"),
        (json!({ "model": "bert", "input": "" }), "empty_text"),
        (json!({ "model": "bert", "input": [1, 2] }), "invalid_input"),
        (json!({ "model": "bert", "input": { } }), "invalid_input"),
        (
            json!({ "model": "bert", "input": "a", "dimensions": 9 }),
            "invalid_dimensions",
        ),
        (
            json!({ "model": "bert", "input": "a", "encoding_format": "int8" }),
            "invalid_encoding_format",
        ),
    ] {
        let answer = ask(body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.code(), code, "{body}");
    }
    let rows = usage(&world).await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["route"] == "/v1/embeddings"));
}
