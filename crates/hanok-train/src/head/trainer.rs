//! The loop itself: batch, forward, loss, gradient, step.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::loss::{argmax, cross_entropy};
use super::space::Space;
use super::weights::{adagrad, dot};
use super::{Example, Recipe, Weights};
use crate::TrainError;

/// All that the loop changes: from the same inputs and this, it goes on to the same bits.
///
/// No generator is kept: the order of an epoch's rows follows from the seed and the epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainerState {
    /// Steps taken.
    pub step: usize,
    /// Weights over scaled features.
    pub weights: Weights,
    /// Sums of squared gradients.
    pub squares: Weights,
    /// Step at which each sparse row last paid its penalty, `[N]`.
    pub paid: Vec<u32>,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// From 1.
    pub step: usize,
    /// From 1.
    pub epoch: usize,
    /// Mean loss of the batch before the step.
    pub loss: f32,
    /// Learning rate of the step.
    pub learning_rate: f32,
    /// True when all rows have now been seen in this epoch.
    pub ends_epoch: bool,
}

/// Loss and accuracy on rows that are only looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mean cross-entropy.
    pub loss: f32,
    /// Share of right answers.
    pub accuracy: f32,
}

/// One fit of a head with one recipe on some of the examples.
#[derive(Debug, Clone)]
pub struct HeadTrainer<'a> {
    examples: &'a [Example],
    picked: Vec<usize>,
    class_weights: Vec<f32>,
    recipe: Recipe,
    pub(super) space: Space,
    pub(super) state: TrainerState,
    pub(super) gradient: Weights,
    /// Sparse rows of the batch, with repeats.
    touched: Vec<u32>,
    /// The rows in the order of `order_of`, an epoch from 0.
    order: Vec<usize>,
    order_of: Option<usize>,
    /// Standardised dense part of the example at hand.
    dense: Vec<f32>,
}

impl<'a> HeadTrainer<'a> {
    /// Starts at zero. `picked` names the training rows among the examples and is not empty;
    /// every label is below the length of `class_weights`.
    pub fn new(
        examples: &'a [Example],
        picked: Vec<usize>,
        class_weights: Vec<f32>,
        recipe: Recipe,
    ) -> Self {
        let space = Space::fit(examples, &picked, class_weights.len(), &recipe);
        let zeros = Weights::zeros(space.classes, space.dim, space.buckets.len());
        Self {
            examples,
            picked,
            class_weights,
            recipe,
            state: TrainerState {
                step: 0,
                weights: zeros.clone(),
                squares: zeros.clone(),
                paid: vec![0; space.buckets.len()],
            },
            gradient: zeros,
            touched: Vec::new(),
            order: Vec::new(),
            order_of: None,
            dense: vec![0.0; space.dim],
            space,
        }
    }

    /// What a checkpoint must hold.
    pub fn state(&self) -> &TrainerState {
        &self.state
    }

    /// Goes back to a state taken from a trainer with the same inputs.
    pub fn restore(&mut self, state: TrainerState) -> Result<(), TrainError> {
        let now = &self.state;
        let fits = now.weights.same_shape(&state.weights)
            && now.weights.same_shape(&state.squares)
            && now.paid.len() == state.paid.len()
            && state.step <= self.total_steps();
        if !fits {
            let reason = "belongs to other data or settings; start the run anew";
            return Err(TrainError::invalid("checkpoint", reason));
        }
        self.state = state;
        Ok(())
    }

    fn steps_per_epoch(&self) -> usize {
        self.picked.len().div_ceil(self.recipe.batch_size)
    }

    /// Steps of the whole fit.
    pub fn total_steps(&self) -> usize {
        self.steps_per_epoch() * self.recipe.epochs
    }

    /// True when no step is left.
    pub fn done(&self) -> bool {
        self.state.step >= self.total_steps()
    }

    /// Examples seen so far.
    pub fn examples_seen(&self) -> usize {
        let (epochs, steps) = self.place();
        epochs * self.picked.len() + (steps * self.recipe.batch_size).min(self.picked.len())
    }

    /// Full epochs done, and steps within the present one.
    fn place(&self) -> (usize, usize) {
        let per_epoch = self.steps_per_epoch();
        (self.state.step / per_epoch, self.state.step % per_epoch)
    }

    /// Takes one batch: forward, loss, gradient, update.
    pub fn step(&mut self) -> Result<Step, TrainError> {
        let (epoch, place) = self.place();
        self.shuffle(epoch);
        let from = place * self.recipe.batch_size;
        let to = (from + self.recipe.batch_size).min(self.order.len());
        let batch = self.order[from..to].to_vec();
        let loss = self.accumulate(&batch);
        if !loss.is_finite() {
            return Err(TrainError::NotFinite {
                step: self.state.step + 1,
                loss,
                learning_rate: self.recipe.learning_rate,
            });
        }
        let total = self.total_steps();
        let learning_rate = self.recipe.learning_rate_at(self.state.step, total);
        self.state.step += 1;
        self.update(learning_rate);
        Ok(Step {
            step: self.state.step,
            epoch: epoch + 1,
            loss,
            learning_rate,
            ends_epoch: place + 1 == self.steps_per_epoch(),
        })
    }

    fn shuffle(&mut self, epoch: usize) {
        if self.order_of == Some(epoch) {
            return;
        }
        let mut generator = ChaCha8Rng::seed_from_u64(self.recipe.seed);
        generator.set_stream(epoch as u64 + 1);
        self.order.clone_from(&self.picked);
        self.order.shuffle(&mut generator);
        self.order_of = Some(epoch);
    }

    /// Mean loss of a batch; its gradient is left in `self.gradient`.
    pub(super) fn accumulate(&mut self, batch: &[usize]) -> f32 {
        let examples = self.examples;
        let mut loss = 0.0;
        for i in batch {
            let example = &examples[*i];
            let share = self.class_weights[example.label] / batch.len() as f32;
            let mut error = self.forward(example);
            let smoothing = self.recipe.label_smoothing;
            loss += share * cross_entropy(&mut error, example.label, smoothing);
            error.iter_mut().for_each(|e| *e *= share);
            self.backward(example, &error);
        }
        loss
    }

    /// Logits `[C]`; leaves the standardised dense part in `self.dense`.
    fn forward(&mut self, example: &Example) -> Vec<f32> {
        let (space, weights) = (&self.space, &self.state.weights);
        let mut logits = weights.bias.clone();
        space.dense(&example.features, &mut self.dense);
        for (z, row) in logits.iter_mut().zip(weights.dense.chunks(space.dim)) {
            *z += dot(row, &self.dense);
        }
        for (row, x) in space.sparse(&example.features) {
            let at = row * space.classes..(row + 1) * space.classes;
            let scaled = weights.sparse[at.clone()].iter().zip(&space.scale[at]);
            for (z, (w, s)) in logits.iter_mut().zip(scaled) {
                *z += w * s * x;
            }
        }
        logits
    }

    /// Adds the gradient of the example that `forward` has just seen.
    fn backward(&mut self, example: &Example, error: &[f32]) {
        let (space, gradient) = (&self.space, &mut self.gradient);
        let rows = gradient.dense.chunks_mut(space.dim);
        for ((row, bias), e) in rows.zip(&mut gradient.bias).zip(error) {
            *bias += e;
            for (g, x) in row.iter_mut().zip(&self.dense) {
                *g += e * x;
            }
        }
        for (row, x) in space.sparse(&example.features) {
            let at = row * space.classes..(row + 1) * space.classes;
            let scaled = gradient.sparse[at.clone()].iter_mut().zip(&space.scale[at]);
            for ((g, s), e) in scaled.zip(error) {
                *g += e * s * x;
            }
            self.touched.push(row as u32);
        }
    }

    /// Changes the weights. A sparse row pays the penalty of all steps since it was last seen.
    fn update(&mut self, rate: f32) {
        let l2 = self.recipe.l2 / self.picked.len() as f32;
        let (now, classes) = (self.state.step as u32, self.space.classes);
        let TrainerState {
            weights: w,
            squares: s,
            paid,
            ..
        } = &mut self.state;
        let g = &mut self.gradient;
        adagrad(&mut w.bias, &mut s.bias, &mut g.bias, 0.0, rate);
        adagrad(&mut w.dense, &mut s.dense, &mut g.dense, l2, rate);
        for row in self.touched.drain(..) {
            let row = row as usize;
            let owed = l2 * (now - paid[row]) as f32;
            if paid[row] == now {
                continue;
            }
            paid[row] = now;
            let at = row * classes..(row + 1) * classes;
            let (w, s) = (&mut w.sparse[at.clone()], &mut s.sparse[at.clone()]);
            adagrad(w, s, &mut g.sparse[at], owed, rate);
        }
    }

    /// Loss (neither smoothed nor weighted) and accuracy of the present weights on some rows.
    pub fn score(&mut self, rows: &[usize]) -> Score {
        let (mut loss, mut hits) = (0.0_f64, 0_usize);
        let examples = self.examples;
        for i in rows {
            let example = &examples[*i];
            let mut logits = self.forward(example);
            hits += usize::from(argmax(&logits) == example.label);
            loss += f64::from(cross_entropy(&mut logits, example.label, 0.0));
        }
        let n = rows.len().max(1) as f64;
        Score {
            loss: (loss / n) as f32,
            accuracy: (hits as f64 / n) as f32,
        }
    }

    /// The buckets that have weights, and the present weights over raw features.
    pub fn finish(&self) -> (Vec<u32>, Weights) {
        let buckets = self.space.buckets.clone();
        (buckets, self.space.fold(&self.state.weights))
    }
}
