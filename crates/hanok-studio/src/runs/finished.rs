//! The end of a run: a model and its evaluation, or the reason why there is none.

use hanok_domain::fault::Fault;
use hanok_domain::state::{JobState, RunState};
use hanok_protocol::job::{EvalSpec, JobSpec, TrainResult, TrainSpec};
use hanok_protocol::model::{ModelFile, ModelFormat, ModelKind};
use hanok_store::Tx;
use hanok_store::rows::deployments::NewDeployment;
use hanok_store::rows::evals::{EvalChange, NewEval};
use hanok_store::rows::models::{Model, NewModel};
use hanok_store::rows::runs::{Run, RunChange};
use serde_json::{Value, json};

use super::names::{head_name, model_name};
use crate::models::{Base, ModelManifest, find_base, model_ref};
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
        let spec = spec_of(tx, &run).await?;
        put_objects(tx, project, &result.files).await?;
        let made = Made {
            format: result.format,
            files: &result.files,
            labels: &result.labels,
            parameters: result.parameters.and_then(|n| i64::try_from(n).ok()),
        };
        let new = self.new_model(tx, &run, &spec, &made, None).await?;
        let model = tx.models().insert(&new).await?;
        let mut metrics = result.metrics.clone();
        if let (Some(tokens), Value::Object(metrics)) = (result.tokens, &mut metrics) {
            metrics.insert("trained_tokens".to_owned(), json!(tokens));
        }
        let change = RunChange {
            state: Some(RunState::Succeeded),
            model_id: Some(model.id.clone()),
            metrics: Some(metrics),
            ..RunChange::default()
        };
        tx.runs().update(project, run_id, &change).await?;
        let eval_id = self.enqueue_eval(tx, &run, &model, spec).await?;
        deploy_if_asked(tx, &run, &model).await?;
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
        spec: TrainSpec,
    ) -> Result<String, Fault> {
        let project = run.project_id.as_str();
        let new = NewEval {
            project_id: project.to_owned(),
            run_id: Some(run.id.clone()),
            model_id: model.id.clone(),
            base_model: run.base_model.clone(),
            dataset_version_id: run.dataset_version_id.clone(),
        };
        let eval = tx.evals().insert(&new).await?;
        let spec = JobSpec::Eval(EvalSpec {
            model: model_ref(tx, model).await?,
            base: spec.base,
            all_rows: spec.validation.is_some(),
            manifest: spec.validation.unwrap_or(spec.manifest),
            // The share that the run itself held out: evaluation must hold out the same rows.
            held_out: spec.held_out,
        });
        let job = self.enqueue(tx, project, &eval.id, &spec).await?;
        let change = EvalChange {
            job_id: Some(job.id),
            ..EvalChange::default()
        };
        tx.evals().update(project, &eval.id, &change).await?;
        Ok(eval.id)
    }

    /// The row of what a run made; `step` names a checkpoint.
    pub(super) async fn new_model(
        &self,
        tx: &Tx,
        run: &Run,
        spec: &TrainSpec,
        made: &Made<'_>,
        step: Option<u64>,
    ) -> Result<NewModel, Fault> {
        let project = tx.projects().get(&run.project_id).await?;
        let project = project.map(|project| project.name).unwrap_or_default();
        let base = find_base(self, tx, &run.project_id, &spec.base.id).await?;
        let head = (made.format == ModelFormat::Head)
            .then(|| made.files.first().map(|file| file.object.clone()))
            .flatten();
        let name = match (step, &head) {
            (None, Some(_)) => head_name(&run.base_model, &run.name),
            (None, None) => model_name(&run.base_model, &project, &run.name, &run.id),
            (Some(step), _) => {
                let name = model_name(&run.base_model, &project, &run.name, &run.id);
                format!("{name}:ckpt-step-{step}")
            }
        };
        let manifest = ModelManifest {
            head,
            labels: made.labels.to_vec(),
            ..base.manifest()
        };
        let unwritable = |e| Fault::internal(format!("a manifest cannot be written: {e}"));
        Ok(NewModel {
            project_id: run.project_id.clone(),
            name,
            kind: kind_of(&base).as_str().to_owned(),
            base_model: run.base_model.clone(),
            base: base.id().map(str::to_owned),
            run_id: Some(run.id.clone()),
            manifest: serde_json::to_value(manifest).map_err(unwritable)?,
            format: made.format.as_str().to_owned(),
            architecture: base.architecture(),
            files: serde_json::to_value(made.files).map_err(unwritable)?,
            parameters: made.parameters.or(base.parameters()),
            context_length: base.context_length(),
            ..NewModel::default()
        })
    }
}

/// What a run or a checkpoint made.
pub(super) struct Made<'a> {
    pub(super) format: ModelFormat,
    pub(super) files: &'a [ModelFile],
    pub(super) labels: &'a [String],
    pub(super) parameters: Option<i64>,
}

/// What a tuned encoder does is to classify.
fn kind_of(base: &Base) -> ModelKind {
    match base.kind() {
        ModelKind::Decoder => ModelKind::Decoder,
        ModelKind::Encoder | ModelKind::Classifier => ModelKind::Classifier,
    }
}

/// Notes that the project has these objects.
pub(super) async fn put_objects(tx: &Tx, project: &str, files: &[ModelFile]) -> Result<(), Fault> {
    for file in files {
        let size = i64::try_from(file.object.size).unwrap_or(i64::MAX);
        tx.objects().put(project, &file.object.hash, size).await?;
    }
    Ok(())
}

/// A job of the OpenAI surface leads to a model that answers at once: that surface has no deployments.
async fn deploy_if_asked(tx: &Tx, run: &Run, model: &Model) -> Result<(), Fault> {
    let project = run.project_id.as_str();
    if tx.fine_tunes().of_run(project, &run.id).await?.is_none() {
        return Ok(());
    }
    let new = NewDeployment {
        project_id: project.to_owned(),
        model_id: model.id.clone(),
        name: model.name.clone(),
    };
    tx.deployments().insert(&new).await?;
    Ok(())
}

/// What the run's job was told.
pub(super) async fn spec_of(tx: &Tx, run: &Run) -> Result<TrainSpec, Fault> {
    let job = match &run.job_id {
        Some(job) => tx.jobs().by_id(job).await?,
        None => None,
    };
    let spec = job.and_then(|job| serde_json::from_value::<JobSpec>(job.payload).ok());
    match spec {
        Some(JobSpec::Train(spec)) => Ok(spec),
        _ => Err(Fault::internal(format!("run {} has no job", run.id))),
    }
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
