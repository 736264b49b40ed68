//! `GET /runs/new`: the form that starts a run, with the models and methods that suit the chosen data.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::models::{STARTER_DECODER, STARTER_ENCODER};
use serde::Deserialize;

use super::form::{self, RunForm};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::lang::Lang;
use crate::ui::visit::Visit;

/// What is chosen already.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    dataset: String,
}

/// The page.
pub async fn new(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<NewQuery>,
) -> Result<Html<String>, ApiError> {
    let mut view = RunForm {
        dataset: query.dataset,
        held_out: "0.2".to_owned(),
        ..RunForm::default()
    };
    choices(&app, &caller, frame.lang, &mut view).await?;
    Ok(Html(form::render(&view, &frame)))
}

/// Fills in what can be chosen: data sets that are ready, and what suits the chosen one.
pub async fn choices(
    app: &App,
    caller: &Caller,
    lang: Lang,
    view: &mut RunForm,
) -> Result<(), Fault> {
    let datasets = app
        .studio
        .datasets(caller, PageRequest::first(100))
        .await?
        .items;
    let usable: Vec<_> = datasets
        .into_iter()
        .filter(|d| d.state == "ready")
        .collect();
    if view.dataset.is_empty()
        && let Some(first) = usable.first()
    {
        view.dataset.clone_from(&first.id);
    }
    let chosen = usable.iter().find(|d| d.id == view.dataset);
    view.kind = chosen.map_or_else(String::new, |d| d.kind.clone());
    view.datasets = usable
        .into_iter()
        .map(|dataset| {
            let rows = dataset
                .version
                .map_or(0, |v| u64::try_from(v.rows).unwrap_or(0));
            let (kind, rows) = (
                lang.word("data", &dataset.kind),
                lang.count("count.rows", rows),
            );
            (dataset.id, format!("{} ({kind}, {rows})", dataset.name))
        })
        .collect();
    view.choices = suited(app, caller, lang, &view.kind).await?;
    Ok(())
}

/// Models with methods as `method:model`, those that ship first; all where no data is chosen.
async fn suited(
    app: &App,
    caller: &Caller,
    lang: Lang,
    kind: &str,
) -> Result<Vec<(String, String)>, Fault> {
    let mut found = Vec::new();
    let mut add = |model: &str, methods: &[&str]| {
        for method in methods {
            let words = format!("{model} · {}", lang.word("method", method));
            found.push((format!("{method}:{model}"), words));
        }
    };
    let (labels, texts) = (kind != "messages", kind != "classification");
    if labels {
        add(STARTER_ENCODER, &["head"]);
    }
    let callable = app.studio.callable_models(caller).await?;
    if texts && callable.iter().any(|model| model.name == STARTER_DECODER) {
        add(STARTER_DECODER, &["lora", "full"]);
    }
    let own = app.studio.models(caller, PageRequest::first(100)).await?;
    let whole = |status: &str, format: &str| status == "ready" && format == "hf";
    for model in own.items.iter().filter(|m| whole(&m.status, &m.format)) {
        match model.kind.as_str() {
            "decoder" if texts => add(&model.name, &["lora", "full"]),
            "encoder" | "classifier" if labels => add(&model.name, &["head", "lora", "full"]),
            _ => {}
        }
    }
    Ok(found)
}
