//! A run is started: checked against its data set, then row and job together.

use hanok_domain::fault::Fault;
use hanok_domain::state::DatasetState;
use hanok_protocol::job::{JobSpec, Manifest, TrainSpec};
use hanok_store::Tx;
use hanok_store::rows::datasets::{Dataset, DatasetVersion};
use hanok_store::rows::runs::{NewRun, RunChange};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{RunView, params, view};
use crate::Once;
use crate::access::Caller;
use crate::datasets::manifest_of;
use crate::models::STARTER_ENCODER;
use crate::once::{earlier, remember};
use crate::studio::Studio;
use crate::workers::note;

/// What a new run needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// `ds_…`.
    pub dataset: String,
    /// As people see it; the data set's name by default. Part of the model's name.
    #[serde(default)]
    pub name: Option<String>,
    /// What to tune.
    #[serde(default = "starter")]
    pub base_model: String,
    /// How: `head`.
    #[serde(default = "head")]
    pub method: String,
    /// Share of rows held out for evaluation, by hash of the text.
    #[serde(default = "held_out")]
    pub held_out: f64,
    /// Hyper-parameters that differ from the defaults.
    #[serde(default)]
    pub params: Map<String, Value>,
}

fn starter() -> String {
    STARTER_ENCODER.to_owned()
}

fn head() -> String {
    "head".to_owned()
}

fn held_out() -> f64 {
    0.2
}

impl Studio {
    /// Starts a run.
    ///
    /// # Errors
    /// 422 with the field when the data set is not ready, is of another kind, or a setting is out of range.
    pub async fn start_run(
        &self,
        caller: &Caller,
        start: StartRun,
        once: Option<Once>,
    ) -> Result<RunView, Fault> {
        check(&start)?;
        let (start, once) = (&start, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                let (dataset, version) = ready_dataset(&tx, project, &start.dataset).await?;
                let manifest = classification(&dataset, &version)?;
                let new = new_run(caller, start, &dataset, &version);
                let run = tx.runs().insert(&new).await?;
                let spec = JobSpec::Train(TrainSpec {
                    base_model: start.base_model.clone(),
                    manifest,
                    held_out: start.held_out,
                    params: Value::Object(start.params.clone()),
                });
                let job = self.enqueue(&tx, project, &run.id, &spec).await?;
                let change = RunChange {
                    job_id: Some(job.id),
                    ..RunChange::default()
                };
                let run = tx.runs().update(project, &run.id, &change).await?;
                note(&tx, project, &run.id, "state", json!({ "state": "queued" })).await?;
                let answer = view(&tx, run).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }
}

fn check(start: &StartRun) -> Result<(), Fault> {
    if start.base_model != STARTER_ENCODER {
        return Err(Fault::invalid(
            "unknown_base_model",
            format!("There is no base model '{}'.", start.base_model),
        )
        .field("base_model")
        .remedy(format!("Use '{STARTER_ENCODER}'.")));
    }
    if start.method != "head" {
        return Err(Fault::invalid(
            "unsupported_method",
            format!(
                "'{}' cannot be tuned by '{}'.",
                start.base_model, start.method
            ),
        )
        .field("method")
        .remedy("Use 'head'."));
    }
    if !(start.held_out >= 0.05 && start.held_out <= 0.5) {
        return Err(Fault::invalid(
            "invalid_held_out",
            "held_out is a share between 0.05 and 0.5.",
        )
        .field("held_out"));
    }
    if start.name.as_ref().is_some_and(|n| n.chars().count() > 120) {
        return Err(
            Fault::invalid("invalid_name", "A name has at most 120 characters.").field("name"),
        );
    }
    params::check(&start.params)
}

/// A data set that can be used, with its newest version.
pub(crate) async fn ready_dataset(
    tx: &Tx,
    project: &str,
    id: &str,
) -> Result<(Dataset, DatasetVersion), Fault> {
    let dataset = tx.datasets().get(project, id).await?;
    let dataset = dataset.ok_or_else(|| {
        Fault::invalid("unknown_dataset", format!("There is no data set '{id}'.")).field("dataset")
    })?;
    if dataset.state != DatasetState::Ready {
        return Err(Fault::invalid(
            "dataset_not_ready",
            format!("The data set is {}.", dataset.state.as_str()),
        )
        .field("dataset")
        .remedy("Wait for its import to end, or import the file again."));
    }
    let version = tx.datasets().latest_version(project, id).await?;
    let version = version
        .ok_or_else(|| Fault::internal(format!("data set {id} is ready without a version")))?;
    Ok((dataset, version))
}

/// The manifest of a `text,label` version.
pub(crate) fn classification(
    dataset: &Dataset,
    version: &DatasetVersion,
) -> Result<Manifest, Fault> {
    if dataset.kind != "classification" {
        return Err(Fault::invalid(
            "wrong_dataset_kind",
            format!(
                "'{}' holds {}; a head is tuned on text,label rows.",
                dataset.name, dataset.kind
            ),
        )
        .field("dataset")
        .remedy("Import a file with a text and a label column."));
    }
    manifest_of(version)
}

fn new_run(
    caller: &Caller,
    start: &StartRun,
    dataset: &Dataset,
    version: &DatasetVersion,
) -> NewRun {
    let name = start
        .name
        .as_deref()
        .map(str::trim)
        .filter(|n| !n.is_empty());
    let mut params = start.params.clone();
    params.insert("held_out".to_owned(), json!(start.held_out));
    NewRun {
        project_id: caller.project_id.clone(),
        name: name.unwrap_or(&dataset.name).to_owned(),
        method: start.method.clone(),
        base_model: start.base_model.clone(),
        dataset_version_id: version.id.clone(),
        params: Value::Object(params),
        created_by: caller.user_id.clone(),
    }
}
