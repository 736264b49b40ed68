//! The figures of a training run: the loss chart and the CSV.

use crate::csv::{self, Cell};
use crate::ui::chart::{Line, LineChart, Look, smoothed};
use crate::ui::lang::Lang;

/// Weight of the past in the smoothed line.
const SMOOTHING: f64 = 0.8;

/// One `metric` event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Metric {
    /// When, µs.
    pub at: i64,
    /// Step.
    pub step: u64,
    /// Epoch, with its fraction.
    pub epoch: f64,
    /// Mean loss since the last metric, where training was measured.
    pub loss: Option<f64>,
    /// Learning rate, where training was measured.
    pub learning_rate: Option<f64>,
    /// Examples per second, where training was measured.
    pub examples_per_s: Option<f64>,
    /// Tokens per second, for a model that reads tokens.
    pub tokens_per_s: Option<f64>,
    /// Loss on validation rows, where it was measured.
    pub val_loss: Option<f64>,
    /// Accuracy on validation rows, where it was measured.
    pub val_accuracy: Option<f64>,
}

/// The loss chart: raw and smoothed training loss, validation loss.
pub fn chart(
    l: Lang,
    run: &str,
    metrics: &[Metric],
    total_steps: Option<u64>,
    log: bool,
) -> LineChart {
    let lines = lines(l, metrics);
    LineChart {
        l,
        title: l.t("runs.loss").to_owned(),
        x_label: l.t("runs.loss.x").to_owned(),
        y_label: l.t("runs.loss.y").to_owned(),
        lines,
        log,
        x_end: total_steps.map(|n| n as f64),
        switch_href: match log {
            true => format!("/runs/{run}"),
            false => format!("/runs/{run}?scale=log"),
        },
        csv_href: format!("/runs/{run}/metrics.csv"),
    }
}

fn lines(l: Lang, metrics: &[Metric]) -> Vec<Line> {
    let measured = |value: fn(&Metric) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = metrics.iter();
        points
            .filter_map(|m| Some((m.step as f64, value(m)?)))
            .collect()
    };
    let raw = measured(|m| m.loss);
    let smooth = smoothed(raw.iter().map(|point| point.1), SMOOTHING);
    let smooth = raw
        .iter()
        .zip(smooth)
        .map(|(point, value)| (point.0, value))
        .collect();
    let line = |name: &str, look, colour, points| Line {
        name: name.to_owned(),
        look,
        colour,
        points,
    };
    vec![
        line(l.t("runs.loss.raw"), Look::Raw, 1, raw),
        line(l.t("runs.loss.smooth"), Look::Smooth, 1, smooth),
        line(
            l.t("runs.loss.validation"),
            Look::Marked,
            2,
            measured(|m| m.val_loss),
        ),
    ]
}

/// The columns of the CSV.
const COLUMNS: [&str; 8] = [
    "step",
    "epoch",
    "loss",
    "learning_rate",
    "examples_per_s",
    "tokens_per_s",
    "val_loss",
    "val_accuracy",
];

/// Every metric as CSV.
pub fn csv(metrics: &[Metric]) -> String {
    let mut out = String::new();
    csv::row(&mut out, COLUMNS.map(Cell::Text));
    for m in metrics {
        let cells = [
            Cell::Count(m.step),
            Cell::Number(m.epoch),
            m.loss.into(),
            m.learning_rate.into(),
            m.examples_per_s.into(),
            m.tokens_per_s.into(),
            m.val_loss.into(),
            m.val_accuracy.into(),
        ];
        csv::row(&mut out, cells);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_csv_has_every_point_and_leaves_what_was_not_measured_empty() {
        let first = Metric {
            step: 1,
            epoch: 0.5,
            loss: Some(0.7),
            learning_rate: Some(0.01),
            examples_per_s: Some(900.0),
            ..Metric::default()
        };
        let second = Metric {
            step: 2,
            val_loss: Some(0.6),
            val_accuracy: Some(0.8),
            ..first
        };
        let text = csv(&[first, second]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "1,0.5,0.7,0.01,900,,,");
        assert_eq!(lines[2], "2,0.5,0.7,0.01,900,,0.6,0.8");
    }

    #[test]
    fn a_chart_without_points_says_that_it_waits() {
        let html = chart(Lang::En, "run_a", &[], None, false).draw().0;
        assert!(html.contains(Lang::En.t("chart.waiting")));
        assert!(!html.contains("NaN"));
    }

    #[test]
    fn values_that_no_axis_takes_draw_nothing_wrong() {
        let bad = Metric {
            step: 1,
            loss: Some(f64::NAN),
            ..Metric::default()
        };
        let zero = Metric {
            step: 2,
            loss: Some(0.0),
            ..Metric::default()
        };
        for log in [false, true] {
            let html = chart(Lang::En, "run_a", &[bad, zero], None, log).draw().0;
            assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
        }
    }
}
