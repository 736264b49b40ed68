//! Two models on the same rows: what tuning changed, and whether chance explains it.

use serde::{Deserialize, Serialize};

use super::Interval;
use super::interval::newcombe_paired;
use crate::TrainError;

/// Base against tuned on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Rows that both answered.
    pub rows: usize,
    /// Accuracy of the base.
    pub base: f64,
    /// Accuracy of the tuned model.
    pub tuned: f64,
    /// Tuned minus base.
    pub delta: f64,
    /// 95 % interval of the delta, by Newcombe's method 10 for paired proportions (1998).
    pub interval: Interval,
    /// Rows that only the tuned model got right.
    pub wins: usize,
    /// Rows that only the base got right.
    pub losses: usize,
    /// Rows that both got right.
    pub both_right: usize,
    /// Rows that both got wrong.
    pub both_wrong: usize,
    /// Two-sided exact p of McNemar's test (1947): how likely wins and losses as uneven as these
    /// are if neither model is better.
    pub p_value: f64,
}

/// Compares two lists of answers to the same rows.
pub fn compare(gold: &[usize], base: &[usize], tuned: &[usize]) -> Result<Comparison, TrainError> {
    if gold.len() != base.len() || gold.len() != tuned.len() {
        let (b, t) = (base.len(), tuned.len());
        let reason = format!(
            "{b} of the base and {t} of the tuned for {} rows",
            gold.len()
        );
        return Err(TrainError::invalid("predictions", reason));
    }
    let (mut both_right, mut wins, mut losses, mut both_wrong) = (0, 0, 0, 0);
    for ((g, b), t) in gold.iter().zip(base).zip(tuned) {
        match (b == g, t == g) {
            (true, true) => both_right += 1,
            (false, true) => wins += 1,
            (true, false) => losses += 1,
            (false, false) => both_wrong += 1,
        }
    }
    let n = gold.len().max(1) as f64;
    let (base, tuned) = (
        (both_right + losses) as f64 / n,
        (both_right + wins) as f64 / n,
    );
    Ok(Comparison {
        rows: gold.len(),
        base,
        tuned,
        delta: (wins as f64 - losses as f64) / n,
        interval: newcombe_paired(both_right, wins, losses, both_wrong),
        wins,
        losses,
        both_right,
        both_wrong,
        p_value: mcnemar(wins, losses),
    })
}

/// Twice the binomial tail of the smaller count at one half, at most 1.
fn mcnemar(wins: usize, losses: usize) -> f64 {
    let n = wins + losses;
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log_term.exp();
    for k in 1..=wins.min(losses) {
        log_term += ((n - k + 1) as f64 / k as f64).ln();
        tail += log_term.exp();
    }
    (2.0 * tail).min(1.0)
}
