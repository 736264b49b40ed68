//! An evaluation's report on a model that writes text: losses of base and tuned, their difference with its
//! interval, and some answers of both.

use serde::Deserialize;
use serde_json::Value;

use crate::terminal::{Table, Terminal, count, cut, percent};

/// A report on a model that writes text.
#[derive(Debug, Clone, Deserialize)]
pub struct TextReport {
    base: Figures,
    tuned: Figures,
    loss: Difference,
    #[serde(default)]
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, Deserialize)]
struct Figures {
    loss: f64,
    perplexity: f64,
    accuracy: f64,
    #[serde(default)]
    rows: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct Difference {
    delta: f64,
    interval: super::Interval,
    #[serde(default)]
    wins: u64,
    #[serde(default)]
    losses: u64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Sample {
    messages: Vec<Value>,
    expected: String,
    base: String,
    tuned: String,
}

impl TextReport {
    /// Reads a report; nothing if it is not of this form.
    pub fn read(value: &Value) -> Option<Self> {
        (value["kind"] == "text")
            .then(|| Self::deserialize(value).ok())
            .flatten()
    }

    /// Prints it.
    pub fn print(&self, terminal: &Terminal) {
        let rows = count(self.tuned.rows);
        terminal.tell(format!("  on {rows} held-out conversations"));
        let mut table = Table::new(&["", ">loss per token", ">perplexity", ">tokens right"]);
        for (name, figures) in [("base", &self.base), ("tuned", &self.tuned)] {
            table.row(vec![
                name.into(),
                format!("{:.3}", figures.loss),
                format!("{:.2}", figures.perplexity),
                percent(figures.accuracy),
            ]);
        }
        for line in table.lines() {
            terminal.tell(format!("  {line}"));
        }
        let paint = terminal.paint;
        let text = self.delta_text();
        let better = self.loss.interval.high < 0.0;
        let text = if better {
            paint.good(&text)
        } else {
            paint.warn(&text)
        };
        terminal.tell(format!("  delta of loss (tuned - base)  {text}"));
        let (wins, losses) = (count(self.loss.wins), count(self.loss.losses));
        terminal.tell(format!("  {wins} conversations better, {losses} worse"));
        for sample in self.samples.iter().take(2) {
            sample.print(terminal);
        }
    }

    fn delta_text(&self) -> String {
        let super::Interval { low, high } = self.loss.interval;
        format!(
            "{:+.3} (95 % interval {low:+.3} to {high:+.3})",
            self.loss.delta
        )
    }
}

impl Sample {
    fn print(&self, terminal: &Terminal) {
        let asked = self
            .messages
            .last()
            .and_then(|turn| turn["content"].as_str());
        let asked = cut(asked.unwrap_or_default(), 80);
        terminal.tell(format!("\n  {}", terminal.paint.bold(&asked)));
        for (name, text) in [
            ("base", &self.base),
            ("tuned", &self.tuned),
            ("data", &self.expected),
        ] {
            terminal.tell(format!("    {name:<6}{}", cut(text.trim(), 80)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_report_on_texts_is_read() {
        let figures = json!({ "loss": 2.0, "perplexity": 7.4, "accuracy": 0.5, "tokens": 9 });
        let report = json!({
            "kind": "text", "base": figures, "tuned": figures,
            "loss": { "delta": -0.5, "interval": { "low": -0.75, "high": -0.25 } },
        });
        let read = TextReport::read(&report).map(|r| r.delta_text());
        assert_eq!(
            read.as_deref(),
            Some("-0.500 (95 % interval -0.750 to -0.250)")
        );
        assert!(TextReport::read(&json!({ "base": figures, "tuned": figures })).is_none());
    }
}
