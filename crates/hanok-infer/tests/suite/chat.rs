//! Generation: what ends it, what is streamed, what is refused.

use std::ops::ControlFlow;

use hanok_infer::{ChatModel, FinishReason, GenerateError, GenerateRequest, Generated, Prompt};
use hanok_models::ChatMessage;

use crate::fixture;

fn model() -> ChatModel {
    ChatModel::load(&fixture("llama_a"), None).expect("the fixture loads")
}

fn request(text: &str) -> GenerateRequest {
    GenerateRequest {
        prompt: Prompt::Text(text.to_owned()),
        max_tokens: Some(12),
        temperature: 0.0,
        ..GenerateRequest::default()
    }
}

fn run(model: &ChatModel, request: &GenerateRequest) -> (Generated, Vec<String>) {
    let mut pieces = Vec::new();
    let generated = model.generate(request, &mut |piece| {
        pieces.push(piece.to_owned());
        ControlFlow::Continue(())
    });
    (generated.expect("it answers"), pieces)
}

#[test]
fn pieces_are_the_text_and_a_greedy_answer_is_the_same_each_time() {
    let model = model();
    let (first, pieces) = run(&model, &request("w10 w11 w12"));
    assert_eq!(pieces.concat(), first.text);
    assert!(pieces.len() > 3, "{pieces:?}");
    assert_eq!(first.finish_reason, FinishReason::Length);
    assert_eq!(first.completion_tokens, 12);
    assert_eq!(
        first.prompt_tokens,
        model
            .prompt(&request("w10 w11 w12").prompt)
            .expect("tokens")
            .len()
    );
    assert_eq!(run(&model, &request("w10 w11 w12")).0, first);
}

#[test]
fn a_stop_text_ends_it_and_is_not_shown() {
    let model = model();
    let (whole, _) = run(&model, &request("w10 w11 w12"));
    let words: Vec<&str> = whole.text.split(' ').collect();
    let stop = words[words.len() / 2].to_owned();
    let (cut, pieces) = run(
        &model,
        &GenerateRequest {
            stop: vec![stop.clone()],
            ..request("w10 w11 w12")
        },
    );
    let until = whole.text.find(&stop).expect("it is there");
    assert_eq!(cut.text, whole.text[..until]);
    assert_eq!(pieces.concat(), cut.text);
    assert_eq!(cut.finish_reason, FinishReason::Stop);
    assert!(cut.completion_tokens < whole.completion_tokens);
}

#[test]
fn a_listener_that_goes_away_ends_it() {
    let mut asked = 0;
    let generated = model().generate(&request("w10 w11 w12"), &mut |_| {
        asked += 1;
        if asked == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let generated = generated.expect("it answers");
    assert_eq!(
        (generated.finish_reason, asked),
        (FinishReason::Cancelled, 3)
    );
    assert!(generated.completion_tokens <= 4);
}

#[test]
fn the_context_is_the_limit() {
    let model = model();
    let limit = model.context_length();
    let long = request(&"w9 ".repeat(limit));
    match model.generate(&long, &mut |_| ControlFlow::Continue(())) {
        Err(GenerateError::TooLong {
            tokens,
            limit: told,
        }) => {
            assert!(tokens >= limit && told == limit);
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    let nearly = GenerateRequest {
        max_tokens: None,
        ..request(&"w9 ".repeat(limit - 6))
    };
    let (generated, _) = run(&model, &nearly);
    assert!(generated.prompt_tokens + generated.completion_tokens <= limit);
}

#[test]
fn a_seed_repeats_an_answer() {
    let model = model();
    let seeded = |seed| GenerateRequest {
        temperature: 1.5,
        seed: Some(seed),
        ..request("w10")
    };
    assert_eq!(run(&model, &seeded(1)).0, run(&model, &seeded(1)).0);
    let texts: std::collections::BTreeSet<String> = (0..8)
        .map(|seed| run(&model, &seeded(seed)).0.text)
        .collect();
    assert!(texts.len() > 1);
}

#[test]
fn several_at_once_do_not_disturb_each_other() {
    let model = model();
    let alone: Vec<Generated> = (0..4)
        .map(|i| run(&model, &request(&format!("w{} w{}", 20 + i, 30 + i))).0)
        .collect();
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..4)
            .map(|i| {
                let model = &model;
                scope.spawn(move || run(model, &request(&format!("w{} w{}", 20 + i, 30 + i))).0)
            })
            .collect();
        for (handle, alone) in handles.into_iter().zip(&alone) {
            assert_eq!(&handle.join().expect("no panic"), alone);
        }
    });
}

#[test]
fn nonsense_is_refused_by_field() {
    let model = model();
    let base = request("w10");
    let wrong = [
        (
            "temperature",
            GenerateRequest {
                temperature: 2.5,
                ..base.clone()
            },
        ),
        (
            "temperature",
            GenerateRequest {
                temperature: f32::NAN,
                ..base.clone()
            },
        ),
        (
            "top_p",
            GenerateRequest {
                top_p: 0.0,
                ..base.clone()
            },
        ),
        (
            "top_k",
            GenerateRequest {
                top_k: Some(0),
                ..base.clone()
            },
        ),
        (
            "max_tokens",
            GenerateRequest {
                max_tokens: Some(0),
                ..base.clone()
            },
        ),
        (
            "stop",
            GenerateRequest {
                stop: vec![String::new()],
                ..base.clone()
            },
        ),
        (
            "presence_penalty",
            GenerateRequest {
                presence_penalty: -3.0,
                ..base
            },
        ),
    ];
    for (field, request) in wrong {
        match model.generate(&request, &mut |_| ControlFlow::Continue(())) {
            Err(GenerateError::Invalid { field: told, .. }) => assert_eq!(told, field),
            other => panic!("{field}: expected a refusal, got {other:?}"),
        }
    }
}

#[test]
fn a_conversation_is_put_together_by_the_template() {
    let model = model();
    let chat = GenerateRequest {
        prompt: Prompt::Chat(vec![ChatMessage::new("user", "w10 w11")]),
        ..request("")
    };
    let (generated, _) = run(&model, &chat);
    assert!(generated.prompt_tokens >= 2);
    let empty = GenerateRequest {
        prompt: Prompt::Chat(Vec::new()),
        ..request("")
    };
    assert!(
        model
            .generate(&empty, &mut |_| ControlFlow::Continue(()))
            .is_err()
    );
    assert!(
        ChatModel::load(&fixture("bert"), None).is_err(),
        "an encoder writes no text"
    );
}
