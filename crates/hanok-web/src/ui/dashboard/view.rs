//! What the dashboard shows.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Empty, Progress};
use crate::ui::runs::overview::RunRow;
use crate::ui::runs::result::Evaluation;
use crate::ui::runs::text::TextEvaluation;

/// How many there are, up to what one list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// How many were listed.
    pub n: u64,
    /// Whether there are more.
    pub more: bool,
}

impl Count {
    fn text(&self, l: Lang) -> String {
        let plus = if self.more { "+" } else { "" };
        format!("{}{plus}", l.num(self.n))
    }
}

/// The figures of the tiles.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Data sets.
    pub datasets: Count,
    /// Runs.
    pub runs: Count,
    /// Tuned models.
    pub models: Count,
    /// Deployments that are ready.
    pub deployments: Count,
}

/// A run that waits or works.
#[derive(Debug, Clone)]
pub struct Active {
    /// The run.
    pub run: RunRow,
    /// How far it is.
    pub progress: Option<Progress>,
}

/// A worker process.
#[derive(Debug, Clone)]
pub struct WorkerRow {
    /// `wkr_…`.
    pub id: String,
    /// `jobs` or `host`.
    pub role: String,
    /// `ready`, `idle`, `lost`.
    pub state: String,
    /// Threads that it may use.
    pub threads: u32,
    /// Last sign of life, µs.
    pub seen_at: i64,
}

/// What an evaluation says, by the kind of model.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Of a classifier.
    Classes(Evaluation),
    /// Of a model that writes text.
    Text(TextEvaluation),
}

/// The last evaluation, with the run that it belongs to.
#[derive(Debug, Clone)]
pub struct LastEvaluation {
    /// The run.
    pub run_id: String,
    /// Its name.
    pub run_name: String,
    /// When.
    pub at: i64,
    /// What it says.
    pub result: Outcome,
}

/// The one thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is no data.
    Upload,
    /// There is data that nothing was tuned on: id and name.
    FineTune(String, String),
    /// A run is at work: id and name.
    Watch(String, String),
    /// A model is not served: id and name.
    Deploy(String, String),
    /// A model is served: its name.
    Call(String),
}

/// The view.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Counts for the tiles.
    pub counts: Counts,
    /// The one thing to do next.
    pub next: Next,
    /// Runs that wait or work.
    pub active: Vec<Active>,
    /// The last runs that ended.
    pub recent: Vec<RunRow>,
    /// The last evaluation.
    pub evaluation: Option<LastEvaluation>,
    /// Workers.
    pub workers: Vec<WorkerRow>,
}

#[derive(Template)]
#[template(path = "dashboard/page.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Dashboard,
}

#[derive(Template)]
#[template(path = "dashboard/now.html")]
struct Now<'a> {
    f: &'a Frame,
    l: Lang,
    v: &'a Dashboard,
}

impl Dashboard {
    fn is_empty(&self) -> bool {
        self.counts.datasets.n == 0 && self.counts.runs.n == 0
    }

    fn empty(&self, l: Lang) -> Empty<'static> {
        Empty {
            icon: "roof",
            title: l.t("dashboard.empty.title"),
            text: l.t("dashboard.empty.text"),
            action: Some((l.t("dashboard.empty.action"), "/datasets/new")),
            example: "hanok quickstart",
        }
    }
}

/// The page.
pub fn render(v: &Dashboard, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::room(Section::Dashboard, l)
        .code(
            format!("curl {base}/api/v1/runs?limit=5 \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
            format!(
                "import os, requests\n\nruns = requests.get(\n    \"{base}/api/v1/runs\",\n    params={{\"limit\": 5}},\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()"
            ),
            "hanok run list --json".to_owned(),
        )
        .live("/live", "");
    crate::ui::html(&Page { f, l, at, v }).0
}

/// The part that its stream patches: id `now`.
pub fn now(v: &Dashboard, f: &Frame) -> String {
    crate::ui::html(&Now { f, l: f.lang, v }).0
}
