//! A decoder against its base: how well each foretells the answers of held-out conversations, and some
//! answers of both.

use hanok_domain::fault::Fault;
use hanok_infer::ChatModel;
use hanok_models::{ChatMessage, LanguageModel};
use hanok_protocol::job::{EvalResult, EvalSpec};
use hanok_protocol::model::ModelRef;
use hanok_train::TrainError;
use hanok_train::sft::{self, ConversationLoss};
use serde_json::{Value, json};

use super::losses::{difference, figures};
use super::nothing_held_out;
use super::samples::{Question, answers};
use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::jobs::conversations;
use crate::models::unusable;

/// Answers that the report shows.
const SHOWN: usize = 4;
/// Conversations that are judged at most; their interval is narrow enough by then.
const MOST: usize = 1000;

/// What one model made of the conversations.
struct Judged {
    losses: Vec<ConversationLoss>,
    answers: Vec<String>,
}

/// Runs the evaluation.
pub fn run(context: &Context, spec: &EvalSpec) -> Result<EvalResult, Stop> {
    let mut rows = conversations::read(context, &spec.manifest, spec.held_out)?;
    if spec.all_rows {
        rows.held_out.append(&mut rows.training);
    }
    rows.held_out.truncate(MOST);
    let rows = rows.held_out;
    if rows.is_empty() {
        return Err(nothing_held_out().into());
    }
    let told = format!("{} held-out conversations", rows.len());
    context.reporter.log("info", told);
    let questions: Vec<Question> = rows
        .iter()
        .filter_map(|row| Question::of(row))
        .take(SHOWN)
        .collect();
    let base = judge(context, &spec.base, &rows, &questions, 0)?;
    let tuned = judge(context, &spec.model, &rows, &questions, rows.len())?;
    if base.losses.is_empty() || base.losses.len() != tuned.losses.len() {
        return Err(nothing_held_out().into());
    }
    let report = json!({
        "kind": "text",
        "rows": base.losses.len(),
        "skipped": rows.len() - base.losses.len(),
        "base": figures(&base.losses),
        "tuned": figures(&tuned.losses),
        "loss": difference(&base.losses, &tuned.losses),
        "samples": samples(&questions, &base.answers, &tuned.answers),
    });
    Ok(EvalResult { report })
}

fn judge(
    context: &Context,
    model: &ModelRef,
    rows: &[Vec<ChatMessage>],
    questions: &[Question],
    before: usize,
) -> Result<Judged, Stop> {
    let (dir, adapter) = context.model(model)?;
    let model = LanguageModel::load(&dir, adapter.as_deref()).map_err(|e| unusable(&e))?;
    let total = 2 * rows.len() as u64;
    let losses = sft::evaluate(&model, rows, &mut |judged| {
        let done = (before + judged) as u64;
        if done.is_multiple_of(10) {
            context.reporter.progress(done, total, "conversations");
        }
        !context.reporter.is_asked_to_stop()
    });
    let losses = losses.map_err(|error| match error {
        TrainError::Stopped { .. } => Stop::Cancelled,
        other => Stop::Failed(Fault::invalid(other.code(), format!("{other}."))),
    })?;
    if losses.iter().any(|row| !row.loss.is_finite()) {
        let text = "The model's output is not a number; its weights are damaged.";
        return Err(Fault::invalid("model_not_finite", text).into());
    }
    let answers = answers(context, &ChatModel::new(model), questions)?;
    Ok(Judged { losses, answers })
}

fn samples(questions: &[Question], base: &[String], tuned: &[String]) -> Vec<Value> {
    let answers = base.iter().zip(tuned);
    questions
        .iter()
        .zip(answers)
        .map(|(question, (base, tuned))| {
            json!({
                "messages": question.turns,
                "expected": question.expected,
                "base": base,
                "tuned": tuned,
            })
        })
        .collect()
}
