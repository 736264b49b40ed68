//! Cross-validation on the training rows (never on held-out ones): chooses penalty and learning rate,
//! and tells after which epoch a head does how well on rows that it has not seen.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::trainer::Score;
use super::{Choice, Example, HeadConfig, HeadTrainer, Recipe};
use crate::{Flow, TrainError, TrainEvent};

/// From noisy labels to clean ones, that is, from strong to weak penalties.
const CANDIDATES: [Choice; 5] = [
    Choice {
        l2: 2.0,
        learning_rate: 0.1,
    },
    Choice {
        l2: 0.5,
        learning_rate: 0.3,
    },
    Choice {
        l2: 0.125,
        learning_rate: 0.1,
    },
    Choice {
        l2: 0.125,
        learning_rate: 0.3,
    },
    Choice {
        l2: 0.03125,
        learning_rate: 0.3,
    },
];
/// Share of the loss that a weaker penalty must save to be chosen: with few rows the least loss is
/// often luck (in the spirit of the one-standard-error rule; Breiman et al., 1984).
const MARGIN: f32 = 0.05;
/// Rows that a trial looks at, at most.
const MOST_ROWS: usize = 8_000;
/// Folds are tried until this many rows were validated.
const ENOUGH_ROWS: usize = 600;
/// Keeps the folds apart from the batches' order, which uses low streams.
const FOLD_STREAM: u64 = u64::MAX;

/// What the cross-validation found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub choice: Choice,
    /// Scores on unseen rows after each epoch; empty without cross-validation.
    pub curve: Vec<Score>,
    /// Rows that were validated.
    pub rows: usize,
}

/// Cross-validates the candidates that the configuration leaves open; the least loss after the
/// last epoch wins, by a margin.
pub(super) fn search(
    examples: &[Example],
    class_weights: &[f32],
    config: &HeadConfig,
    observe: &mut dyn FnMut(&TrainEvent) -> Flow,
) -> Result<Found, TrainError> {
    let mut best = Found {
        choice: CANDIDATES[3],
        curve: Vec::new(),
        rows: 0,
    };
    if config.validation == 0.0 {
        return Ok(best);
    }
    let folds = folds(examples, config);
    let candidates = candidates(config);
    let trials = candidates.len();
    for (trial, choice) in candidates.into_iter().enumerate() {
        let recipe = Recipe::new(config, examples.len(), choice);
        let (curve, rows) = cross_validate(examples, &folds, class_weights, &recipe)?;
        let Some(last) = curve.last().copied() else {
            break;
        };
        let event = TrainEvent::Trial {
            trial: trial + 1,
            trials,
            l2: recipe.l2,
            learning_rate: recipe.learning_rate,
            validation_loss: last.loss,
            validation_accuracy: last.accuracy,
        };
        super::tell(observe, event)?;
        let bar = |best: &Score| best.loss * (1.0 - MARGIN);
        if best.curve.last().is_none_or(|b| last.loss < bar(b)) {
            best = Found {
                choice,
                curve,
                rows,
            };
        }
    }
    Ok(best)
}

/// The rows that are searched on, dealt into parts that are each left out once.
fn folds(examples: &[Example], config: &HeadConfig) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..examples.len()).collect();
    let sample = deal(examples, &all, all.len().div_ceil(MOST_ROWS), config.seed).swap_remove(0);
    let parts = (1.0 / config.validation).round().max(2.0) as usize;
    deal(examples, &sample, parts.min(sample.len()), config.seed)
}

/// The candidates that differ in what is left open.
fn candidates(config: &HeadConfig) -> Vec<Choice> {
    let settle = |c: Choice| Choice {
        l2: config.l2.unwrap_or(c.l2),
        learning_rate: config.learning_rate.unwrap_or(c.learning_rate),
    };
    let mut settled = CANDIDATES.map(settle).to_vec();
    settled.dedup();
    settled
}

/// Puts rows into `parts` parts of equal size and alike in their labels, by seed.
fn deal(examples: &[Example], rows: &[usize], parts: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(FOLD_STREAM);
    let mut order = rows.to_vec();
    order.shuffle(&mut generator);
    order.sort_by_key(|i| examples[*i].label);
    let mut dealt = vec![Vec::new(); parts];
    for (place, i) in order.into_iter().enumerate() {
        dealt[place % parts].push(i);
    }
    dealt
}

/// Mean scores after each epoch on folds that were left out, and the number of rows in these.
fn cross_validate(
    examples: &[Example],
    folds: &[Vec<usize>],
    class_weights: &[f32],
    recipe: &Recipe,
) -> Result<(Vec<Score>, usize), TrainError> {
    let mut curve = vec![
        Score {
            loss: 0.0,
            accuracy: 0.0
        };
        recipe.epochs
    ];
    let mut rows = 0;
    for (at, fold) in folds.iter().enumerate() {
        if rows >= ENOUGH_ROWS {
            break;
        }
        rows += fold.len();
        let others = folds.iter().enumerate().filter(|(i, _)| *i != at);
        let picked: Vec<usize> = others.flat_map(|(_, rows)| rows.clone()).collect();
        let weights = class_weights.to_vec();
        let mut trainer = HeadTrainer::new(examples, picked, weights, recipe.clone());
        while !trainer.done() {
            let step = trainer.step()?;
            if step.ends_epoch {
                let score = trainer.score(fold);
                curve[step.epoch - 1].loss += score.loss * fold.len() as f32;
                curve[step.epoch - 1].accuracy += score.accuracy * fold.len() as f32;
            }
        }
    }
    for score in &mut curve {
        score.loss /= rows as f32;
        score.accuracy /= rows as f32;
    }
    Ok((curve, rows))
}
