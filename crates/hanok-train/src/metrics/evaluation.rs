//! One model's answers against the labels.

use serde::{Deserialize, Serialize};

use super::{Interval, wilson};
use crate::TrainError;

/// How well one model answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows that were answered.
    pub rows: usize,
    /// Right answers.
    pub correct: usize,
    /// Share of right answers, 0 without rows.
    pub accuracy: f64,
    /// Wilson's 95 % interval of the accuracy.
    pub interval: Interval,
    /// Mean F1 of the labels that occur among the rows or the answers.
    pub macro_f1: f64,
    /// Per label, in the order of the labels.
    pub classes: Vec<ClassScore>,
    /// `confusion[gold][predicted]`: rows.
    pub confusion: Vec<Vec<usize>>,
}

/// How well one label is found. A share of nothing counts as 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// The label.
    pub label: String,
    /// Of the rows answered with it, the share that have it.
    pub precision: f64,
    /// Of the rows that have it, the share answered with it.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Rows that have it.
    pub support: usize,
}

/// Judges answers. Both lists hold indices into `labels`, in the same order of rows.
pub fn evaluate(
    gold: &[usize],
    predicted: &[usize],
    labels: &[String],
) -> Result<Evaluation, TrainError> {
    if gold.len() != predicted.len() {
        let reason = format!("{} for {} rows", predicted.len(), gold.len());
        return Err(TrainError::invalid("predictions", reason));
    }
    let mut confusion = vec![vec![0_usize; labels.len()]; labels.len()];
    for (g, p) in gold.iter().zip(predicted) {
        match confusion.get_mut(*g).and_then(|row| row.get_mut(*p)) {
            Some(cell) => *cell += 1,
            None => {
                let reason = "name a label that does not exist";
                return Err(TrainError::invalid("predictions", reason));
            }
        }
    }
    let classes: Vec<ClassScore> = (0..labels.len())
        .map(|c| class_score(c, &labels[c], &confusion))
        .collect();
    let answered = |c: usize| confusion.iter().any(|row| row[c] > 0);
    let present = |c: &usize| classes[*c].support > 0 || answered(*c);
    let present: Vec<usize> = (0..labels.len()).filter(present).collect();
    let f1_sum: f64 = present.iter().map(|c| classes[*c].f1).sum();
    let correct = (0..labels.len()).map(|c| confusion[c][c]).sum();
    Ok(Evaluation {
        rows: gold.len(),
        correct,
        accuracy: share(correct, gold.len()),
        interval: wilson(correct, gold.len()),
        macro_f1: f1_sum / present.len().max(1) as f64,
        classes,
        confusion,
    })
}

fn class_score(class: usize, label: &str, confusion: &[Vec<usize>]) -> ClassScore {
    let hits = confusion[class][class];
    let support: usize = confusion[class].iter().sum();
    let answers: usize = confusion.iter().map(|row| row[class]).sum();
    ClassScore {
        label: label.to_owned(),
        precision: share(hits, answers),
        recall: share(hits, support),
        f1: share(2 * hits, answers + support),
        support,
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}
