//! A decoder is tuned on conversations: by low-rank adapters or as a whole.

use std::time::Instant;

use hanok_models::ChatMessage;
use hanok_protocol::job::{TrainResult, TrainSpec};
use hanok_protocol::model::ModelFormat;
use hanok_train::sft::{self, Method, SftConfig, SftReport};
use hanok_train::{MOST_TOKENS, Out};
use serde_json::{Value, json};

use super::scratch::Scratch;
use super::teller::Teller;
use super::{config, stop};
use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::jobs::conversations::{self, Conversations};

/// Held-out rows that the loss is told of after each epoch. Nothing is chosen by it, so that the
/// evaluation on all of them stays fair.
const WATCHED: usize = 100;

/// Runs the training.
pub fn run(context: &Context, spec: &TrainSpec) -> Result<TrainResult, Stop> {
    let config: SftConfig = config(&spec.params, Some(&spec.method))?;
    let mut rows = conversations::read(context, &spec.manifest, spec.held_out)?;
    let watched = watched(context, spec, &mut rows)?;
    let told = format!(
        "{} conversations to train on, {} held out",
        rows.training.len(),
        rows.held_out.len()
    );
    context.reporter.log("info", told);
    let base = context.base(&spec.base)?;
    let scratch = Scratch::new(&context.scratch)?;
    let out = scratch.join("model");
    let format = match config.method {
        Method::Lora => ModelFormat::Peft,
        Method::Full => ModelFormat::Hf,
    };
    let mut teller = Teller::new(context, format, &[]);
    let checkpoints = context.checkpoints(&spec.checkpoints);
    let started = Instant::now();
    let trained = sft::train(
        &base,
        &rows.training,
        &watched,
        &config,
        Out {
            model: &out,
            checkpoints: Some(&checkpoints),
            most_tokens: spec.most_tokens.unwrap_or(MOST_TOKENS),
        },
        &mut |event| teller.tell(event),
    );
    // What could not be stored is the reason, not that the training was stopped for it.
    teller.result()?;
    let report = trained.map_err(stop)?;
    context.check()?;
    Ok(TrainResult {
        format,
        files: context.put_directory(&out)?,
        labels: Vec::new(),
        parameters: None,
        tokens: Some(report.tokens as u64),
        metrics: metrics(&report, &rows, started.elapsed().as_secs_f64()),
    })
}

/// Conversations that the loss is told of: those of the file to validate on, or some that are held out.
fn watched(
    context: &Context,
    spec: &TrainSpec,
    rows: &mut Conversations,
) -> Result<Vec<Vec<ChatMessage>>, Stop> {
    let Some(manifest) = &spec.validation else {
        return Ok(rows.held_out.iter().take(WATCHED).cloned().collect());
    };
    let given = conversations::read(context, manifest, 1.0)?;
    rows.held_out = given.held_out.clone();
    Ok(given.held_out)
}

fn metrics(report: &SftReport, rows: &Conversations, seconds: f64) -> Value {
    json!({
        "steps": report.steps,
        "training_rows": report.rows,
        "held_out_rows": rows.held_out.len(),
        "skipped_rows": report.skipped.len() + rows.unreadable,
        "train_loss": report.train_loss,
        "validation": report.validation_loss.map(|loss| json!({ "loss": loss })),
        "learning_rate": report.learning_rate,
        "trained_parameters": report.trained_parameters,
        "tokens": report.tokens,
        "tokens_per_s": report.tokens as f64 / seconds.max(1e-9),
        "seconds": seconds,
    })
}
