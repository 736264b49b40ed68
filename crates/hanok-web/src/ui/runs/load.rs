//! A run's page, filled from the studio: the run, its evaluation, and what its events say.

use std::collections::BTreeMap;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::events::{Cursor, EventView};
use hanok_studio::runs::RunView;
use serde_json::Value;

use super::metrics::Metric;
use super::overview::RunRow;
use super::report;
use super::result::Evaluation;
use super::text::{self, TextEvaluation};
use super::view::{Checkpoint, LogLine, RunShow};
use crate::app::App;
use crate::ui::format::micros;

/// Events read at once.
const BATCH: u64 = 2000;
/// Lines of the log kept on a page.
const LINES: usize = 400;

/// A run's page with all events so far, and the cursor after them.
pub async fn show(app: &App, caller: &Caller, id: &str) -> Result<(RunShow, Cursor), Fault> {
    let mut view = RunShow::default();
    let mut cursor = Cursor::new(&[id.to_owned()], None);
    // Events first: what changes between the two reads is then news of the stream, not lost.
    events(app, caller, &mut view, &mut cursor).await?;
    refresh(app, caller, id, &mut view).await?;
    Ok((view, cursor))
}

/// Takes in the events after the cursor; true if any of them was not a figure or a line.
pub async fn events(
    app: &App,
    caller: &Caller,
    view: &mut RunShow,
    cursor: &mut Cursor,
) -> Result<bool, Fault> {
    let mut moved = false;
    loop {
        let events = app.studio.events_after(caller, cursor, BATCH).await?;
        for event in &events {
            cursor.advance(event);
            moved |= take(view, event);
        }
        if (events.len() as u64) < BATCH {
            break;
        }
    }
    view.after = cursor.to_string();
    Ok(moved)
}

fn take(view: &mut RunShow, event: &EventView) -> bool {
    match event.kind.as_str() {
        "metric" => {
            view.metrics.push(metric(micros(&event.at), &event.data));
            let total = event.data["total_steps"].as_u64();
            view.total_steps = total.or(view.total_steps);
            false
        }
        "log" => {
            view.log.push(LogLine {
                seq: event.seq,
                at: micros(&event.at),
                level: event.data["level"].as_str().unwrap_or("info").to_owned(),
                message: event.data["message"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            });
            let over = view.log.len().saturating_sub(LINES);
            view.log.drain(..over);
            false
        }
        "progress" => false,
        "checkpoint" => {
            view.checkpoints.push(checkpoint(&event.data));
            true
        }
        // A run that is tried again starts its curve anew.
        _ if event.kind == "state" && event.data["state"] == "queued" => {
            view.metrics.clear();
            view.checkpoints.clear();
            true
        }
        _ => true,
    }
}

fn checkpoint(data: &Value) -> Checkpoint {
    let text = |name: &str| data["model"][name].as_str().unwrap_or_default().to_owned();
    Checkpoint {
        step: data["step"].as_u64().unwrap_or(0),
        epoch: data["epoch"].as_u64().unwrap_or(0),
        train_loss: data["train_loss"].as_f64(),
        valid_loss: data["valid_loss"].as_f64(),
        id: text("id"),
        name: text("name"),
    }
}

fn metric(at: i64, data: &Value) -> Metric {
    let number = |name: &str| data[name].as_f64();
    Metric {
        at,
        step: data["step"].as_u64().unwrap_or(0),
        epoch: number("epoch").unwrap_or(0.0),
        loss: number("loss"),
        learning_rate: number("learning_rate"),
        examples_per_s: number("examples_per_s"),
        tokens_per_s: number("tokens_per_s"),
        val_loss: number("val_loss"),
        val_accuracy: number("val_accuracy"),
    }
}

/// Takes in what the rows say now.
pub async fn refresh(
    app: &App,
    caller: &Caller,
    id: &str,
    view: &mut RunShow,
) -> Result<(), Fault> {
    let run = app.studio.run(caller, id).await?;
    let began = run.started_at.as_deref().map(micros);
    let ended = run
        .finished_at
        .as_deref()
        .map_or_else(crate::ui::visit::now, micros);
    view.seconds = began.map(|began| (ended - began).max(0) as f64 / 1e6);
    view.began_at = began.filter(|_| run.finished_at.is_none());
    view.settings = settings(&run.params);
    view.dataset_name = dataset_name(app, caller, &run.dataset_id).await?;
    view.deployed = match &run.model {
        Some(model) => deployed(app, caller).await?.contains(&model.id),
        None => false,
    };
    view.evaluating = false;
    if let Some(eval) = &run.eval_id {
        let eval = app.studio.eval(caller, eval).await?;
        view.evaluating = matches!(eval.state.as_str(), "queued" | "running");
        view.evaluation = eval.report.as_ref().and_then(report::read);
        view.text_evaluation = eval.report.as_ref().and_then(text::read);
        view.evaluation_fault = eval.error;
    }
    view.id = run.id;
    view.name = run.name;
    view.state = run.state;
    view.figures = run.metrics.as_ref().map(figures).unwrap_or_default();
    view.method = run.method;
    view.base_model = run.base_model;
    view.dataset_id = run.dataset_id;
    view.created_at = micros(&run.created_at);
    view.fault = run.error;
    view.model = run.model.map(|model| (model.id, model.name));
    view.may_edit = caller.may_write();
    Ok(())
}

/// Final figures that people ask for, in this order.
const FIGURES: [&str; 8] = [
    "training_rows",
    "held_out_rows",
    "skipped_rows",
    "truncated_rows",
    "steps",
    "tokens",
    "tokens_per_s",
    "trained_parameters",
];

fn figures(metrics: &Value) -> Vec<(&'static str, f64)> {
    let all = FIGURES.iter();
    all.filter_map(|name| Some((*name, metrics[*name].as_f64()?)))
        .collect()
}

fn settings(params: &Value) -> Vec<(String, String)> {
    let object = params.as_object().into_iter().flatten();
    object
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect()
}

/// The name of a data set; empty where it was deleted.
pub async fn dataset_name(app: &App, caller: &Caller, id: &str) -> Result<String, Fault> {
    match app.studio.dataset(caller, id).await {
        Ok(dataset) => Ok(dataset.name),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(String::new()),
        Err(fault) => Err(fault),
    }
}

/// Ids of the models that are deployed.
pub async fn deployed(app: &App, caller: &Caller) -> Result<Vec<String>, Fault> {
    let all = app
        .studio
        .deployments(caller, PageRequest::first(100))
        .await?
        .items;
    let alive = all
        .into_iter()
        .filter(|d| d.state == "ready" || d.state == "pending");
    Ok(alive.map(|deployment| deployment.model.id).collect())
}

/// The evaluations of the last runs, by run.
pub async fn evaluations(
    app: &App,
    caller: &Caller,
) -> Result<BTreeMap<String, Evaluation>, Fault> {
    let evals = app
        .studio
        .evals(caller, PageRequest::first(100))
        .await?
        .items;
    let read = evals.into_iter().rev().filter_map(|eval| {
        let result = report::read(eval.report.as_ref()?)?;
        Some((eval.run_id?, result))
    });
    Ok(read.collect())
}

/// The evaluations of the last runs that tuned a model that writes text, by run.
pub async fn text_evaluations(
    app: &App,
    caller: &Caller,
) -> Result<BTreeMap<String, TextEvaluation>, Fault> {
    let page = PageRequest::first(100);
    let evals = app.studio.evals(caller, page).await?.items;
    let read = evals.into_iter().rev().filter_map(|eval| {
        let result = text::read(eval.report.as_ref()?)?;
        Some((eval.run_id?, result))
    });
    Ok(read.collect())
}

/// Rows of the list.
pub async fn rows(app: &App, caller: &Caller, runs: Vec<RunView>) -> Result<Vec<RunRow>, Fault> {
    let evaluations = evaluations(app, caller).await?;
    let texts = text_evaluations(app, caller).await?;
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut rows = Vec::new();
    for run in runs {
        if !names.contains_key(&run.dataset_id) {
            let name = dataset_name(app, caller, &run.dataset_id).await?;
            names.insert(run.dataset_id.clone(), name);
        }
        let evaluation = evaluations.get(&run.id);
        rows.push(RunRow {
            dataset_name: names[&run.dataset_id].clone(),
            accuracy: evaluation.map(|e| e.tuned),
            delta: evaluation.map(|e| e.delta.delta),
            loss: texts.get(&run.id).map(|e| (e.tuned.loss, e.delta.delta)),
            id: run.id,
            name: run.name,
            state: run.state,
            base_model: run.base_model,
            created_at: micros(&run.created_at),
        });
    }
    Ok(rows)
}
