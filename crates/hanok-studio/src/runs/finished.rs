//! The end of a run: a model and its evaluation, or the reason why there is none.

use hanok_domain::fault::Fault;
use hanok_domain::id;
use hanok_domain::state::{JobState, RunState};
use hanok_protocol::job::{EvalSpec, JobSpec, ModelRef, TrainResult, TrainSpec};
use hanok_store::Tx;
use hanok_store::rows::evals::{EvalChange, NewEval};
use hanok_store::rows::models::{Model, NewModel};
use hanok_store::rows::runs::{Run, RunChange};
use serde_json::json;

use crate::datasets::manifest_of;
use crate::models::ModelManifest;
use crate::row_error;
use crate::studio::Studio;
use crate::workers::note;

impl Studio {
    /// Turns a finished run into a model, and enqueues its evaluation.
    pub(crate) async fn run_finished(
        &self,
        tx: &Tx,
        project: &str,
        run_id: &str,
        result: &TrainResult,
    ) -> Result<(), Fault> {
        let run = tx.runs().get(project, run_id).await?;
        let run = run.ok_or_else(|| Fault::not_found("run", run_id))?;
        let size = i64::try_from(result.artefact.size).unwrap_or(i64::MAX);
        tx.objects()
            .put(project, &result.artefact.hash, size)
            .await?;
        let model = tx.models().insert(&new_model(&run, result)?).await?;
        let change = RunChange {
            state: Some(RunState::Succeeded),
            model_id: Some(model.id.clone()),
            metrics: Some(result.metrics.clone()),
            ..RunChange::default()
        };
        tx.runs().update(project, run_id, &change).await?;
        let eval_id = self.enqueue_eval(tx, &run, &model, result).await?;
        let content = json!({
            "state": "succeeded",
            "model": { "id": model.id, "name": model.name },
            "eval_id": eval_id,
        });
        note(tx, project, run_id, "state", content).await
    }

    async fn enqueue_eval(
        &self,
        tx: &Tx,
        run: &Run,
        model: &Model,
        result: &TrainResult,
    ) -> Result<String, Fault> {
        let project = run.project_id.as_str();
        let version = tx
            .datasets()
            .version(project, &run.dataset_version_id)
            .await?;
        let version =
            version.ok_or_else(|| Fault::internal(format!("run {} has no data", run.id)))?;
        let new = NewEval {
            project_id: project.to_owned(),
            run_id: Some(run.id.clone()),
            model_id: model.id.clone(),
            base_model: run.base_model.clone(),
            dataset_version_id: run.dataset_version_id.clone(),
        };
        let eval = tx.evals().insert(&new).await?;
        let spec = JobSpec::Eval(EvalSpec {
            model: ModelRef {
                id: model.id.clone(),
                base_model: run.base_model.clone(),
                head: Some(result.artefact.clone()),
            },
            manifest: manifest_of(&version)?,
            held_out: held_out(tx, run).await?,
            all_rows: false,
        });
        let job = self.enqueue(tx, project, &eval.id, &spec).await?;
        let change = EvalChange {
            job_id: Some(job.id),
            ..EvalChange::default()
        };
        tx.evals().update(project, &eval.id, &change).await?;
        Ok(eval.id)
    }
}

/// The share that the run itself held out, from its job: evaluation must hold out the same rows.
async fn held_out(tx: &Tx, run: &Run) -> Result<f64, Fault> {
    let job = match &run.job_id {
        Some(job) => tx.jobs().by_id(job).await?,
        None => None,
    };
    let spec = job.and_then(|job| serde_json::from_value::<JobSpec>(job.payload).ok());
    match spec {
        Some(JobSpec::Train(TrainSpec { held_out, .. })) => Ok(held_out),
        _ => Err(Fault::internal(format!("run {} has no job", run.id))),
    }
}

fn new_model(run: &Run, result: &TrainResult) -> Result<NewModel, Fault> {
    let manifest = ModelManifest {
        head: result.artefact.clone(),
        labels: result.labels.clone(),
    };
    Ok(NewModel {
        project_id: run.project_id.clone(),
        name: model_name(&run.base_model, &run.name),
        kind: "classifier".to_owned(),
        base_model: run.base_model.clone(),
        run_id: Some(run.id.clone()),
        manifest: serde_json::to_value(manifest)
            .map_err(|e| Fault::internal(format!("a manifest cannot be written: {e}")))?,
    })
}

/// `ft:BASE:NAME:SUFFIX`, as OpenAI names tuned models.
fn model_name(base: &str, name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.chars().count() >= 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    let slug = if slug.is_empty() { "model" } else { slug };
    let random = id::new("x");
    let suffix = &random[random.len() - 8..];
    format!("ft:{base}:{slug}:{suffix}")
}

/// Notes that an attempt ended without a model: the run waits again, has failed, or is cancelled.
pub(crate) async fn without_result(
    tx: &Tx,
    project: &str,
    run: &str,
    job: &JobState,
    fault: &Fault,
) -> Result<(), Fault> {
    let state = run_state(job);
    let failed = state == RunState::Failed;
    let change = RunChange {
        state: Some(state.clone()),
        error: failed.then(|| row_error::to_row(fault)),
        ..RunChange::default()
    };
    tx.runs().update(project, run, &change).await?;
    let mut content = json!({ "state": state });
    if failed {
        content["error"] = json!(fault);
    }
    note(tx, project, run, "state", content).await
}

/// What a run or evaluation is when its job is in this state.
pub(crate) fn run_state(job: &JobState) -> RunState {
    match job {
        JobState::Queued => RunState::Queued,
        JobState::Cancelled => RunState::Cancelled,
        _ => RunState::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_names_are_callable() {
        let name = model_name("hanok-encoder", "Support  tickets / März!");
        assert!(
            name.starts_with("ft:hanok-encoder:support-tickets-märz:"),
            "{name}"
        );
        assert!(model_name("b", "///").starts_with("ft:b:model:"));
        assert_ne!(model_name("b", "x"), model_name("b", "x"));
    }
}
