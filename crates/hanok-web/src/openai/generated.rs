//! Generated text collected into whole answers.

use hanok_domain::fault::Fault;
use hanok_studio::inference::{ChoicePiece, Generation, Totals};
use serde_json::{Value, json};

/// One whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its text.
    pub text: String,
    /// Why it ended.
    pub reason: String,
}

/// Waits for the end of all answers.
pub async fn collect(mut generation: Generation) -> Result<(Vec<Choice>, Totals), Fault> {
    let mut choices: Vec<Choice> = Vec::new();
    while let Some(piece) = generation.next().await {
        match piece {
            ChoicePiece::Text { choice, text } => at(&mut choices, choice).text.push_str(&text),
            ChoicePiece::Finished { choice, reason } => at(&mut choices, choice).reason = reason,
            ChoicePiece::Done(totals) => return Ok((choices, totals)),
            ChoicePiece::Failed(fault) => return Err(fault),
        }
    }
    Err(Fault::internal("a generation ended without its end"))
}

fn at(choices: &mut Vec<Choice>, index: u32) -> &mut Choice {
    let index = index as usize;
    if choices.len() <= index {
        choices.resize(index + 1, Choice::default());
    }
    &mut choices[index]
}

/// Tokens as answers tell them.
pub fn usage(totals: Totals) -> Value {
    json!({
        "prompt_tokens": totals.prompt_tokens,
        "completion_tokens": totals.completion_tokens,
        "total_tokens": totals.prompt_tokens + totals.completion_tokens,
    })
}
