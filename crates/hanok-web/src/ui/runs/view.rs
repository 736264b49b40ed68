//! What the page of one run shows.

use askama::Template;
use hanok_domain::fault::Fault;

use super::metrics::{Metric, chart};
use super::result::Evaluation;
use super::text::TextEvaluation;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Confirm, FaultPanel, Html, Progress, Tone, encode};

/// A line of the log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// Number of its event.
    pub seq: i64,
    /// When, µs.
    pub at: i64,
    /// `info`, `warn`, `error`.
    pub level: String,
    /// What.
    pub message: String,
}

/// A model as it was on the way.
#[derive(Debug, Clone, Default)]
pub struct Checkpoint {
    /// Steps trained.
    pub step: u64,
    /// Epochs trained.
    pub epoch: u64,
    /// Mean loss over the epoch.
    pub train_loss: Option<f64>,
    /// Loss on validation rows.
    pub valid_loss: Option<f64>,
    /// `model_…`.
    pub id: String,
    /// The model's name.
    pub name: String,
}

impl Checkpoint {
    /// The last part of the name; the run that the page is about has the rest.
    pub fn short_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }
}

/// One run.
#[derive(Debug, Clone, Default)]
pub struct RunShow {
    /// `run_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state as it stands in rows.
    pub state: String,
    /// The base model.
    pub base_model: String,
    /// `head`, `lora` or `full`.
    pub method: String,
    /// `ds_…`.
    pub dataset_id: String,
    /// Name of the data set.
    pub dataset_name: String,
    /// When it was started, µs.
    pub created_at: i64,
    /// How long it worked, or has worked, seconds.
    pub seconds: Option<f64>,
    /// When it began to work, while it works, µs.
    pub began_at: Option<i64>,
    /// Settings: name and value.
    pub settings: Vec<(String, String)>,
    /// Figures so far.
    pub metrics: Vec<Metric>,
    /// Steps in all, once known.
    pub total_steps: Option<u64>,
    /// Whether the loss stands on a logarithmic axis.
    pub log_scale: bool,
    /// The last lines of the log.
    pub log: Vec<LogLine>,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// Whether the evaluation is still at work.
    pub evaluating: bool,
    /// Why the evaluation failed.
    pub evaluation_fault: Option<Fault>,
    /// What the evaluation says.
    pub evaluation: Option<Evaluation>,
    /// What it says of a model that writes text.
    pub text_evaluation: Option<TextEvaluation>,
    /// Models on the way, in order.
    pub checkpoints: Vec<Checkpoint>,
    /// Figures at the end: name and value.
    pub figures: Vec<(&'static str, f64)>,
    /// The model: id and name.
    pub model: Option<(String, String)>,
    /// Whether the model is served.
    pub deployed: bool,
    /// Whether the person may change things.
    pub may_edit: bool,
    /// Cursor after which the stream goes on.
    pub after: String,
}

#[derive(Template)]
#[template(path = "runs/show.html")]
struct ShowPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a RunShow,
}

#[derive(Template)]
#[template(path = "runs/head.html")]
struct Head<'a> {
    f: &'a Frame,
    l: Lang,
    v: &'a RunShow,
}

#[derive(Template)]
#[template(path = "runs/work.html")]
struct Work<'a> {
    l: Lang,
    v: &'a RunShow,
}

#[derive(Template)]
#[template(path = "runs/result.html")]
struct Result<'a> {
    l: Lang,
    v: &'a RunShow,
}

#[derive(Template)]
#[template(path = "runs/log_line.html")]
struct Logged<'a> {
    line: &'a LogLine,
}

impl RunShow {
    /// Whether it waits or works.
    pub fn is_active(&self) -> bool {
        matches!(
            self.state.as_str(),
            "queued" | "pending" | "running" | "paused" | "stopping"
        )
    }

    /// Whether it waits for a person.
    pub fn is_paused(&self) -> bool {
        self.state == "paused"
    }

    /// Whether anything may still change.
    pub fn is_live(&self) -> bool {
        self.is_active() || self.evaluating
    }

    /// Moves the time of work on to now.
    pub fn tick(&mut self, now: i64) {
        if let Some(began) = self.began_at {
            self.seconds = Some((now - began).max(0) as f64 / 1e6);
        }
    }

    /// Whether it works and has no figure yet.
    fn is_preparing(&self) -> bool {
        self.state == "running" && self.metrics.is_empty()
    }

    fn evaluation_failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("eval.failed"),
            fault,
            file: "",
        }
    }

    fn chart(&self, l: Lang) -> Html {
        chart(l, &self.id, &self.metrics, self.total_steps, self.log_scale).draw()
    }

    /// How far the training is.
    pub fn progress(&self, l: Lang) -> Progress {
        let trained = || self.metrics.iter().filter(|m| m.loss.is_some());
        let last = trained().next_back().copied().unwrap_or_default();
        let first = trained().next().copied().unwrap_or_default();
        // From the first figure on: what comes before, such as the search for settings, is no step.
        let done = last.step.saturating_sub(first.step);
        let taken = (last.at - first.at) as f64 / 1e6;
        let working = self.state == "running" && done > 0 && taken > 0.0;
        let rest = self.total_steps.filter(|_| working);
        let remaining = rest.map(|n| taken / done as f64 * n.saturating_sub(last.step) as f64);
        Progress {
            l,
            label: l.t("runs.progress").to_owned(),
            done: last.step,
            total: self.total_steps,
            unit: "steps".to_owned(),
            rate: last.examples_per_s.filter(|rate| *rate > 0.0),
            tokens: last.tokens_per_s.filter(|rate| *rate > 0.0),
            remaining,
        }
    }

    /// Where the model is tried: texts in the playground, labels where it is served.
    fn try_at(&self, model: &str) -> String {
        match (&self.model, self.method.as_str()) {
            (Some((_, name)), "lora" | "full") => format!("/playground?model={}", encode(name)),
            _ => format!("/deployments?model={model}"),
        }
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("runs.failed"),
            fault,
            file: "",
        }
    }

    fn cancel<'a>(&self, l: Lang, f: &'a Frame) -> Confirm<'a> {
        Confirm {
            action: format!("/runs/{}/cancel", self.id),
            csrf: &f.csrf,
            open: l.t("runs.cancel"),
            question: l.t1("runs.cancel.question", &self.name),
            button: l.t("runs.cancel.button"),
        }
    }
}

impl LogLine {
    fn tone(&self) -> &'static str {
        match self.level.as_str() {
            "warn" | "warning" => Tone::Warn.as_str(),
            "error" => Tone::Failed.as_str(),
            _ => Tone::Quiet.as_str(),
        }
    }

    fn clock(&self) -> String {
        crate::ui::format::iso(self.at)[11..19].to_owned()
    }

    fn date(&self) -> String {
        crate::ui::format::iso(self.at)
    }
}

/// The page of one run.
pub fn render_show(v: &RunShow, f: &Frame) -> String {
    let l = f.lang;
    let (base, id) = (&f.base_url, &v.id);
    let mut at = At::within(Section::Runs, l, &v.name).code(
        format!(
            "curl -N \"{base}/api/v1/events?topics={id}\" \\\n  -H \"Authorization: Bearer $HANOK_KEY\""
        ),
        format!(
            "import os, requests\n\nrun = requests.get(\n    \"{base}/api/v1/runs/{id}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()"
        ),
        format!("hanok run watch {id}"),
    );
    if v.is_live() {
        let scale = if v.log_scale { "?scale=log" } else { "" };
        at = at.live(&format!("/runs/{id}/live{scale}"), &v.after);
    }
    crate::ui::html(&ShowPage { f, l, at, v }).0
}

/// The part with name, state and actions: id `run-head`.
pub fn head(v: &RunShow, f: &Frame) -> String {
    crate::ui::html(&Head { f, l: f.lang, v }).0
}

/// The part with progress and chart: id `run-work`.
pub fn work(v: &RunShow, l: Lang) -> String {
    crate::ui::html(&Work { l, v }).0
}

/// The part with the result: id `run-result`.
pub fn result(v: &RunShow, l: Lang) -> String {
    crate::ui::html(&Result { l, v }).0
}

/// One more line for the log: appended to id `log`.
pub fn log_line(line: &LogLine) -> String {
    crate::ui::html(&Logged { line }).0
}
