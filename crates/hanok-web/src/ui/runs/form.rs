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
    /// Models and methods that suit the data, as `method:model`, with words.
    pub choices: Vec<(String, String)>,
    /// The chosen data set.
    pub dataset: String,
    /// Its kind: `classification` or `messages`; empty where it is not known.
    pub kind: String,
    /// The chosen model and method.
    pub choice: String,
    /// Name of the run and suffix of the model.
    pub name: String,
    /// Passes over the data.
    pub epochs: String,
    /// Learning rate.
    pub learning_rate: String,
    /// Rows of a step.
    pub batch_size: String,
    /// Rank of a LoRA adapter.
    pub rank: String,
    /// Tokens of a row at most.
    pub max_length: String,
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
    dataset: Field,
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

fn dataset_field(v: &RunForm, l: Lang) -> Field {
    Field::new(
        "dataset",
        l.t("word.dataset"),
        l.t("runs.dataset.help"),
        select(&v.datasets),
    )
    .key("dataset")
    .value(&v.dataset)
    .required()
    .checked(&v.errors)
}

fn main_fields(v: &RunForm, l: Lang) -> Vec<Field> {
    let name = Control::Text {
        placeholder: String::new(),
        max_length: 60,
    };
    vec![
        Field::new(
            "choice",
            l.t("runs.choice"),
            l.t("runs.choice.help"),
            select(&v.choices),
        )
        .key("base_model, method")
        .value(&v.choice)
        .required()
        .checked(&v.errors),
        Field::new("name", l.t("word.name"), l.t("runs.name.help"), name)
            .key("name")
            .value(&v.name)
            .checked(&v.errors),
    ]
}

/// A setting: name, label, help, unit, value, least, most, step.
type Setting<'a> = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'a str,
    [&'static str; 3],
);

fn settings(v: &RunForm, l: Lang) -> Vec<Field> {
    let rows = [common(v, l), deep(v, l)].concat();
    let field = |(name, label, help, unit, value, [min, max, step]): Setting<'_>| {
        let placeholder = match name {
            "held_out" => "",
            _ => l.t("form.automatic"),
        };
        let number = Control::Number {
            min,
            max,
            step,
            placeholder,
        };
        let key = if name == "rank" { "lora.rank" } else { name };
        let field = Field::new(name, label, help, number);
        field.unit(unit).key(key).value(value).checked(&v.errors)
    };
    rows.into_iter().map(field).collect()
}

fn common(v: &RunForm, l: Lang) -> Vec<Setting<'_>> {
    vec![
        (
            "epochs",
            l.t("runs.epochs"),
            l.t("runs.epochs.help"),
            l.t("unit.passes"),
            &v.epochs,
            ["1", "200", "1"],
        ),
        (
            "learning_rate",
            l.t("runs.learning_rate"),
            l.t("runs.learning_rate.help"),
            l.t("unit.per_step"),
            &v.learning_rate,
            ["0.0000001", "10", "any"],
        ),
        (
            "batch_size",
            l.t("runs.batch_size"),
            l.t("runs.batch_size.help"),
            l.t("unit.rows"),
            &v.batch_size,
            ["1", "256", "1"],
        ),
        (
            "held_out",
            l.t("runs.held_out"),
            l.t("runs.held_out.help"),
            l.t("unit.of_rows"),
            &v.held_out,
            ["0.05", "0.5", "0.01"],
        ),
    ]
}

/// What only language models and imported encoders have.
fn deep(v: &RunForm, l: Lang) -> Vec<Setting<'_>> {
    if !v
        .choices
        .iter()
        .any(|(value, _)| !value.starts_with("head:"))
    {
        return Vec::new();
    }
    vec![
        (
            "rank",
            l.t("runs.rank"),
            l.t("runs.rank.help"),
            "",
            &v.rank,
            ["1", "256", "1"],
        ),
        (
            "max_length",
            l.t("runs.max_length"),
            l.t("runs.max_length.help"),
            l.t("unit.tokens"),
            &v.max_length,
            ["8", "1048576", "1"],
        ),
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
        format!("hanok run start --dataset {dataset}\n# or all in one file: hanok train recipe.toml"),
    );
    let (main, settings) = (main_fields(v, l), settings(v, l));
    crate::ui::html(&Page {
        f,
        l,
        at,
        v,
        dataset: dataset_field(v, l),
        main,
        settings,
    })
    .0
}
