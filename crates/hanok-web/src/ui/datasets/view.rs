//! What the pages of data sets show.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Bars, Confirm, Empty, FaultPanel, Pager, Progress, encode};

/// A row of the list.
#[derive(Debug, Clone)]
pub struct DatasetRow {
    /// `ds_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state as it stands in rows.
    pub state: String,
    /// Rows, once ready.
    pub rows: Option<u64>,
    /// Classes, once ready.
    pub labels: Option<u64>,
    /// Size of the file.
    pub bytes: u64,
    /// When it came, µs.
    pub created_at: i64,
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct DatasetList {
    /// What was searched for.
    pub query: String,
    /// The rows.
    pub rows: Vec<DatasetRow>,
    /// Whether this is not the first part.
    pub later: bool,
    /// Cursor of the next part.
    pub next: Option<String>,
}

/// Lengths of the texts in characters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lengths {
    /// Shortest.
    pub min: u64,
    /// Median.
    pub median: u64,
    /// 95 of 100 are not longer.
    pub p95: u64,
    /// Longest.
    pub max: u64,
}

/// A row that was not taken.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// Its row in the file, from 1.
    pub row: u64,
    /// Why, in a sentence.
    pub reason: String,
    /// Its beginning.
    pub excerpt: String,
}

/// What the import found.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Rows taken.
    pub rows: u64,
    /// Rows not taken.
    pub rejected_total: u64,
    /// Some of them.
    pub rejected: Vec<Rejected>,
    /// Rows whose text comes more than once.
    pub duplicates: u64,
    /// Rows by label, most frequent first.
    pub labels: Vec<(String, u64)>,
    /// Lengths of the texts.
    pub lengths: Lengths,
    /// What a person should know.
    pub notices: Vec<String>,
    /// What was detected: word and value, for example (`delimiter`, `tab`).
    pub detected: Vec<(String, String)>,
}

/// A part of the rows.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The rows: number from 1, text, label.
    pub rows: Vec<(u64, String, String)>,
    /// `after` of the next part.
    pub next: Option<u64>,
}

/// One data set.
#[derive(Debug, Clone, Default)]
pub struct DatasetShow {
    /// `ds_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state as it stands in rows.
    pub state: String,
    /// Name of the file.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// When it came, µs.
    pub created_at: i64,
    /// Rows read so far, while importing.
    pub read: u64,
    /// Why the import failed.
    pub fault: Option<Fault>,
    /// What the import found.
    pub statistics: Option<Statistics>,
    /// A part of the rows.
    pub preview: Preview,
    /// Runs on this data: id, name, state.
    pub runs: Vec<(String, String, String)>,
    /// Whether the person may change things.
    pub may_edit: bool,
    /// Cursor after which the stream goes on.
    pub after: String,
}

#[derive(Template)]
#[template(path = "datasets/list.html")]
struct ListPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a DatasetList,
    pager: Pager<'a>,
}

#[derive(Template)]
#[template(path = "datasets/show.html")]
struct ShowPage<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a DatasetShow,
}

#[derive(Template)]
#[template(path = "datasets/body.html")]
struct Body<'a> {
    f: &'a Frame,
    l: Lang,
    v: &'a DatasetShow,
}

impl DatasetList {
    fn empty(&self, l: Lang) -> Empty<'static> {
        Empty {
            icon: "data",
            title: l.t("datasets.empty.title"),
            text: l.t("datasets.empty.text"),
            action: Some((l.t("datasets.upload"), "/datasets/new")),
            example: "text,label\n\"The parcel came a week late\",delivery\n\"환불은 언제 되나요?\",refund",
        }
    }
}

impl DatasetShow {
    /// Where the form that shares it goes to.
    fn share(&self) -> String {
        format!("/datasets/{}/share", self.id)
    }

    fn importing(&self, l: Lang) -> Progress {
        Progress {
            l,
            label: l.t("datasets.importing").to_owned(),
            done: self.read,
            total: None,
            unit: "rows".to_owned(),
            rate: None,
            tokens: None,
            remaining: None,
        }
    }

    /// Whether its import waits or works.
    pub fn is_importing(&self) -> bool {
        matches!(self.state.as_str(), "pending" | "importing" | "queued")
    }

    fn failure<'a>(&'a self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("datasets.failed"),
            fault,
            file: &self.file,
        }
    }

    fn labels(&self, l: Lang, statistics: &Statistics) -> Bars {
        let counts = statistics
            .labels
            .iter()
            .map(|(label, n)| (label.as_str(), *n));
        Bars::new(l, l.t("datasets.labels"), l.t("word.label"), counts)
    }

    fn delete<'a>(&self, l: Lang, f: &'a Frame) -> Confirm<'a> {
        Confirm {
            action: format!("/datasets/{}/delete", self.id),
            csrf: &f.csrf,
            open: l.t("word.delete"),
            question: l.t1("datasets.delete.question", &self.name),
            button: l.t("datasets.delete.button"),
        }
    }

    fn pager<'a>(&self, l: Lang, shown: &'a str) -> Pager<'a> {
        let here = format!("/datasets/{}", self.id);
        let first = self.preview.rows.first().is_some_and(|row| row.0 > 1);
        Pager {
            l,
            first: first.then(|| format!("{here}#rows")),
            next: self
                .preview
                .next
                .map(|after| format!("{here}?after={after}#rows")),
            shown,
        }
    }

    fn shown(&self, l: Lang, rows: &u64) -> String {
        match (self.preview.rows.first(), self.preview.rows.last()) {
            (Some(first), Some(last)) => {
                let span = format!("{}–{}", l.num(first.0), l.num(last.0));
                l.t2("pager.shown", span, l.num(rows))
            }
            _ => String::new(),
        }
    }
}

/// The list.
pub fn render_list(v: &DatasetList, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let at = At::room(Section::Data, l).code(
        format!("curl {base}/api/v1/datasets \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
        format!(
            "import os, requests\n\ndatasets = requests.get(\n    \"{base}/api/v1/datasets\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()[\"data\"]"
        ),
        "hanok dataset list".to_owned(),
    );
    let query = match v.query.is_empty() {
        true => String::new(),
        false => format!("q={}&", encode(&v.query)),
    };
    let pager = Pager {
        l,
        first: v.later.then(|| format!("/datasets?{query}")),
        next: v
            .next
            .as_ref()
            .map(|after| format!("/datasets?{query}after={}", encode(after))),
        shown: "",
    };
    crate::ui::html(&ListPage { f, l, at, v, pager }).0
}

/// The page of one data set.
pub fn render_show(v: &DatasetShow, f: &Frame) -> String {
    let l = f.lang;
    let (base, id) = (&f.base_url, &v.id);
    let mut at = At::within(Section::Data, l, &v.name).code(
        format!("curl {base}/api/v1/datasets/{id} \\\n  -H \"Authorization: Bearer $HANOK_KEY\""),
        format!(
            "import os, requests\n\ndataset = requests.get(\n    \"{base}/api/v1/datasets/{id}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()"
        ),
        format!("hanok dataset show {id}"),
    );
    if v.is_importing() {
        at = at.live(&format!("/datasets/{id}/live"), &v.after);
    }
    crate::ui::html(&ShowPage { f, l, at, v }).0
}

/// The part that its stream patches: id `dataset`.
pub fn body(v: &DatasetShow, f: &Frame) -> String {
    crate::ui::html(&Body { f, l: f.lang, v }).0
}
