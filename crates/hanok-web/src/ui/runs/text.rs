//! The evaluation of a model that writes text: losses of base and tuned, their difference with its
//! interval, answers of both side by side. Read from the JSON that the worker left.

use serde::Deserialize;
use serde_json::Value;

use crate::ui::chart::Interval;
use crate::ui::lang::Lang;

/// One model over all held-out conversations.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct TextFigures {
    /// Mean loss of a token of an answer, nats.
    pub loss: f64,
    /// Its exponential.
    pub perplexity: f64,
    /// Share of those tokens that were the likeliest.
    pub accuracy: f64,
    /// How many there are.
    pub tokens: u64,
}

/// One conversation with both answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sample {
    /// What came before the answer.
    pub messages: Vec<Turn>,
    /// The answer in the data.
    pub expected: String,
    /// The base model's.
    pub base: String,
    /// The tuned model's.
    pub tuned: String,
}

/// One turn.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// `system`, `user`, `assistant`.
    pub role: String,
    /// Its text.
    pub content: String,
}

/// An evaluation of base against tuned.
#[derive(Debug, Clone)]
pub struct TextEvaluation {
    /// The base model.
    pub base: TextFigures,
    /// The tuned model.
    pub tuned: TextFigures,
    /// Tuned minus base, in nats a token; below zero when tuning helped.
    pub delta: Interval,
    /// Held-out conversations.
    pub rows: u64,
    /// Those that the model cannot read.
    pub skipped: u64,
    /// Conversations on which the tuned model has the lower loss.
    pub wins: u64,
    /// Those on which the base has.
    pub losses: u64,
    /// Some of them.
    pub samples: Vec<Sample>,
}

#[derive(Debug, Deserialize)]
struct Report {
    base: TextFigures,
    tuned: TextFigures,
    loss: Difference,
    #[serde(default)]
    rows: u64,
    #[serde(default)]
    skipped: u64,
    #[serde(default)]
    samples: Vec<Sample>,
}

#[derive(Debug, Deserialize)]
struct Difference {
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

/// Reads a report; nothing if it is not of this form.
pub fn read(report: &Value) -> Option<TextEvaluation> {
    if report["kind"] != "text" {
        return None;
    }
    let report = Report::deserialize(report).ok()?;
    Some(TextEvaluation {
        base: report.base,
        tuned: report.tuned,
        delta: Interval {
            delta: report.loss.delta,
            low: report.loss.interval.low,
            high: report.loss.interval.high,
        },
        rows: report.rows,
        skipped: report.skipped,
        wins: report.loss.wins,
        losses: report.loss.losses,
        samples: report.samples,
    })
}

impl TextEvaluation {
    /// The same difference with its sign turned: more is better, as in pictures of other figures.
    fn gain(&self) -> Interval {
        Interval {
            delta: -self.delta.delta,
            low: -self.delta.high,
            high: -self.delta.low,
        }
    }

    /// Better, worse, or no difference that the rows can tell.
    pub fn tone(&self) -> &'static str {
        self.gain().tone()
    }

    /// The sentence of the verdict.
    pub fn verdict(&self, l: Lang) -> &'static str {
        self.gain().verdict(l)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lower_loss_is_better_and_other_reports_are_none() {
        let report = json!({
            "kind": "text", "rows": 40, "skipped": 1,
            "base": { "loss": 2.2, "perplexity": 9.0, "accuracy": 0.4, "tokens": 900 },
            "tuned": { "loss": 1.6, "perplexity": 4.9, "accuracy": 0.6, "tokens": 900 },
            "loss": { "delta": -0.6, "interval": { "low": -0.7, "high": -0.5 }, "wins": 38, "losses": 2 },
            "samples": [{ "messages": [{ "role": "user", "content": "q" }], "expected": "a",
                          "base": "b", "tuned": "c" }],
        });
        let found = read(&report).unwrap();
        assert_eq!((found.tone(), found.samples[0].messages.len()), ("ok", 1));
        let mut worse = report.clone();
        worse["loss"]["interval"] = json!({ "low": 0.1, "high": 0.3 });
        assert_eq!(read(&worse).unwrap().tone(), "failed");
        let mut same = report.clone();
        same["loss"]["interval"] = json!({ "low": -0.1, "high": 0.3 });
        assert_eq!(read(&same).unwrap().tone(), "quiet");
        assert!(read(&json!({ "base": { "loss": 1 }, "kind": "classes" })).is_none());
    }
}
