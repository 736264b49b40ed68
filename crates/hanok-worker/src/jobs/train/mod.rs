//! `run.train`: a model is tuned on the rows that are not held out. What happens is told as events: a
//! metric now and then, an epoch's validation, a checkpoint, a line of the log for each decision.

mod classify;
mod head;
mod scratch;
mod sft;
mod teller;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::{TrainResult, TrainSpec};
use hanok_protocol::model::ModelKind;
use hanok_train::TrainError;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Stop;
use super::context::Context;

/// Runs the training.
pub fn run(context: &Context, spec: &TrainSpec) -> Result<TrainResult, Stop> {
    match (spec.base.kind, spec.base.files.is_empty()) {
        (ModelKind::Decoder, _) => sft::run(context, spec),
        (_, true) => head::run(context, spec),
        (_, false) => classify::run(context, spec),
    }
}

/// The settings of a method, from the hyper-parameters that differ from its defaults.
fn config<T: DeserializeOwned>(params: &Value, method: Option<&str>) -> Result<T, Fault> {
    let mut params = params.clone();
    if let (Some(method), Value::Object(params)) = (method, &mut params) {
        params.insert("method".to_owned(), json!(method));
    }
    serde_json::from_value(params)
        .map_err(|e| Fault::invalid("invalid_params", format!("The hyper-parameters: {e}.")))
}

/// How a training that could not end well is told.
fn stop(error: TrainError) -> Stop {
    match &error {
        TrainError::Stopped { .. } => Stop::Cancelled,
        // What stands in the way may be gone at the next attempt.
        TrainError::Checkpoint { .. } => {
            let kind = FaultKind::Internal;
            Stop::Failed(Fault::new(kind, error.code(), format!("{error}.")))
        }
        other => Stop::Failed(Fault::invalid(other.code(), format!("{other}."))),
    }
}
