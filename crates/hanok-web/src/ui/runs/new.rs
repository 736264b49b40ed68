//! `GET /runs/new`: the form that starts a run.

use axum::extract::State;
use axum::response::Html;
use hanok_domain::fault::Fault;
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::models::STARTER_ENCODER;
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
        base_model: STARTER_ENCODER.to_owned(),
        held_out: "0.2".to_owned(),
        ..RunForm::default()
    };
    choices(&app, &caller, frame.lang, &mut view).await?;
    Ok(Html(form::render(&view, &frame)))
}

/// Fills in what can be chosen: data sets that a head can be tuned on.
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
    let usable = datasets
        .into_iter()
        .filter(|d| d.state == "ready" && d.kind == "classification");
    view.datasets = usable
        .map(|dataset| {
            let rows = dataset
                .version
                .map_or(0, |v| u64::try_from(v.rows).unwrap_or(0));
            (
                dataset.id,
                format!("{} ({})", dataset.name, lang.count("count.rows", rows)),
            )
        })
        .collect();
    view.base_models = vec![(STARTER_ENCODER.to_owned(), STARTER_ENCODER.to_owned())];
    Ok(())
}
