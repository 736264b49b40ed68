//! An imported BERT-family encoder is tuned on labelled texts: its head, adapters, or all of it.

use std::time::Instant;

use hanok_protocol::job::{Manifest, TrainResult, TrainSpec};
use hanok_protocol::model::ModelFormat;
use hanok_train::classify::{self, ClassifyConfig, ClassifyReport, LabelledText, Method};
use hanok_train::{MOST_TOKENS, Out};
use serde_json::{Value, json};

use super::head::known_labels;
use super::scratch::Scratch;
use super::teller::Teller;
use super::{config, stop};
use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::jobs::rows;

/// Held-out rows that the loss is told of after each epoch; nothing is chosen by it.
const WATCHED: usize = 200;

/// Runs the training.
pub fn run(context: &Context, spec: &TrainSpec) -> Result<TrainResult, Stop> {
    let config = settings(&spec.params, &spec.method)?;
    let split = rows::read(context, &spec.manifest, spec.held_out)?;
    let (labels, training) = known_labels(&spec.manifest.labels, split.training, &context.reporter);
    let training: Vec<LabelledText> = training.into_iter().map(|r| (r.text, r.label)).collect();
    let held_out = match &spec.validation {
        Some(manifest) => (rows::read(context, manifest, 1.0)?.held_out, manifest),
        None => (split.held_out, &spec.manifest),
    };
    let watched = among(&held_out.0, held_out.1, &labels);
    let count = held_out.0.len();
    let rows = training.len();
    let told = format!("{rows} rows to train on, {count} held out");
    context.reporter.log("info", told);
    let base = context.base(&spec.base)?;
    let scratch = Scratch::new(&context.scratch)?;
    let out = scratch.join("model");
    let format = match config.method {
        Method::Lora => ModelFormat::Peft,
        Method::Head | Method::Full => ModelFormat::Hf,
    };
    let mut teller = Teller::new(context, format, &labels);
    let checkpoints = context.checkpoints(&spec.checkpoints);
    let started = Instant::now();
    let to = Out {
        model: &out,
        checkpoints: Some(&checkpoints),
        most_tokens: spec.most_tokens.unwrap_or(MOST_TOKENS),
    };
    let mut tell = |event: &_| teller.tell(event);
    let trained = classify::train(&base, &training, &watched, &labels, &config, to, &mut tell);
    teller.result()?;
    let report = trained.map_err(stop)?;
    context.check()?;
    Ok(TrainResult {
        format,
        files: context.put_directory(&out)?,
        labels,
        parameters: None,
        tokens: None,
        metrics: metrics(&report, count, started.elapsed().as_secs_f64()),
    })
}

/// The method has no factor on its learning rate; the rate that it would choose is multiplied here.
fn settings(params: &Value, method: &str) -> Result<ClassifyConfig, Stop> {
    let mut params = params.clone();
    let factor = params
        .as_object_mut()
        .and_then(|params| params.remove("learning_rate_multiplier"));
    let mut config: ClassifyConfig = config(&params, Some(method))?;
    if let (Some(factor), None) = (factor.and_then(|f| f.as_f64()), config.learning_rate) {
        config.learning_rate = Some(config.peak_rate() * factor as f32);
    }
    Ok(config)
}

/// Rows whose label the model knows, with its place among the model's.
fn among(rows: &[rows::LabelledText], manifest: &Manifest, labels: &[String]) -> Vec<LabelledText> {
    let known = rows.iter().filter_map(|row| {
        let label = manifest.labels.get(row.label)?;
        let place = labels.iter().position(|known| known == label)?;
        Some((row.text.clone(), place))
    });
    known.take(WATCHED).collect()
}

fn metrics(report: &ClassifyReport, held_out: usize, seconds: f64) -> Value {
    let validation = report
        .validation_loss
        .map(|loss| json!({ "loss": loss, "accuracy": report.validation_accuracy }));
    json!({
        "steps": report.steps,
        "training_rows": report.rows,
        "held_out_rows": held_out,
        "truncated_rows": report.truncated,
        "train_loss": report.train_loss,
        "validation": validation,
        "learning_rate": report.learning_rate,
        "trained_parameters": report.trained_parameters,
        "seconds": seconds,
    })
}
