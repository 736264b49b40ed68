//! What the page of deployments shows.

use askama::Template;
use hanok_domain::fault::Fault;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::models::view::call_code;
use crate::ui::parts::{Choice, Confirm, Control, Empty, FaultPanel, Field};

/// A deployment.
#[derive(Debug, Clone, Default)]
pub struct DeploymentRow {
    /// `dep_…`.
    pub id: String,
    /// `model_…`.
    pub model_id: String,
    /// The name by which the model is called.
    pub model: String,
    /// Its state as it stands in rows.
    pub state: String,
    /// Why it failed.
    pub fault: Option<Fault>,
    /// When it was made, µs.
    pub created_at: i64,
}

/// A label with its score.
#[derive(Debug, Clone)]
pub struct Score {
    /// The label.
    pub label: String,
    /// Its share, 0 to 1.
    pub score: f64,
}

/// What the try-it box was asked and answered.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Scores, best first.
    pub scores: Vec<Score>,
    /// How long it took, milliseconds.
    pub milliseconds: f64,
}

/// The view.
#[derive(Debug, Clone, Default)]
pub struct Deployments {
    /// The deployments.
    pub rows: Vec<DeploymentRow>,
    /// The model in the try-it box: its name.
    pub model: String,
    /// The text in the try-it box.
    pub text: String,
    /// What it answered.
    pub answer: Option<Result<Tried, Fault>>,
    /// Whether the person may change things.
    pub may_edit: bool,
}

#[derive(Template)]
#[template(path = "deployments/list.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a Deployments,
    model: Field,
    text: Field,
}

impl Deployments {
    fn empty(&self, l: Lang) -> Empty<'static> {
        Empty {
            icon: "deployments",
            title: l.t("deployments.empty.title"),
            text: l.t("deployments.empty.text"),
            action: Some((l.t("deployments.empty.action"), "/models")),
            example: "",
        }
    }

    fn ready(&self) -> impl Iterator<Item = &DeploymentRow> {
        self.rows.iter().filter(|row| row.state == "ready")
    }

    fn can_try(&self) -> bool {
        self.ready().next().is_some()
    }

    fn failure<'a>(&self, l: Lang, fault: &'a Fault) -> FaultPanel<'a> {
        FaultPanel {
            l,
            title: l.t("try.failed"),
            fault,
            file: "",
        }
    }
}

impl DeploymentRow {
    fn stop<'a>(&self, l: Lang, f: &'a Frame) -> Confirm<'a> {
        Confirm {
            action: format!("/deployments/{}/stop", self.id),
            csrf: &f.csrf,
            open: l.t("deployments.stop"),
            question: l.t1("deployments.stop.question", &self.model),
            button: l.t("deployments.stop.button"),
        }
    }
}

impl Score {
    fn width(&self) -> f64 {
        (self.score.clamp(0.0, 1.0) * 1000.0).round() / 10.0
    }
}

/// The page.
pub fn render(v: &Deployments, f: &Frame) -> String {
    let l = f.lang;
    let choices = v
        .ready()
        .map(|row| Choice::new(&row.model, &row.model))
        .collect();
    let model =
        Field::new("model", l.t("word.model"), "", Control::Select(choices)).value(&v.model);
    let area = Control::Area {
        rows: 3,
        max_length: 4000,
    };
    let text = Field::new("text", l.t("word.text"), "", area)
        .required()
        .value(&v.text);
    let mut at = At::room(Section::Deployments, l);
    let called = v
        .ready()
        .find(|row| row.model == v.model)
        .or_else(|| v.ready().next());
    if let Some(row) = called {
        let example = match v.text.is_empty() {
            true => l.t("models.example"),
            false => v.text.as_str(),
        };
        at = call_code(at, &f.base_url, &row.model, example);
    }
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        model,
        text,
    })
    .0
}
