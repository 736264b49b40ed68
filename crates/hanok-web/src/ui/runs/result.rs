//! What an evaluation says: base, tuned, difference, floor, classes, samples won and lost.
//! The dashboard and a run's page show it alike.

use super::super::chart::Interval;

/// Figures of one class on held-out rows.
#[derive(Debug, Clone)]
pub struct ClassRow {
    /// The class.
    pub label: String,
    /// Held-out rows of it.
    pub support: u64,
    /// Of those said to be it, the share that is.
    pub precision: f64,
    /// Of those that are it, the share found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// The same of the base model.
    pub base_f1: f64,
}

/// A held-out row on which base and tuned differ.
#[derive(Debug, Clone)]
pub struct Differing {
    /// The text.
    pub text: String,
    /// The right label.
    pub truth: String,
    /// What the base model says.
    pub base: String,
    /// What the tuned model says.
    pub tuned: String,
}

/// An evaluation of base against tuned.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Accuracy of the base model.
    pub base: f64,
    /// Accuracy of the tuned model.
    pub tuned: f64,
    /// The difference with its 95 % interval.
    pub delta: Interval,
    /// Accuracy of naive Bayes on the same split, where there were rows to fit it on.
    pub floor: Option<f64>,
    /// Mean of the classes' F1, base.
    pub base_f1: f64,
    /// Mean of the classes' F1, tuned.
    pub tuned_f1: f64,
    /// Held-out rows.
    pub rows: u64,
    /// Classes, in the order of the confusion matrix.
    pub labels: Vec<String>,
    /// Rows by right label (down) and said label (across).
    pub confusion: Vec<Vec<u64>>,
    /// Figures by class.
    pub classes: Vec<ClassRow>,
    /// Rows that tuned gets right and base wrong.
    pub wins_total: u64,
    /// Some of them.
    pub wins: Vec<Differing>,
    /// Rows that base gets right and tuned wrong.
    pub losses_total: u64,
    /// Some of them.
    pub losses: Vec<Differing>,
}

/// A cell of the confusion matrix.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Rows in it.
    pub rows: u64,
    /// Class of its shade, by share of its row: `s0` to `s5`, `hit` on the diagonal.
    pub class: String,
}

impl Evaluation {
    /// The matrix with shades, a row for each right label.
    pub fn matrix(&self) -> Vec<(&str, Vec<Cell>)> {
        let rows = self.labels.iter().zip(&self.confusion).enumerate();
        rows.map(|(i, (label, counts))| (label.as_str(), shaded(i, counts)))
            .collect()
    }

    /// Whether naive Bayes does better on the same rows.
    pub fn is_below_floor(&self) -> bool {
        self.floor.is_some_and(|floor| floor > self.tuned)
    }

    /// Whether the matrix is small enough to be read.
    pub fn shows_matrix(&self) -> bool {
        self.labels.len() <= 24 && self.confusion.len() == self.labels.len()
    }
}

fn shaded(row: usize, counts: &[u64]) -> Vec<Cell> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let cell = |(column, rows): (usize, &u64)| {
        let shade = (*rows as f64 / all * 5.0).ceil();
        let hit = if column == row { " hit" } else { "" };
        Cell {
            rows: *rows,
            class: format!("s{shade}{hit}"),
        }
    };
    counts.iter().enumerate().map(cell).collect()
}
