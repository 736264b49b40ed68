//! A classification head: softmax regression over an encoder's dense and sparse features.

mod config;
mod loss;
mod search;
mod space;
mod trainer;
mod weights;

#[cfg(test)]
mod gradient_tests;

use hanok_models::{Encoder, Features, Head, HeadParts};

pub use config::{Choice, ClassWeights, HeadConfig, Recipe, Schedule};
pub use trainer::{HeadTrainer, Score, Step, TrainerState};
pub use weights::Weights;

use crate::{Flow, TrainError, TrainEvent};

/// Fewer training rows than this teach nothing.
pub const LEAST_ROWS: usize = 20;
/// Training rows that every label must have.
pub const LEAST_ROWS_PER_LABEL: usize = 2;
/// More labels than this are free text, not classes.
pub const MOST_LABELS: usize = 1_000;

/// One row: what the encoder made of its text, and which label it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// From the encoder that the head is for.
    pub features: Features,
    /// Index into the labels.
    pub label: usize,
}

/// A head, and how it came about.
#[derive(Debug, Clone)]
pub struct TrainedHead {
    /// Ready to run.
    pub head: Head,
    /// What the fit followed.
    pub recipe: Recipe,
    /// Steps of the fit.
    pub steps: usize,
    /// Rows that were trained on: all examples.
    pub training_rows: usize,
    /// What such a head does on rows that it has not seen, by cross-validation on the examples.
    pub validation: Option<Score>,
    /// Rows that the cross-validation answered.
    pub validation_rows: usize,
}

/// Trains a head: cross-validation chooses what is unset, then one fit sees all examples.
///
/// The same examples, labels and settings give the same bits. `observe` sees every event as it
/// happens and may end the training; then nothing is kept.
pub fn train(
    encoder: &Encoder,
    examples: &[Example],
    labels: &[String],
    config: &HeadConfig,
    observe: &mut dyn FnMut(&TrainEvent) -> Flow,
) -> Result<TrainedHead, TrainError> {
    config::check(config)?;
    let counts = check_examples(encoder, examples, labels)?;
    let class_weights = config.class_weights.resolve(&counts);
    let found = search::search(examples, &class_weights, config, observe)?;
    let recipe = Recipe::new(config, examples.len(), found.choice);
    let all = (0..examples.len()).collect();
    let mut trainer = HeadTrainer::new(examples, all, class_weights, recipe.clone());
    let mut losses = Vec::new();
    while !trainer.done() {
        let step = trainer.step()?;
        losses.push(step.loss);
        tell(observe, step_event(&step, &trainer))?;
        if step.ends_epoch {
            let score = found.curve.get(step.epoch - 1);
            tell(observe, epoch_event(&step, &recipe, &losses, score))?;
            losses.clear();
        }
    }
    Ok(TrainedHead {
        head: finish(&trainer, encoder, labels)?,
        steps: trainer.total_steps(),
        recipe,
        training_rows: examples.len(),
        validation: found.curve.last().copied(),
        validation_rows: found.rows,
    })
}

fn step_event(step: &Step, trainer: &HeadTrainer) -> TrainEvent {
    TrainEvent::Step {
        step: step.step,
        total_steps: trainer.total_steps(),
        epoch: step.epoch,
        loss: step.loss,
        learning_rate: step.learning_rate,
        examples: trainer.examples_seen(),
        tokens: None,
        accuracy: None,
        gradient_norm: None,
    }
}

fn epoch_event(step: &Step, recipe: &Recipe, losses: &[f32], score: Option<&Score>) -> TrainEvent {
    TrainEvent::Epoch {
        epoch: step.epoch,
        epochs: recipe.epochs,
        step: step.step,
        train_loss: losses.iter().sum::<f32>() / losses.len().max(1) as f32,
        validation_loss: score.map(|s| s.loss),
        validation_accuracy: score.map(|s| s.accuracy),
    }
}

fn tell(observe: &mut dyn FnMut(&TrainEvent) -> Flow, event: TrainEvent) -> Result<(), TrainError> {
    if observe(&event) == Flow::Continue {
        return Ok(());
    }
    let step = match event {
        TrainEvent::Step { step, .. } | TrainEvent::Epoch { step, .. } => step,
        _ => 0,
    };
    Err(TrainError::Stopped { step })
}

fn finish(trainer: &HeadTrainer, encoder: &Encoder, labels: &[String]) -> Result<Head, TrainError> {
    let (buckets, weights) = trainer.finish();
    Head::new(HeadParts {
        encoder: encoder.fingerprint().to_owned(),
        labels: labels.to_vec(),
        dim: encoder.config().dim,
        hash_buckets: encoder.config().hash_buckets,
        dense: weights.dense,
        buckets,
        sparse: weights.sparse,
        bias: weights.bias,
    })
    .map_err(|e| TrainError::invalid("examples", e.to_string()))
}

/// Refuses what cannot be learnt from; returns the rows of each label.
fn check_examples(
    encoder: &Encoder,
    examples: &[Example],
    labels: &[String],
) -> Result<Vec<usize>, TrainError> {
    let mut counts = vec![0; labels.len()];
    let (dim, buckets) = (encoder.config().dim, encoder.config().hash_buckets);
    for example in examples {
        let features = &example.features;
        let fits = features.dense.len() == dim && features.sparse.iter().all(|(b, _)| *b < buckets);
        if !fits {
            let reason = "come from another encoder than the head is for";
            return Err(TrainError::invalid("examples", reason));
        }
        let Some(count) = counts.get_mut(example.label) else {
            return Err(TrainError::invalid(
                "examples",
                "have a label without a name",
            ));
        };
        *count += 1;
    }
    check_counts(examples.len(), labels, &counts)?;
    Ok(counts)
}

fn check_counts(rows: usize, labels: &[String], counts: &[usize]) -> Result<(), TrainError> {
    if rows < LEAST_ROWS {
        let needed = LEAST_ROWS;
        return Err(TrainError::TooFewRows { rows, needed });
    }
    let mut used = labels.iter().zip(counts).filter(|(_, n)| **n > 0);
    if let (Some((label, _)), None) = (used.next(), used.next()) {
        let label = label.clone();
        return Err(TrainError::OneClass { label, rows });
    }
    if labels.len() > MOST_LABELS {
        let (labels, most) = (labels.len(), MOST_LABELS);
        return Err(TrainError::TooManyLabels { labels, most });
    }
    let rare = |(_, n): &(&String, &usize)| **n < LEAST_ROWS_PER_LABEL;
    match labels.iter().zip(counts).find(rare) {
        Some((label, n)) => Err(TrainError::RareLabel {
            label: label.clone(),
            rows: *n,
            needed: LEAST_ROWS_PER_LABEL,
        }),
        None => Ok(()),
    }
}
