//! A few answers of base and tuned side by side, each the likeliest that the model has.

use std::ops::ControlFlow;

use hanok_infer::{ChatModel, GenerateRequest, Prompt};
use hanok_models::ChatMessage;

use crate::jobs::Stop;
use crate::jobs::context::Context;

/// Tokens of an answer that are shown.
const TOKENS: usize = 96;

/// A question and the answer in the data.
pub struct Question {
    /// The turns before the last answer.
    pub turns: Vec<ChatMessage>,
    /// That answer.
    pub expected: String,
}

impl Question {
    /// Of a conversation that ends with an answer to somebody.
    pub fn of(conversation: &[ChatMessage]) -> Option<Self> {
        let at = conversation
            .iter()
            .rposition(|turn| turn.role == "assistant")?;
        (at > 0).then(|| Self {
            turns: conversation[..at].to_vec(),
            expected: conversation[at].content.clone(),
        })
    }
}

/// The model's answers; empty where it cannot read the question.
pub fn answers(
    context: &Context,
    model: &ChatModel,
    questions: &[Question],
) -> Result<Vec<String>, Stop> {
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        context.check()?;
        let request = GenerateRequest {
            prompt: Prompt::Chat(question.turns.clone()),
            max_tokens: Some(TOKENS),
            temperature: 0.0,
            ..GenerateRequest::default()
        };
        let answer = model.generate(&request, &mut |_| {
            if context.reporter.is_asked_to_stop() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        answers.push(answer.map(|answer| answer.text).unwrap_or_default());
    }
    Ok(answers)
}
