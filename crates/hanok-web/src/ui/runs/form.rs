//! The form that starts a run.

use askama::Template;

use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;
use crate::ui::parts::{Choice, Control, Field, FieldError};

/// What was filled in, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct RunForm {
    /// Data sets that are ready: id and name with rows.
    pub datasets: Vec<(String, String)>,
    /// Base models: name and words.
    pub base_models: Vec<(String, String)>,
    /// The chosen data set.
    pub dataset: String,
    /// The chosen base model.
    pub base_model: String,
    /// Name of the run and suffix of the model.
    pub name: String,
    /// Passes over the data.
    pub epochs: String,
    /// Learning rate.
    pub learning_rate: String,
    /// Share of rows kept out of training.
    pub held_out: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "runs/new.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    v: &'a RunForm,
    main: Vec<Field>,
    settings: Vec<Field>,
}

fn select(choices: &[(String, String)]) -> Control {
    Control::Select(
        choices
            .iter()
            .map(|(value, label)| Choice::new(value, label))
            .collect(),
    )
}

fn main_fields(v: &RunForm, l: Lang) -> Vec<Field> {
    let name = Control::Text {
        placeholder: String::new(),
        max_length: 60,
    };
    vec![
        Field::new(
            "dataset",
            l.t("word.dataset"),
            l.t("runs.dataset.help"),
            select(&v.datasets),
        )
        .key("dataset")
        .value(&v.dataset)
        .required()
        .checked(&v.errors),
        Field::new(
            "base_model",
            l.t("runs.base"),
            l.t("runs.base.help"),
            select(&v.base_models),
        )
        .key("base_model")
        .value(&v.base_model)
        .required()
        .checked(&v.errors),
        Field::new("name", l.t("word.name"), l.t("runs.name.help"), name)
            .key("name")
            .value(&v.name)
            .checked(&v.errors),
    ]
}

fn settings(v: &RunForm, l: Lang) -> Vec<Field> {
    let number = |min, max, step, placeholder| Control::Number {
        min,
        max,
        step,
        placeholder,
    };
    vec![
        Field::new(
            "epochs",
            l.t("runs.epochs"),
            l.t("runs.epochs.help"),
            number("1", "200", "1", l.t("form.automatic")),
        )
        .unit(l.t("unit.passes"))
        .key("epochs")
        .value(&v.epochs)
        .checked(&v.errors),
        Field::new(
            "learning_rate",
            l.t("runs.learning_rate"),
            l.t("runs.learning_rate.help"),
            number("0.000001", "10", "any", l.t("form.automatic")),
        )
        .unit(l.t("unit.per_step"))
        .key("learning_rate")
        .value(&v.learning_rate)
        .checked(&v.errors),
        Field::new(
            "held_out",
            l.t("runs.held_out"),
            l.t("runs.held_out.help"),
            number("0.05", "0.5", "0.01", ""),
        )
        .unit(l.t("unit.of_rows"))
        .key("held_out")
        .value(&v.held_out)
        .checked(&v.errors),
    ]
}

/// The page.
pub fn render(v: &RunForm, f: &Frame) -> String {
    let l = f.lang;
    let base = &f.base_url;
    let dataset = match v.dataset.is_empty() {
        true => "ds_…",
        false => v.dataset.as_str(),
    };
    let at = At::within(Section::Runs, l, l.t("runs.new")).code(
        format!(
            "curl {base}/api/v1/runs \\\n  -H \"Authorization: Bearer $HANOK_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"dataset\": \"{dataset}\", \"held_out\": 0.2}}'"
        ),
        format!(
            "import os, requests\n\nrun = requests.post(\n    \"{base}/api/v1/runs\",\n    json={{\"dataset\": \"{dataset}\", \"held_out\": 0.2}},\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANOK_KEY']}}\"}},\n).json()"
        ),
        format!("hanok run start {dataset}"),
    );
    let (main, settings) = (main_fields(v, l), settings(v, l));
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        main,
        settings,
    })
    .0
}
