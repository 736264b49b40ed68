//! The space in which a head is trained: which features count, and how each is scaled.
//!
//! All scales are learnt from the training rows and folded into the weights at the end, so that the
//! finished head is linear over raw features. A sparse feature is scaled, per class, by the log of
//! how much oftener it occurs there than elsewhere, as naive Bayes would weigh it (Wang & Manning,
//! *Baselines and Bigrams*, 2012): the L2 penalty then holds down what naive Bayes knows to be noise.

use hanok_models::Features;

use super::{Example, Recipe, Weights};

const NO_ROW: u32 = u32::MAX;
/// Weights of the sparse part at most; rarer features go first. Bounds memory with many labels.
const MOST_WEIGHTS: usize = 1 << 24;

/// How raw features become the loop's, and the loop's weights those of a finished head.
#[derive(Debug, Clone)]
pub(super) struct Space {
    pub classes: usize,
    pub dim: usize,
    /// The buckets that have weights, ascending.
    pub buckets: Vec<u32>,
    /// Row of each bucket, or `NO_ROW`.
    rows: Vec<u32>,
    /// `[N, C]`, by row and class.
    pub scale: Vec<f32>,
    /// Dense: `x' = (x - mean) * gain`.
    mean: Vec<f32>,
    gain: Vec<f32>,
}

impl Space {
    /// Learns from the examples that `picked` names, of which there is at least one.
    pub fn fit(examples: &[Example], picked: &[usize], classes: usize, recipe: &Recipe) -> Self {
        let (mean, gain) = standardise(examples, picked, recipe.dense_weight);
        let (buckets, rows) = choose_buckets(examples, picked, classes, recipe.least_rows);
        let mut space = Self {
            classes,
            dim: mean.len(),
            scale: vec![0.0; buckets.len() * classes],
            buckets,
            rows,
            mean,
            gain,
        };
        space.scale = space.log_ratios(examples, picked);
        space.level(examples, picked);
        space
    }

    /// The row and raw value of each sparse feature that has weights.
    pub fn sparse<'a>(&'a self, features: &'a Features) -> impl Iterator<Item = (usize, f32)> + 'a {
        features.sparse.iter().filter_map(|(bucket, x)| {
            let row = *self.rows.get(*bucket as usize)?;
            (row != NO_ROW).then_some((row as usize, *x))
        })
    }

    /// Writes the standardised dense part into `into`, `[D]`.
    pub fn dense(&self, features: &Features, into: &mut [f32]) {
        let raw = features.dense.iter().zip(&self.mean).zip(&self.gain);
        for (out, ((x, mean), gain)) in into.iter_mut().zip(raw) {
            *out = (x - mean) * gain;
        }
    }

    /// The same scores from raw features.
    pub fn fold(&self, weights: &Weights) -> Weights {
        let mut raw = weights.clone();
        for (c, row) in raw.dense.chunks_mut(self.dim).enumerate() {
            for ((w, mean), gain) in row.iter_mut().zip(&self.mean).zip(&self.gain) {
                *w *= gain;
                raw.bias[c] -= *w * mean;
            }
        }
        for (w, s) in raw.sparse.iter_mut().zip(&self.scale) {
            *w *= s;
        }
        raw
    }

    /// `[N, C]`: log-count ratios over rows in which a feature occurs, Laplace 1.
    fn log_ratios(&self, examples: &[Example], picked: &[usize]) -> Vec<f32> {
        let classes = self.classes;
        let mut counts = vec![1.0_f32; self.scale.len()];
        for i in picked {
            let example = &examples[*i];
            for (row, _) in self.sparse(&example.features) {
                counts[row * classes + example.label] += 1.0;
            }
        }
        let mut totals = vec![0.0_f64; classes];
        for row in counts.chunks(classes) {
            for (total, n) in totals.iter_mut().zip(row) {
                *total += f64::from(*n);
            }
        }
        let all: f64 = totals.iter().sum();
        for row in counts.chunks_mut(classes) {
            let sum: f64 = row.iter().map(|n| f64::from(*n)).sum();
            for (n, total) in row.iter_mut().zip(&totals) {
                let here = f64::from(*n) / total;
                let elsewhere = (sum - f64::from(*n)) / (all - total);
                *n = (here / elsewhere).ln() as f32;
            }
        }
        counts
    }

    /// Gives the scaled sparse rows a mean squared norm of 1, so that one L2 suits all data.
    fn level(&mut self, examples: &[Example], picked: &[usize]) {
        let mut sum = 0.0_f64;
        for i in picked {
            for (row, x) in self.sparse(&examples[*i].features) {
                let scales = &self.scale[row * self.classes..(row + 1) * self.classes];
                let squares = scales.iter().map(|s| f64::from(s * x).powi(2));
                sum += squares.sum::<f64>();
            }
        }
        let mean = sum / (picked.len() * self.classes) as f64;
        if mean > 0.0 {
            let factor = (1.0 / mean.sqrt()) as f32;
            self.scale.iter_mut().for_each(|s| *s *= factor);
        }
    }
}

/// Mean and gain per dense dimension: equal spreads, and rows with a mean squared norm of `weight`².
fn standardise(examples: &[Example], picked: &[usize], weight: f32) -> (Vec<f32>, Vec<f32>) {
    let dim = examples[picked[0]].features.dense.len();
    let n = picked.len() as f64;
    let (mut sum, mut squares) = (vec![0.0_f64; dim], vec![0.0_f64; dim]);
    for i in picked {
        for (d, x) in examples[*i].features.dense.iter().enumerate() {
            sum[d] += f64::from(*x);
            squares[d] += f64::from(*x).powi(2);
        }
    }
    let gain = |d: usize| {
        let spread = (squares[d] / n - (sum[d] / n).powi(2)).max(0.0).sqrt();
        if spread < 1e-6 {
            return 0.0;
        }
        (f64::from(weight) / (spread * (dim as f64).sqrt())) as f32
    };
    let gains = (0..dim).map(gain).collect();
    (sum.iter().map(|s| (s / n) as f32).collect(), gains)
}

/// The buckets of at least `least` rows, and the row of each; `least` grows until all weights fit.
fn choose_buckets(
    examples: &[Example],
    picked: &[usize],
    classes: usize,
    mut least: u32,
) -> (Vec<u32>, Vec<u32>) {
    let last = |i: &usize| {
        examples[*i]
            .features
            .sparse
            .last()
            .map_or(0, |(b, _)| b + 1)
    };
    let mut seen = vec![0_u32; picked.iter().map(last).max().unwrap_or(0) as usize];
    for i in picked {
        for (bucket, _) in &examples[*i].features.sparse {
            seen[*bucket as usize] += 1;
        }
    }
    while seen.iter().filter(|n| **n >= least).count() > MOST_WEIGHTS / classes {
        least += 1;
    }
    let mut buckets = Vec::new();
    let mut rows = vec![NO_ROW; seen.len()];
    for (bucket, n) in seen.iter().enumerate() {
        if *n >= least {
            rows[bucket] = buckets.len() as u32;
            buckets.push(bucket as u32);
        }
    }
    (buckets, rows)
}
