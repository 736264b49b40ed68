//! A run begins: row and job together, whichever surface asked for it.

use hanok_domain::fault::Fault;
use hanok_protocol::job::{CheckpointOrders, JobSpec, Manifest, TrainSpec};
use hanok_store::Tx;
use hanok_store::rows::runs::{NewRun, Run, RunChange};
use serde_json::{Map, Value, json};

use super::params::{self, Table};
use crate::models::Base;
use crate::studio::Studio;
use crate::workers::note;

/// A run to begin.
pub(crate) struct Order<'a> {
    /// Whose it is.
    pub project: &'a str,
    /// Who asked.
    pub user: &'a str,
    /// As people see it.
    pub name: &'a str,
    /// What to tune.
    pub base: &'a Base,
    /// How.
    pub method: &'a str,
    /// `dsv_…` of the training data.
    pub version: &'a str,
    /// The training data.
    pub manifest: Manifest,
    /// Data to validate on.
    pub validation: Option<Manifest>,
    /// Share held out; 0 with data to validate on.
    pub held_out: f64,
    /// Hyper-parameters that differ from the defaults.
    pub params: &'a Map<String, Value>,
}

/// Refuses a method or hyper-parameters that the base cannot be tuned with. Faults name the fields
/// `method` and `params.…`.
pub(crate) fn check_order(
    base: &Base,
    method: &str,
    params: &Map<String, Value>,
) -> Result<(), Fault> {
    if !base.methods().contains(&method) {
        let text = format!("'{}' cannot be tuned by '{method}'.", base.name());
        return Err(Fault::invalid("unsupported_method", text)
            .field("method")
            .remedy(format!("Use {}.", base.methods().join(" or "))));
    }
    params::check(Table::of(base), params)
}

impl Studio {
    /// Adds the run and its job.
    pub(crate) async fn begin_run(&self, tx: &Tx, order: Order<'_>) -> Result<Run, Fault> {
        let mut shown = order.params.clone();
        shown.insert("held_out".to_owned(), json!(order.held_out));
        let new = NewRun {
            project_id: order.project.to_owned(),
            name: order.name.to_owned(),
            method: order.method.to_owned(),
            base_model: order.base.name().to_owned(),
            dataset_version_id: order.version.to_owned(),
            params: Value::Object(shown),
            created_by: order.user.to_owned(),
        };
        let run = tx.runs().insert(&new).await?;
        let (params, checkpoints) = split(order.params);
        let spec = JobSpec::Train(TrainSpec {
            base: order.base.reference(),
            method: order.method.to_owned(),
            manifest: order.manifest,
            validation: order.validation,
            held_out: order.held_out,
            params: Value::Object(params),
            checkpoints,
            most_tokens: None,
        });
        let job = self.enqueue(tx, order.project, &run.id, &spec).await?;
        let change = RunChange {
            job_id: Some(job.id),
            ..RunChange::default()
        };
        let run = tx.runs().update(order.project, &run.id, &change).await?;
        let content = json!({ "state": "queued" });
        note(tx, order.project, &run.id, "state", content).await?;
        Ok(run)
    }
}

/// What is said of checkpoints apart from what is said of the method.
fn split(params: &Map<String, Value>) -> (Map<String, Value>, CheckpointOrders) {
    let mut params = params.clone();
    let mut take = |name: &str| {
        let number = params.remove(name)?.as_f64()?;
        Some(number as usize)
    };
    let checkpoints = CheckpointOrders {
        steps: take("checkpoint_steps"),
        keep: take("keep_checkpoints"),
        from_zero: false,
    };
    (params, checkpoints)
}
