//! A head is trained on the features that the starter encoder gives.

use std::time::Instant;

use hanok_domain::fault::Fault;
use hanok_models::Encoder;
use hanok_protocol::job::{TrainResult, TrainSpec};
use hanok_protocol::model::{ModelFile, ModelFormat};
use hanok_train::head::{self, Example, HeadConfig, TrainedHead};
use serde_json::json;

use super::teller::Teller;
use super::{config, stop};
use crate::host::starter_encoder;
use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::jobs::rows::{self, LabelledText};
use crate::report::Reporter;

/// Runs the training.
pub fn run(context: &Context, spec: &TrainSpec) -> Result<TrainResult, Stop> {
    let config: HeadConfig = config(&spec.params, None)?;
    let encoder = starter_encoder(&spec.base.base_model)?;
    let split = rows::read(context, &spec.manifest, spec.held_out)?;
    let held_out = match &spec.validation {
        Some(manifest) => usize::try_from(manifest.rows).unwrap_or(usize::MAX),
        None => split.held_out.len(),
    };
    let training = split.training;
    context.reporter.log(
        "info",
        format!("{} rows to train on, {held_out} held out", training.len()),
    );
    let (labels, training) = known_labels(&spec.manifest.labels, training, &context.reporter);
    let examples = examples(context, &encoder, training)?;
    let started = Instant::now();
    let mut teller = Teller::new(context, ModelFormat::Head, &labels);
    let trained = head::train(&encoder, &examples, &labels, &config, &mut |event| {
        teller.tell(event)
    });
    let trained = trained.map_err(stop)?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes = trained
        .head
        .to_safetensors()
        .map_err(|e| Fault::internal(format!("the head cannot be written: {e}")))?;
    Ok(TrainResult {
        format: ModelFormat::Head,
        files: vec![ModelFile {
            path: "head.safetensors".to_owned(),
            object: context.put(&bytes)?,
        }],
        parameters: None,
        tokens: None,
        metrics: metrics(&trained, seconds, held_out),
        labels,
    })
}

/// Labels that occur among the training rows often enough to be learnt. The others are left out, and
/// said so: a label that appears once cannot be learnt and checked.
pub fn known_labels(
    labels: &[String],
    rows: Vec<LabelledText>,
    reporter: &Reporter,
) -> (Vec<String>, Vec<LabelledText>) {
    let mut counts = vec![0usize; labels.len()];
    rows.iter().for_each(|row| counts[row.label] += 1);
    let mut place = vec![None; labels.len()];
    let mut known = Vec::new();
    for (label, count) in counts.iter().enumerate() {
        if *count >= head::LEAST_ROWS_PER_LABEL {
            place[label] = Some(known.len());
            known.push(labels[label].clone());
        } else {
            let text = format!(
                "label '{}' has {count} training row(s) and is left out; at least {} are needed",
                labels[label],
                head::LEAST_ROWS_PER_LABEL
            );
            reporter.log("warn", text);
        }
    }
    let rows = rows.into_iter().filter_map(|row| {
        let label = place[row.label]?;
        Some(LabelledText { label, ..row })
    });
    (known, rows.collect())
}

fn examples(
    context: &Context,
    encoder: &Encoder,
    rows: Vec<LabelledText>,
) -> Result<Vec<Example>, Stop> {
    let features = rows::features(context, encoder, &rows)?;
    let cut = features.iter().filter(|f| f.truncated).count();
    if cut > 0 {
        let text = format!("{cut} texts are longer than the model reads and were cut");
        context.reporter.log("warn", text);
    }
    let labels = rows.into_iter().map(|row| row.label);
    Ok(features
        .into_iter()
        .zip(labels)
        .map(|(features, label)| Example { features, label })
        .collect())
}

fn metrics(trained: &TrainedHead, seconds: f64, held_out: usize) -> serde_json::Value {
    let validation = trained
        .validation
        .map(|score| json!({ "loss": score.loss, "accuracy": score.accuracy }));
    json!({
        "steps": trained.steps,
        "training_rows": trained.training_rows,
        "validation_rows": trained.validation_rows,
        "held_out_rows": held_out,
        "validation": validation,
        "seconds": seconds,
        "recipe": trained.recipe,
    })
}
