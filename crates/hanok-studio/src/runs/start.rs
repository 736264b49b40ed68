//! A run is started: checked against its data set, then row and job together.

use hanok_domain::fault::Fault;
use hanok_domain::state::DatasetState;
use hanok_protocol::job::Manifest;
use hanok_store::Tx;
use hanok_store::rows::datasets::{Dataset, DatasetVersion};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Order, RunView, check_order, params, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::datasets::manifest_of;
use crate::models::{Base, STARTER_DECODER, STARTER_ENCODER, find_base};
use crate::once::{earlier, remember};
use crate::studio::Studio;

/// What a new run needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// `ds_…`.
    pub dataset: String,
    /// As people see it; the data set's name by default. Part of the model's name.
    #[serde(default)]
    pub name: Option<String>,
    /// What to tune; by default the starter model for the kind of data.
    #[serde(default)]
    pub base_model: String,
    /// How: `head`, `lora` or `full`; by default the usual way for the base.
    #[serde(default)]
    pub method: String,
    /// `ds_…` of the same kind to validate and evaluate on; nothing is held out then.
    #[serde(default)]
    pub validation: Option<String>,
    /// Share of rows held out for evaluation, by hash of the text.
    #[serde(default = "held_out")]
    pub held_out: f64,
    /// Hyper-parameters that differ from the defaults.
    #[serde(default)]
    pub params: Map<String, Value>,
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
                let answer = self.start_checked(&tx, caller, start).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    /// What is tuned and on what. What is wrong with the request is told before what is wrong with the
    /// data.
    async fn base_and_data(
        &self,
        tx: &Tx,
        project: &str,
        start: &StartRun,
    ) -> Result<(Base, Dataset, DatasetVersion), Fault> {
        let base = match start.base_model.as_str() {
            "" => None,
            name => Some(find_base(self, tx, project, name).await?),
        };
        match &base {
            Some(base) => check_order(base, method_of(base, start), &start.params)?,
            None => params::check_any(&start.params)?,
        }
        let (dataset, version) = ready_dataset(tx, project, &start.dataset).await?;
        let base = match (base, dataset.kind.as_str()) {
            (Some(base), _) => base,
            (None, "messages") => find_base(self, tx, project, STARTER_DECODER).await?,
            (None, _) => find_base(self, tx, project, STARTER_ENCODER).await?,
        };
        Ok((base, dataset, version))
    }

    async fn start_checked(
        &self,
        tx: &Tx,
        caller: &Caller,
        start: &StartRun,
    ) -> Result<RunView, Fault> {
        let project = caller.project_id.as_str();
        let (base, dataset, version) = self.base_and_data(tx, project, start).await?;
        let method = method_of(&base, start);
        check_order(&base, method, &start.params)?;
        let validation = validation_of(tx, project, start, base.data_kind()).await?;
        let held_out = validation.as_ref().map_or(start.held_out, |_| 0.0);
        let name = start.name.as_deref().map(str::trim);
        let order = Order {
            project,
            user: &caller.user_id,
            name: name.filter(|n| !n.is_empty()).unwrap_or(&dataset.name),
            base: &base,
            method,
            version: &version.id,
            manifest: of_kind(&dataset, &version, base.data_kind())?,
            held_out,
            validation,
            params: &start.params,
        };
        let run = self.begin_run(tx, order).await?;
        let detail =
            json!({ "name": run.name, "base_model": run.base_model, "method": run.method });
        let deed = Deed::done("run.start", "run", &run.id).detail(detail);
        record(tx, caller, deed).await?;
        view(tx, run).await
    }
}

/// The rows to validate on, if any; what is wrong with them is told of the field that named them.
async fn validation_of(
    tx: &Tx,
    project: &str,
    start: &StartRun,
    kind: &str,
) -> Result<Option<Manifest>, Fault> {
    let Some(id) = &start.validation else {
        return Ok(None);
    };
    let found = match ready_dataset(tx, project, id).await {
        Ok((dataset, version)) => of_kind(&dataset, &version, kind),
        Err(fault) => Err(fault),
    };
    found
        .map(Some)
        .map_err(|fault| match fault.field.as_deref() {
            Some("dataset") => fault.field("validation"),
            _ => fault,
        })
}

/// The way asked for, or the usual one.
fn method_of<'a>(base: &Base, start: &'a StartRun) -> &'a str {
    match start.method.as_str() {
        "" => base.methods()[0],
        given => given,
    }
}

fn check(start: &StartRun) -> Result<(), Fault> {
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
    Ok(())
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

/// The manifest of a version whose rows are of this kind.
pub(crate) fn of_kind(
    dataset: &Dataset,
    version: &DatasetVersion,
    kind: &str,
) -> Result<Manifest, Fault> {
    if dataset.kind == kind {
        return manifest_of(version);
    }
    let (wanted, remedy) = if kind == "messages" {
        (
            "a language model is tuned on messages",
            "Import a JSONL file with a 'messages' list in each row.",
        )
    } else {
        (
            "a classifier is tuned on text,label rows",
            "Import a file with a text and a label column.",
        )
    };
    let text = format!("'{}' holds {}; {wanted}.", dataset.name, dataset.kind);
    Err(Fault::invalid("wrong_dataset_kind", text)
        .field("dataset")
        .remedy(remedy))
}
