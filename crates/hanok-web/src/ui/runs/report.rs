//! The report of an evaluation, read from the JSON that the worker left.

use serde::Deserialize;
use serde_json::Value;

use super::result::{ClassRow, Differing, Evaluation};
use crate::ui::chart::Interval;

#[derive(Debug, Deserialize)]
struct Report {
    base: Figures,
    tuned: Figures,
    comparison: Comparison,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    floor: Option<Floor>,
    #[serde(default)]
    wins: Vec<Sample>,
    #[serde(default)]
    losses: Vec<Sample>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Figures {
    rows: u64,
    accuracy: f64,
    macro_f1: f64,
    classes: Vec<Class>,
    confusion: Vec<Vec<u64>>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Class {
    label: String,
    precision: f64,
    recall: f64,
    f1: f64,
    support: u64,
}

#[derive(Debug, Deserialize)]
struct Comparison {
    delta: f64,
    interval: Bounds,
    #[serde(default)]
    wins: u64,
    #[serde(default)]
    losses: u64,
}

#[derive(Debug, Deserialize)]
struct Bounds {
    low: f64,
    high: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Floor {
    naive_bayes: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sample {
    text: String,
    gold: String,
    base: String,
    tuned: String,
}

/// What the page shows of it; nothing if it is no report.
pub fn read(report: &Value) -> Option<Evaluation> {
    let report = Report::deserialize(report).ok()?;
    let base_f1 = |label: &str| {
        let class = report
            .base
            .classes
            .iter()
            .find(|class| class.label == label);
        class.map_or(0.0, |class| class.f1)
    };
    let classes = report.tuned.classes.iter().map(|class| ClassRow {
        label: class.label.clone(),
        support: class.support,
        precision: class.precision,
        recall: class.recall,
        f1: class.f1,
        base_f1: base_f1(&class.label),
    });
    let bounds = &report.comparison.interval;
    Some(Evaluation {
        base: report.base.accuracy,
        tuned: report.tuned.accuracy,
        delta: Interval {
            delta: report.comparison.delta,
            low: bounds.low,
            high: bounds.high,
        },
        floor: report
            .floor
            .map(|floor| floor.naive_bayes)
            .filter(|accuracy| *accuracy > 0.0),
        base_f1: report.base.macro_f1,
        tuned_f1: report.tuned.macro_f1,
        rows: report.tuned.rows,
        classes: classes.collect(),
        labels: report.labels,
        confusion: report.tuned.confusion,
        wins_total: report.comparison.wins,
        wins: report.wins.into_iter().map(differing).collect(),
        losses_total: report.comparison.losses,
        losses: report.losses.into_iter().map(differing).collect(),
    })
}

fn differing(sample: Sample) -> Differing {
    Differing {
        text: sample.text,
        truth: sample.gold,
        base: sample.base,
        tuned: sample.tuned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_is_read_and_anything_else_is_none() {
        let report = json!({
            "labels": ["a", "b"],
            "base": { "rows": 4, "accuracy": 0.5, "classes": [{ "label": "a", "f1": 0.4 }] },
            "tuned": { "rows": 4, "accuracy": 1.0, "classes": [{ "label": "a", "f1": 1.0 }], "confusion": [[2, 0], [0, 2]] },
            "comparison": { "delta": 0.5, "interval": { "low": 0.1, "high": 0.9 }, "wins": 2, "losses": 0 },
            "floor": { "naive_bayes": 0.75, "majority": 0.5 },
            "wins": [{ "text": "t", "gold": "a", "base": "b", "tuned": "a" }],
        });
        let read = read(&report).unwrap();
        assert_eq!((read.floor, read.wins_total), (Some(0.75), 2));
        assert_eq!(
            (read.classes[0].base_f1, read.wins[0].truth.as_str()),
            (0.4, "a")
        );
        assert!(super::read(&json!({ "base": {} })).is_none());
        assert!(super::read(&json!(null)).is_none());
    }
}
