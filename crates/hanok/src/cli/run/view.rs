//! A run as it goes: one bar with loss, rate and remaining time, notable log lines above it.

use std::time::Duration;

use jiff::Timestamp;

use crate::cli::follow::{View, number, text};
use crate::client::{Event, Progress, parse};
use crate::terminal::{Bar, Terminal, duration, rate};

/// What a run has said of itself so far.
#[derive(Debug, Default)]
pub struct Said {
    loss: Option<f64>,
    accuracy: Option<f64>,
    epoch: Option<u64>,
    rows_per_second: Option<f64>,
    progress: Progress,
    /// The first progress: when, and how far it was.
    begun: Option<(Timestamp, u64)>,
    /// What is left at the pace since then.
    left: Option<Duration>,
}

impl Said {
    /// Takes what an event says.
    pub fn hear(&mut self, event: &Event) {
        match event.kind.as_str() {
            "progress" => {
                if let Ok(progress) = parse(&event.data) {
                    self.progress = progress;
                    self.left = self.left_at(text(event, "at").unwrap_or_default());
                }
            }
            "metric" => {
                self.loss = number(event, "loss").or(self.loss);
                self.accuracy = number(event, "val_accuracy").or(self.accuracy);
                self.rows_per_second = number(event, "examples_per_s").or(self.rows_per_second);
                self.epoch = number(event, "epoch").map(|n| n as u64).or(self.epoch);
            }
            _ => {}
        }
    }

    /// Time left, by the times of the events: a watcher who comes late is told all at once.
    fn left_at(&mut self, at: &str) -> Option<Duration> {
        let now: Timestamp = at.parse().ok()?;
        let Progress { done, total, .. } = self.progress;
        let (since, before) = match self.begun {
            Some((since, before)) if before < done => (since, before),
            _ => {
                self.begun = Some((now, done));
                return None;
            }
        };
        let took = now.duration_since(since).as_secs_f64();
        let left = took / (done - before) as f64 * total.saturating_sub(done) as f64;
        Duration::try_from_secs_f64(left).ok()
    }

    /// The words beside the bar.
    pub fn beside(&self) -> String {
        let mut words = Vec::new();
        if let Some(epoch) = self.epoch {
            words.push(format!("epoch {epoch}"));
        }
        if let Some(loss) = self.loss {
            words.push(format!("loss {loss:.4}"));
        }
        if let Some(accuracy) = self.accuracy {
            words.push(format!("accuracy {accuracy:.3}"));
        }
        if let Some(speed) = self.rows_per_second {
            words.push(rate(speed, "rows"));
        }
        let going = self.progress.done > 0 && self.progress.done < self.progress.total;
        if let Some(left) = self.left.filter(|_| going) {
            words.push(format!("{} left", duration(left)));
        }
        words.join("  ")
    }
}

/// Shows a run on a bar; under `--json` with `stream`, also as JSON lines.
pub struct RunView {
    bar: Bar,
    said: Said,
    terminal: Terminal,
    stream: bool,
}

impl RunView {
    /// A view without anything said yet.
    pub fn new(terminal: &Terminal, title: &str, stream: bool) -> Self {
        Self {
            bar: terminal.bar(title),
            said: Said::default(),
            terminal: *terminal,
            stream,
        }
    }
}

impl View for RunView {
    fn event(&mut self, event: &Event) {
        if self.stream {
            self.terminal.emit(&as_line(event));
        }
        self.said.hear(event);
        let beside = self.said.beside();
        let progress = &self.said.progress;
        match event.kind.as_str() {
            "log" if text(event, "level").is_some_and(|l| l == "warn" || l == "error") => {
                self.bar.above(text(event, "message").unwrap_or_default());
            }
            _ if progress.total > 0 => self.bar.at(progress.done, progress.total, &beside),
            // What comes before the first step, such as trials of settings.
            "log" => self.bar.say(text(event, "message").unwrap_or_default()),
            _ => self.bar.say(&beside),
        }
    }

    fn bar(&mut self) -> &mut Bar {
        &mut self.bar
    }
}

/// An event as one JSON line: its content with its kind.
pub fn as_line(event: &Event) -> serde_json::Value {
    let mut line = event.data.clone();
    line["kind"] = event.kind.clone().into();
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, data: serde_json::Value) -> Event {
        Event {
            kind: kind.to_owned(),
            data,
        }
    }

    #[test]
    fn the_line_beside_the_bar_says_loss_rate_and_what_is_left() {
        let mut said = Said::default();
        assert_eq!(said.beside(), "");
        let metric = json!({"loss": 0.52341, "epoch": 2, "examples_per_s": 8123.4});
        said.hear(&event("metric", metric));
        said.hear(&event("log", json!({"message": "loss is fine", "loss": 9})));
        assert_eq!(said.beside(), "epoch 2  loss 0.5234  8,123 rows/s");
        said.hear(&progress("2026-11-21T00:00:10Z", 100));
        said.hear(&progress("2026-11-21T00:00:14Z", 500));
        assert_eq!(
            said.beside(),
            "epoch 2  loss 0.5234  8,123 rows/s  5.0 s left"
        );
        said.hear(&event(
            "metric",
            json!({"val_accuracy": 0.9, "train_loss": 0.4, "val_loss": null}),
        ));
        said.hear(&progress("2026-11-21T00:00:20Z", 1000));
        assert_eq!(
            said.beside(),
            "epoch 2  loss 0.5234  accuracy 0.900  8,123 rows/s"
        );
    }

    #[test]
    fn a_run_that_begins_again_is_timed_from_there() {
        let mut said = Said::default();
        said.hear(&progress("2026-11-21T00:00:00Z", 900));
        said.hear(&progress("2026-11-21T01:00:00Z", 100));
        assert_eq!(said.beside(), "");
        said.hear(&progress("2026-11-21T01:00:01Z", 200));
        assert_eq!(said.beside(), "8.0 s left");
    }

    fn progress(at: &str, done: u64) -> Event {
        let data = json!({"done": done, "total": 1000, "unit": "steps", "at": at});
        event("progress", data)
    }
}
