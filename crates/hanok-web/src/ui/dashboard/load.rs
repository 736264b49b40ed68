//! The dashboard, filled from the studio.

use hanok_domain::fault::Fault;
use hanok_studio::access::Caller;
use hanok_studio::datasets::DatasetView;
use hanok_studio::deployments::DeploymentView;
use hanok_studio::models::ModelView;
use hanok_studio::runs::RunView;
use hanok_studio::workers::WorkerView;
use hanok_studio::{Listed, PageRequest};

use super::view::{Active, Count, Counts, Dashboard, LastEvaluation, Next, Outcome, WorkerRow};
use crate::app::App;
use crate::ui::format::micros;
use crate::ui::lang::Lang;
use crate::ui::runs::load as runs;
use crate::ui::runs::{report, text};

/// Ended runs that are shown.
const RECENT: usize = 6;

/// The view.
pub async fn load(app: &App, caller: &Caller, lang: Lang) -> Result<Dashboard, Fault> {
    let page = || PageRequest::first(100);
    let datasets = app.studio.datasets(caller, page()).await?;
    let all_runs = app.studio.runs(caller, page()).await?;
    let models = app.studio.models(caller, page()).await?;
    let deployments = app.studio.deployments(caller, page()).await?;
    let ready = deployments
        .items
        .iter()
        .filter(|d| d.state == "ready")
        .count() as u64;
    let counts = Counts {
        datasets: count(&datasets),
        runs: count(&all_runs),
        models: count(&models),
        deployments: Count {
            n: ready,
            more: deployments.has_more,
        },
    };
    let data = usable(&datasets.items);
    let next = next(data, &all_runs.items, &models.items, &deployments.items);
    let (active, ended): (Vec<_>, Vec<_>) = all_runs
        .items
        .into_iter()
        .partition(|run| is_active(&run.state));
    let recent = ended.into_iter().take(RECENT).collect();
    Ok(Dashboard {
        counts,
        next,
        active: at_work(app, caller, lang, active).await?,
        recent: runs::rows(app, caller, recent).await?,
        evaluation: last_evaluation(app, caller).await?,
        workers: app
            .studio
            .workers()
            .await?
            .into_iter()
            .map(worker)
            .collect(),
    })
}

/// The newest data that a model can be tuned on: id and name.
fn usable(datasets: &[DatasetView]) -> Option<(String, String)> {
    let mut ready = datasets.iter().filter(|d| d.state == "ready");
    ready.next().map(|d| (d.id.clone(), d.name.clone()))
}

fn count<T>(listed: &Listed<T>) -> Count {
    Count {
        n: listed.items.len() as u64,
        more: listed.has_more,
    }
}

fn is_active(state: &str) -> bool {
    matches!(state, "queued" | "running" | "paused")
}

/// The one thing to do next: what works is watched, what is made is served, what is there is tuned.
fn next(
    data: Option<(String, String)>,
    runs: &[RunView],
    models: &[ModelView],
    deployments: &[DeploymentView],
) -> Next {
    if let Some(run) = runs.iter().find(|run| is_active(&run.state)) {
        return Next::Watch(run.id.clone(), run.name.clone());
    }
    let served = |model: &ModelView| {
        let mut alive = deployments
            .iter()
            .filter(|d| d.state == "ready" || d.state == "pending");
        alive.any(|d| d.model.id == model.id)
    };
    match (models.first(), data) {
        (Some(model), _) if served(model) => Next::Call(model.name.clone()),
        (Some(model), _) => Next::Deploy(model.id.clone(), model.name.clone()),
        (None, Some((id, name))) => Next::FineTune(id, name),
        (None, None) => Next::Upload,
    }
}

async fn at_work(
    app: &App,
    caller: &Caller,
    lang: Lang,
    active: Vec<RunView>,
) -> Result<Vec<Active>, Fault> {
    let mut out = Vec::new();
    for row in runs::rows(app, caller, active).await? {
        let (run, _) = runs::show(app, caller, &row.id).await?;
        let progress = (run.total_steps.is_some()).then(|| run.progress(lang));
        out.push(Active { run: row, progress });
    }
    Ok(out)
}

async fn last_evaluation(app: &App, caller: &Caller) -> Result<Option<LastEvaluation>, Fault> {
    let evals = app
        .studio
        .evals(caller, PageRequest::first(20))
        .await?
        .items;
    let found = evals.into_iter().find_map(|eval| {
        let told = eval.report.as_ref()?;
        let result = report::read(told)
            .map(Outcome::Classes)
            .or_else(|| text::read(told).map(Outcome::Text))?;
        Some((eval.run_id?, eval.finished_at?, result))
    });
    let Some((run_id, at, result)) = found else {
        return Ok(None);
    };
    let run = app.studio.run(caller, &run_id).await?;
    Ok(Some(LastEvaluation {
        run_id,
        run_name: run.name,
        at: micros(&at),
        result,
    }))
}

fn worker(worker: WorkerView) -> WorkerRow {
    WorkerRow {
        id: worker.id,
        role: worker.role,
        state: worker.state,
        threads: u32::try_from(worker.threads).unwrap_or(0),
        seen_at: micros(&worker.seen_at),
    }
}
