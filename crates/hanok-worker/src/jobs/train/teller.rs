//! Training events as run events. A checkpoint's directory becomes objects on the way.

use std::path::Path;
use std::time::Instant;

use hanok_protocol::model::ModelFormat;
use hanok_train::{Flow, TrainEvent};
use serde_json::json;

use crate::jobs::Stop;
use crate::jobs::context::Context;
use crate::report::Reporter;

/// Points of the loss curve that a run reports, about.
const POINTS: usize = 400;
/// Skipped rows that are told one by one.
const TOLD: usize = 20;

/// Turns training events into run events.
pub struct Teller<'a> {
    context: &'a Context,
    reporter: &'a Reporter,
    format: ModelFormat,
    labels: &'a [String],
    /// When the fit began; the trials before it are not its speed.
    fit_began: Option<Instant>,
    /// Sum and count of losses since the last point.
    losses: (f64, u32),
    skipped: usize,
    /// Why the training was stopped by us.
    failed: Option<Stop>,
}

impl<'a> Teller<'a> {
    /// For a training whose checkpoints have this form.
    pub fn new(context: &'a Context, format: ModelFormat, labels: &'a [String]) -> Self {
        Self {
            context,
            reporter: &context.reporter,
            format,
            labels,
            fit_began: None,
            losses: (0.0, 0),
            skipped: 0,
            failed: None,
        }
    }

    /// Whether everything could be told and stored.
    pub fn result(&mut self) -> Result<(), Stop> {
        if self.skipped > TOLD {
            let text = format!("{} rows were left out in all", self.skipped);
            self.reporter.log("warn", text);
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Tells one event; says whether to go on.
    pub fn tell(&mut self, event: &TrainEvent) -> Flow {
        match event {
            TrainEvent::Trial { .. } => self.trial(event),
            TrainEvent::Step { .. } => self.step(event),
            TrainEvent::Epoch { .. } => self.epoch(event),
            TrainEvent::Read { rows, of } => {
                self.reporter
                    .progress(*rows as u64, *of as u64, "rows read");
            }
            TrainEvent::Skipped { row, reason } => {
                self.skipped += 1;
                if self.skipped <= TOLD {
                    let text = format!("training row {} is left out: {reason}", row + 1);
                    self.reporter.log("warn", text);
                }
            }
            TrainEvent::Resumed { step, broken } => self.resumed(*step, broken),
            TrainEvent::Saved { step } => {
                self.reporter.event("saved", json!({ "step": step }));
            }
            TrainEvent::Checkpoint {
                step,
                epoch,
                dir,
                train_loss,
                validation_loss,
            } => {
                let figures = json!({
                    "step": step,
                    "epoch": epoch,
                    "train_loss": train_loss,
                    "valid_loss": validation_loss,
                });
                if let Err(why) = self.checkpoint(dir, figures) {
                    self.failed = Some(why);
                    return Flow::Stop;
                }
            }
        }
        if self.reporter.is_asked_to_stop() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }

    fn resumed(&self, step: usize, broken: &[String]) {
        for reason in broken {
            let text = format!("a checkpoint is put aside: {reason}");
            self.reporter.log("warn", text);
        }
        let text = match step {
            0 => "begins again from zero".to_owned(),
            step => format!("goes on from the checkpoint of step {step}"),
        };
        self.reporter.log("info", text);
        self.reporter.event("resumed", json!({ "step": step }));
    }

    fn checkpoint(&self, dir: &Path, mut content: serde_json::Value) -> Result<(), Stop> {
        content["format"] = json!(self.format);
        content["labels"] = json!(self.labels);
        content["files"] = json!(self.context.put_directory(dir)?);
        self.reporter.event("checkpoint", content);
        Ok(())
    }

    fn trial(&self, event: &TrainEvent) {
        let TrainEvent::Trial {
            trial,
            trials,
            l2,
            learning_rate,
            validation_loss,
            validation_accuracy,
        } = event
        else {
            return;
        };
        let text = format!(
            "trial {trial} of {trials}: l2 {l2}, learning rate {learning_rate}: loss {validation_loss:.4}, accuracy {validation_accuracy:.4}"
        );
        self.reporter.log("info", text);
    }

    fn step(&mut self, event: &TrainEvent) {
        let TrainEvent::Step {
            step,
            total_steps,
            epoch,
            loss,
            learning_rate,
            examples,
            tokens,
            accuracy,
            gradient_norm,
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
        let seconds = began.elapsed().as_secs_f64().max(1e-9);
        let mut content = json!({
            "step": step,
            "total_steps": total_steps,
            "epoch": epoch,
            "loss": mean,
            "learning_rate": learning_rate,
            "examples_per_s": *examples as f64 / seconds,
        });
        if let Some(tokens) = tokens {
            content["tokens_per_s"] = json!(*tokens as f64 / seconds);
        }
        if let Some(accuracy) = accuracy {
            content["accuracy"] = json!(accuracy);
        }
        if let Some(norm) = gradient_norm {
            content["gradient_norm"] = json!(norm);
        }
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
            (Some(loss), None) => format!(", validation loss {loss:.4}"),
            _ => String::new(),
        };
        let text = format!("epoch {epoch} of {epochs}: loss {train_loss:.4}{validation}");
        self.reporter.log("info", text);
    }
}
