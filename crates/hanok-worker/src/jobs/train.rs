//! `run.train`: a head is trained on the rows that are not held out. What happens is told as events:
//! a metric now and then, an epoch's validation, a line of the log for each decision.

use std::time::Instant;

use hanok_domain::fault::Fault;
use hanok_models::Encoder;
use hanok_protocol::job::{TrainResult, TrainSpec};
use hanok_train::head::{self, Example, HeadConfig, TrainedHead};
use hanok_train::{Flow, TrainError, TrainEvent};
use serde_json::json;

use super::Stop;
use super::context::Context;
use super::rows::{self, LabelledText};
use crate::host::encoder;
use crate::report::Reporter;

/// Points of the loss curve that a run reports, about.
const POINTS: usize = 400;

/// Runs the training.
pub fn run(context: &Context, spec: &TrainSpec) -> Result<TrainResult, Stop> {
    let config: HeadConfig = serde_json::from_value(spec.params.clone())
        .map_err(|e| Fault::invalid("invalid_params", format!("The hyper-parameters: {e}.")))?;
    let encoder = encoder(&spec.base_model)?;
    let split = rows::read(context, &spec.manifest, spec.held_out)?;
    let (training, held_out) = (split.training, split.held_out.len());
    context.reporter.log(
        "info",
        format!("{} rows to train on, {held_out} held out", training.len()),
    );
    let (labels, training) = known_labels(&spec.manifest.labels, training, &context.reporter);
    let examples = examples(context, &encoder, training)?;
    let started = Instant::now();
    let mut teller = Teller::new(&context.reporter);
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
        artefact: context.put(&bytes)?,
        metrics: metrics(&trained, seconds, held_out),
        labels,
    })
}

/// Labels that occur among the training rows often enough to be learnt. The others are left out, and
/// said so: a label that appears once cannot be learnt and checked.
fn known_labels(
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

fn stop(error: TrainError) -> Stop {
    match error {
        TrainError::Stopped { .. } => Stop::Cancelled,
        other => Stop::Failed(Fault::invalid(other.code(), format!("{other}."))),
    }
}

/// Turns training events into run events.
struct Teller<'a> {
    reporter: &'a Reporter,
    /// When the fit began; the trials before it are not its speed.
    fit_began: Option<Instant>,
    /// Sum and count of losses since the last point.
    losses: (f64, u32),
}

impl<'a> Teller<'a> {
    fn new(reporter: &'a Reporter) -> Self {
        Self {
            reporter,
            fit_began: None,
            losses: (0.0, 0),
        }
    }

    fn tell(&mut self, event: &TrainEvent) -> Flow {
        match event {
            TrainEvent::Trial {
                trial,
                trials,
                l2,
                learning_rate,
                validation_loss,
                validation_accuracy,
            } => {
                let text = format!(
                    "trial {trial} of {trials}: l2 {l2}, learning rate {learning_rate}: loss {validation_loss:.4}, accuracy {validation_accuracy:.4}"
                );
                self.reporter.log("info", text);
            }
            TrainEvent::Step { .. } => self.step(event),
            TrainEvent::Epoch { .. } => self.epoch(event),
            // A head reads its texts beforehand, skips none and has no checkpoints.
            TrainEvent::Read { .. }
            | TrainEvent::Skipped { .. }
            | TrainEvent::Checkpoint { .. } => {}
        }
        if self.reporter.is_cancelled() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }

    fn step(&mut self, event: &TrainEvent) {
        let TrainEvent::Step {
            step,
            total_steps,
            epoch,
            loss,
            learning_rate,
            examples,
            ..
        } = event
        else {
            return;
        };
        let began = *self.fit_began.get_or_insert_with(Instant::now);
        self.losses = (self.losses.0 + f64::from(*loss), self.losses.1 + 1);
        let every = (total_steps / POINTS).max(1);
        if step % every != 0 && step != total_steps {
            return;
        }
        let mean = self.losses.0 / f64::from(self.losses.1);
        self.losses = (0.0, 0);
        let seconds = began.elapsed().as_secs_f64();
        let content = json!({
            "step": step,
            "total_steps": total_steps,
            "epoch": epoch,
            "loss": mean,
            "learning_rate": learning_rate,
            "examples_per_s": *examples as f64 / seconds.max(1e-9),
        });
        self.reporter.event("metric", content);
        self.reporter
            .progress(*step as u64, *total_steps as u64, "steps");
    }

    fn epoch(&self, event: &TrainEvent) {
        let TrainEvent::Epoch {
            epoch,
            epochs,
            step,
            train_loss,
            validation_loss,
            validation_accuracy,
            ..
        } = event
        else {
            return;
        };
        let content = json!({
            "step": step,
            "epoch": epoch,
            "train_loss": train_loss,
            "val_loss": validation_loss,
            "val_accuracy": validation_accuracy,
        });
        self.reporter.event("metric", content);
        let validation = match (validation_loss, validation_accuracy) {
            (Some(loss), Some(accuracy)) => {
                format!(", validation loss {loss:.4}, accuracy {accuracy:.4}")
            }
            _ => String::new(),
        };
        let text = format!("epoch {epoch} of {epochs}: loss {train_loss:.4}{validation}");
        self.reporter.log("info", text);
    }
}
