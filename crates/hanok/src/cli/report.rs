//! An evaluation's report as a person reads it: base, tuned and delta with its interval, the floor,
//! each class. It reads figures; it computes none but the delta where the report has none.

mod text;

use serde::Deserialize;
use serde_json::Value;

pub use text::TextReport;

use crate::terminal::{Table, Terminal, count, cut, percent, points};

/// Figures of one model on the held-out rows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Rows answered.
    pub rows: u64,
    /// Share of rows answered rightly.
    pub accuracy: f64,
    /// Mean F1 of the classes.
    pub macro_f1: Option<f64>,
    /// Each class.
    pub classes: Vec<Class>,
}

/// How well one class is found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Class {
    /// Its name.
    pub label: String,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Held-out rows of it.
    pub support: u64,
}

/// Base against tuned on the same rows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Comparison {
    /// Tuned minus base.
    pub delta: f64,
    /// 95 % interval of it.
    pub interval: Option<Interval>,
    /// Rows that only the tuned model got right.
    pub wins: u64,
    /// Rows that only the base got right.
    pub losses: u64,
}

/// A confidence interval.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// Accuracies of simple judges on the same rows.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Floor {
    /// Naive Bayes, trained on the same training rows.
    pub naive_bayes: f64,
    /// The most frequent label.
    pub majority: f64,
}

/// A report.
#[derive(Debug, Clone, Deserialize)]
pub struct Report {
    /// The base model.
    pub base: Figures,
    /// The tuned model.
    pub tuned: Figures,
    /// What must be beaten; none where nothing was left to train it on.
    #[serde(default)]
    pub floor: Option<Floor>,
    /// Their difference.
    pub comparison: Comparison,
}

impl Report {
    /// Reads a report; nothing if it is not of this form.
    pub fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// Tuned minus base, with its interval, in points.
    pub fn delta_text(&self) -> String {
        let delta = points(self.comparison.delta);
        match self.comparison.interval {
            Some(Interval { low, high }) => {
                format!(
                    "{delta} points (95 % interval {} to {})",
                    points(low),
                    points(high)
                )
            }
            None => format!("{delta} points"),
        }
    }

    /// Whether chance does not explain the difference.
    fn better(&self) -> bool {
        self.comparison
            .interval
            .map_or(self.comparison.delta, |i| i.low)
            > 0.0
    }

    fn beats_the_floor(&self) -> bool {
        self.floor
            .is_none_or(|floor| self.tuned.accuracy > floor.naive_bayes)
    }
}

/// Prints a report.
pub fn print_report(terminal: &Terminal, report: &Report, classes: bool) {
    let mut table = Table::new(&["", ">accuracy", ">macro F1"]);
    for (name, figures) in [("base", &report.base), ("tuned", &report.tuned)] {
        let f1 = figures
            .macro_f1
            .map_or_else(String::new, |f1| format!("{f1:.3}"));
        table.row(vec![name.into(), percent(figures.accuracy), f1]);
    }
    if let Some(floor) = report.floor {
        table.row(vec![
            "floor (naive Bayes)".into(),
            percent(floor.naive_bayes),
        ]);
        table.row(vec!["most frequent label".into(), percent(floor.majority)]);
    }
    terminal.tell(format!("  on {} held-out rows", count(report.tuned.rows)));
    for line in table.lines() {
        terminal.tell(format!("  {line}"));
    }
    let paint = terminal.paint;
    let delta = report.delta_text();
    let delta = if report.better() {
        paint.good(&delta)
    } else {
        paint.warn(&delta)
    };
    terminal.tell(format!("  delta (tuned - base)  {delta}"));
    let Comparison { wins, losses, .. } = report.comparison;
    terminal.tell(format!(
        "  {} rows won, {} lost",
        count(wins),
        count(losses)
    ));
    if !report.beats_the_floor() {
        let warning = "The tuned model is no better than naive Bayes on these rows.";
        terminal.tell(format!("  {}", paint.warn(warning)));
    }
    if classes {
        print_classes(terminal, report);
    }
}

fn print_classes(terminal: &Terminal, report: &Report) {
    let mut table = Table::new(&["class", ">rows", ">base F1", ">tuned F1", ">delta"]);
    for tuned in &report.tuned.classes {
        let base = report.base.classes.iter().find(|c| c.label == tuned.label);
        let base = base.map_or(0.0, |class| class.f1);
        table.row(vec![
            cut(&tuned.label, 40),
            count(tuned.support),
            format!("{base:.3}"),
            format!("{:.3}", tuned.f1),
            format!("{:+.3}", tuned.f1 - base),
        ]);
    }
    table.print(terminal, "  ");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(low: f64, floor: f64) -> Option<Report> {
        Report::read(&json!({
            "base": { "rows": 400, "accuracy": 0.5 },
            "tuned": { "rows": 400, "accuracy": 0.9, "macro_f1": 0.88, "new": 1,
                       "classes": [{ "label": "a", "f1": 0.9, "support": 200, "recall": 1.0 }] },
            "floor": { "naive_bayes": floor, "majority": 0.4 },
            "comparison": { "delta": 0.4, "interval": { "low": low, "high": 0.45 } },
        }))
    }

    #[test]
    fn the_delta_is_told_with_its_interval() {
        let text = report(0.35, 0.8).map(|r| r.delta_text());
        assert_eq!(
            text.as_deref(),
            Some("+40.0 points (95 % interval +35.0 to +45.0)")
        );
    }

    #[test]
    fn better_means_that_the_interval_lies_above_zero() {
        assert_eq!(report(0.01, 0.8).map(|r| r.better()), Some(true));
        assert_eq!(report(-0.01, 0.8).map(|r| r.better()), Some(false));
        assert_eq!(report(0.0, 0.95).map(|r| r.beats_the_floor()), Some(false));
    }

    #[test]
    fn a_report_of_another_form_is_not_read() {
        assert!(Report::read(&json!({ "tuned": 1 })).is_none());
    }
}
