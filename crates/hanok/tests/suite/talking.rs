//! `chat`, `generate` and `embed`: what is sent, what is printed, and what Ctrl-C does.

use serde_json::{Value, json};

use crate::home::Home;
use crate::running::{Outcome, Running};
use crate::standin::{Reply, Request, StandIn, chat_chunks, refusal};

/// A server with a chat model, an encoder, and a model that never ends an answer.
fn models() -> StandIn {
    StandIn::new(|request| match request.path.as_str() {
        "/v1/models" => Reply::Json(
            200,
            json!({ "data": [{ "id": "vectors" }, { "id": "tiny" }, { "id": "endless" }] }),
        ),
        "/api/v1/models?limit=100" => Reply::Json(
            200,
            json!({ "data": [{ "name": "vectors", "kind": "encoder" }] }),
        ),
        "/v1/chat/completions" => answer(request),
        "/v1/completions" => Reply::Events(vec![
            json!({ "model": "tiny", "choices": [{ "index": 0, "text": " upon a" }] }).to_string(),
            json!({ "choices": [{ "index": 0, "text": " time", "finish_reason": "length" }] })
                .to_string(),
            "[DONE]".to_owned(),
        ]),
        "/v1/embeddings" => embeddings(&request.json()),
        _ => refusal(404, "not_found", "There is no such page."),
    })
}

fn answer(request: &Request) -> Reply {
    let body = request.json();
    match body["model"].as_str() {
        Some("tiny") => Reply::Events(chat_chunks(&["Hel", "lo\u{1b}[2J", " 한국"])),
        Some("endless") => Reply::Hanging(chat_chunks(&["Once"])[..1].to_vec()),
        Some("breaking") => {
            let error =
                json!({ "error": { "message": "The worker is gone.", "code": "worker_lost" } });
            Reply::Events(vec![
                chat_chunks(&["Par"])[0].clone(),
                error.to_string(),
                "[DONE]".into(),
            ])
        }
        Some("cut") => Reply::Events(chat_chunks(&["Par"])[..1].to_vec()),
        _ => refusal(404, "model_not_found", "There is no such model."),
    }
}

fn embeddings(body: &Value) -> Reply {
    let texts = body["input"].as_array().map_or(0, Vec::len);
    let data: Vec<Value> = (0..texts)
        .map(|at| json!({ "index": at, "embedding": [at as f64, 0.5] }))
        .collect();
    Reply::Json(
        200,
        json!({ "data": data, "usage": { "prompt_tokens": texts } }),
    )
}

fn run(home: &Home, server: &StandIn, args: &[&str]) -> Outcome {
    let with = ["--url", server.url.as_str(), "--key", "hk_x"];
    home.run(args.iter().chain(&with))
}

#[test]
fn a_question_is_answered_piece_by_piece_with_what_was_said_of_it() {
    let (home, server) = (Home::new(), models());
    let args = [
        "chat",
        "tiny",
        "-m",
        "Hi",
        "--system",
        "Be brief.",
        "--temperature",
        "0.5",
        "--top-p",
        "0.9",
        "--max-tokens",
        "7",
        "--seed",
        "3",
    ];
    // A terminal would obey the escape in the answer; nobody gets it.
    assert_eq!(run(&home, &server, &args).ok(), "Hello[2J 한국\n");
    let sent = server.seen("/v1/chat/completions")[0].json();
    let messages = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "Hi" },
    ]);
    let wanted = json!({
        "model": "tiny", "messages": messages, "stream": true,
        "stream_options": { "include_usage": true },
        "temperature": 0.5, "top_p": 0.9, "max_tokens": 7, "seed": 3,
    });
    assert_eq!(sent, wanted);
}

#[test]
fn the_newest_model_that_can_talk_is_taken_and_its_answer_is_a_document() {
    let (home, server) = (Home::new(), models());
    let answer = run(&home, &server, &["chat", "-m", "Hi", "--json"]).document();
    assert_eq!(answer["model"], "tiny");
    assert_eq!(answer["message"]["content"], "Hello\u{1b}[2J 한국");
    assert_eq!(answer["finish_reason"], "stop");
    assert_eq!(answer["usage"]["completion_tokens"], 3);
}

#[test]
fn standard_input_is_the_question_where_it_is_no_terminal() {
    let (home, server) = (Home::new(), models());
    let question = home.write("question.txt", "What is\nthis?\n");
    let mut command = home.command(["chat", "tiny", "--url", &server.url, "--key", "hk_x"]);
    command.stdin(std::fs::File::open(question).expect("a file"));
    Running::start(command).finish().ok();
    let sent = server.seen("/v1/chat/completions")[0].json();
    assert_eq!(sent["messages"][0]["content"], "What is\nthis?\n");
    let outcome = home.run(["chat", "tiny", "--url", &server.url]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
}

#[test]
fn a_model_that_is_not_there_is_told_with_those_that_come_close() {
    let (home, server) = (Home::new(), models());
    for args in [
        &["chat", "tinny", "-m", "Hi", "--json"][..],
        &["chat", "tini", "-m", "Hi", "--json"],
    ] {
        let error = run(&home, &server, args).error();
        assert_eq!(error["code"], "model_not_found");
        assert_eq!(error["remedy"], "Close to it: tiny.", "{error}");
    }
    let error = run(&home, &server, &["chat", "gigantic", "-m", "Hi", "--json"]).error();
    assert_eq!(
        error["remedy"],
        "Those that answer: vectors, tiny, endless."
    );
}

#[test]
fn an_answer_that_breaks_off_is_an_error() {
    let (home, server) = (Home::new(), models());
    let outcome = run(&home, &server, &["chat", "breaking", "-m", "Hi"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.stdout, "Par\n");
    assert!(
        outcome.stderr.contains("The worker is gone."),
        "{}",
        outcome.stderr
    );
    let outcome = run(&home, &server, &["chat", "cut", "-m", "Hi"]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("before it was whole"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_conversation_is_kept_reset_and_left() {
    let (home, server) = (Home::new(), models());
    let mut chat = home.start_on_terminal(["chat", "tiny", "--url", &server.url, "--key", "hk_x"]);
    let mut turn = |text: &str, count: usize| {
        chat.answer(text);
        for _ in 0..1000 {
            if server.seen("/v1/chat/completions").len() == count {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let asked = server.seen("/v1/chat/completions");
        let messages = asked.last().map(|r| r.json()["messages"].clone());
        chat.until("한국");
        messages
            .and_then(|m| m.as_array().cloned())
            .unwrap_or_default()
    };
    assert_eq!(turn("one", 1).len(), 1);
    let second = turn("two", 2);
    assert_eq!(second.len(), 3);
    assert_eq!(
        second[1],
        json!({ "role": "assistant", "content": "Hello\u{1b}[2J 한국" })
    );
    assert_eq!(turn("/system Be brief.\n/reset\nthree", 3).len(), 2);
    chat.answer("/exit");
    let ended = chat.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("3 tokens"), "{}", ended.stderr);
}

#[test]
fn ctrl_c_ends_the_answer_first_and_the_program_then() {
    let (home, server) = (Home::new(), models());
    let args = [
        "chat",
        "endless",
        "--json",
        "--url",
        &server.url,
        "--key",
        "hk_x",
    ];
    let mut chat = home.start_on_terminal(args);
    chat.until_asked("/help lists");
    chat.answer("Tell me a story");
    while server.seen("/v1/chat/completions").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // The first piece may still be on its way: then there is nothing to keep, which is not tested here.
    std::thread::sleep(std::time::Duration::from_millis(300));
    chat.interrupt();
    chat.until_asked("(ended)");
    server.until_hung_up();
    chat.until("\"Once\"");
    chat.interrupt();
    let ended = chat.finish();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
}

#[test]
fn a_text_is_continued() {
    let (home, server) = (Home::new(), models());
    let args = ["generate", "tiny", "Once", "--max-tokens", "2"];
    assert_eq!(run(&home, &server, &args).ok(), " upon a time\n");
    let sent = server.seen("/v1/completions")[0].json();
    assert_eq!(sent["prompt"], "Once");
    assert_eq!(sent["max_tokens"], 2);
    let answer = run(&home, &server, &["generate", "tiny", "Once", "--json"]).document();
    assert_eq!(answer["text"], " upon a time");
    assert_eq!(answer["finish_reason"], "length");
    let outcome = run(&home, &server, &["generate", "tiny", ""]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
}

#[test]
fn vectors_come_a_line_each_however_many() {
    let (home, server) = (Home::new(), models());
    let texts: String = (0..70).map(|n| format!("text {n}\n\n")).collect();
    home.write("texts.txt", texts);
    let out = run(&home, &server, &["embed", "vectors", "--file", "texts.txt"]).ok();
    let lines: Vec<Value> = out
        .lines()
        .filter_map(|l| serde_json::from_str(l).ok())
        .collect();
    assert_eq!(lines.len(), 70);
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["index"], at);
        assert_eq!(line["text"], format!("text {at}"));
        assert_eq!(line["embedding"][0], (at % 32) as f64);
    }
    let both = run(&home, &server, &["embed", "vectors", "a", "b", "--json"]).document();
    assert_eq!(both["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(both["usage"]["prompt_tokens"], 2);
    home.write("none.txt", "\n\n");
    let error = run(
        &home,
        &server,
        &["embed", "vectors", "--file", "none.txt", "--json"],
    )
    .error();
    assert_eq!(error["code"], "empty_file");
}
