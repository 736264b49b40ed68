//! What the list of runs shows.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Empty, Pager, encode};

/// A row of the list.
#[derive(Debug, Clone, Default)]
pub struct RunRow {
    /// `run_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state as it stands in rows.
    pub state: String,
    /// The base model.
    pub base_model: String,
    /// Name of the data set.
    pub dataset_name: String,
    /// Accuracy of the tuned model, once evaluated.
    pub accuracy: Option<f64>,
    /// Difference to the base model, once evaluated.
    pub delta: Option<f64>,
    /// Loss of a tuned model that writes text, and its difference to the base, once evaluated.
    pub loss: Option<(f64, f64)>,
    /// When it was started, µs.
    pub created_at: i64,
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct RunList {
    /// The rows.
    pub rows: Vec<RunRow>,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
    /// Whether there is data to tune on.
    pub has_data: bool,
}

#[derive(Template)]
#[template(path = "runs/list.html")]
struct ListPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a RunList,
    pager: Pager<'a>,
}

impl RunList {
    fn empty(&self, l: Lang) -> Empty<'static> {
        let action = match self.has_data {
            true => (l.t("runs.new"), "/runs/new"),
            false => (l.t("datasets.upload"), "/datasets/new"),
        };
        Empty {
            icon: "runs",
            title: l.t("runs.empty.title"),
            text: l.t("runs.empty.text"),
            action: Some(action),
            example: "hanok quickstart",
        }
    }
}

/// The list.
pub fn render_list(v: &RunList, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::room(Section::Runs, l).code(
        format!("curl {base}/api/v1/runs \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
        format!(
            "import os, requests\n\nruns = requests.get(\n    \"{base}/api/v1/runs\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()[\"data\"]"
        ),
        "hanok run list".to_owned(),
    );
    let pager = Pager {
        l,
        first: v.later.then(|| "/runs".to_owned()),
        next: v
            .next
            .as_ref()
            .map(|after| format!("/runs?after={}", encode(after))),
        shown: "",
    };
    crate::ui::html(&ListPage { f, l, at, v, pager }).0
}
