//! An evaluation is asked for: any tuned model on any data set of the kind that it was tuned on.

use hanok_domain::fault::Fault;
use hanok_protocol::job::{EvalSpec, JobSpec, Manifest};
use hanok_store::Tx;
use hanok_store::rows::datasets::DatasetVersion;
use hanok_store::rows::evals::{Eval, EvalChange, NewEval};
use hanok_store::rows::models::Model;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{EvalView, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::models::{find_base, find_model, model_ref};
use crate::once::{earlier, remember};
use crate::runs::{of_kind, ready_dataset};
use crate::studio::Studio;
use crate::workers::note;

/// What a new evaluation needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartEval {
    /// Id or name of a tuned model.
    pub model: String,
    /// `ds_…`.
    pub dataset: String,
    /// Share held out by hash; use the share of training for data that was trained on.
    #[serde(default = "held_out")]
    pub held_out: f64,
    /// Evaluate on every row: for data that was not trained on.
    #[serde(default)]
    pub all_rows: bool,
}

fn held_out() -> f64 {
    0.2
}

impl Studio {
    /// Starts an evaluation.
    pub async fn start_eval(
        &self,
        caller: &Caller,
        start: StartEval,
        once: Option<Once>,
    ) -> Result<EvalView, Fault> {
        if !(start.held_out > 0.0 && start.held_out < 1.0) {
            let text = "held_out is a share between 0 and 1.";
            return Err(Fault::invalid("invalid_held_out", text).field("held_out"));
        }
        let (start, once) = (&start, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                let model = find_model(&tx, project, &start.model).await?;
                let (dataset, version) = ready_dataset(&tx, project, &start.dataset).await?;
                let kind = if model.kind == "decoder" {
                    "messages"
                } else {
                    "classification"
                };
                let manifest = of_kind(&dataset, &version, kind)?;
                let eval = self
                    .enqueue_asked(&tx, start, &model, version, manifest)
                    .await?;
                note(
                    &tx,
                    project,
                    &eval.id,
                    "state",
                    json!({ "state": "queued" }),
                )
                .await?;
                let deed = Deed::done("eval.start", "eval", &eval.id)
                    .detail(json!({ "model": model.id, "dataset": dataset.id }));
                record(&tx, caller, deed).await?;
                let answer = view(&tx, eval).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    async fn enqueue_asked(
        &self,
        tx: &Tx,
        start: &StartEval,
        model: &Model,
        version: DatasetVersion,
        manifest: Manifest,
    ) -> Result<Eval, Fault> {
        let project = model.project_id.as_str();
        if model.run_id.is_none() {
            let text = format!(
                "'{}' was not tuned: there is nothing to compare.",
                model.name
            );
            return Err(Fault::invalid("not_tuned", text).field("model"));
        }
        let base = model.base.as_deref().unwrap_or(&model.base_model);
        let base = find_base(self, tx, project, base).await?;
        let new = NewEval {
            project_id: project.to_owned(),
            run_id: None,
            model_id: model.id.clone(),
            base_model: model.base_model.clone(),
            dataset_version_id: version.id,
        };
        let eval = tx.evals().insert(&new).await?;
        let spec = JobSpec::Eval(EvalSpec {
            model: model_ref(tx, model).await?,
            base: base.reference(),
            manifest,
            held_out: start.held_out,
            all_rows: start.all_rows,
        });
        let job = self.enqueue(tx, project, &eval.id, &spec).await?;
        let change = EvalChange {
            job_id: Some(job.id),
            ..EvalChange::default()
        };
        Ok(tx.evals().update(project, &eval.id, &change).await?)
    }
}
