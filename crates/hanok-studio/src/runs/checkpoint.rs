//! A checkpoint of a run: a model as it was after an epoch, which can be deployed like any other.

use hanok_domain::fault::Fault;
use hanok_protocol::model::{ModelFile, ModelFormat};
use hanok_store::Tx;
use serde::Deserialize;
use serde_json::{Value, json};

use super::finished::{Made, put_objects, spec_of};
use crate::studio::Studio;

/// Kind of the events that tell of one.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// What a worker tells of a checkpoint.
#[derive(Debug, Deserialize)]
struct Told {
    step: u64,
    format: ModelFormat,
    files: Vec<ModelFile>,
    #[serde(default)]
    labels: Vec<String>,
}

impl Studio {
    /// Turns what a worker told into a model's row; the event then names the model instead of its files.
    pub(crate) async fn checkpoint(
        &self,
        tx: &Tx,
        project: &str,
        run_id: &str,
        data: &Value,
    ) -> Result<Value, Fault> {
        let told: Told = serde_json::from_value(data.clone())
            .map_err(|e| Fault::invalid("invalid_checkpoint", format!("A checkpoint: {e}.")))?;
        let run = tx.runs().get(project, run_id).await?;
        let run = run.ok_or_else(|| Fault::not_found("run", run_id))?;
        let spec = spec_of(tx, &run).await?;
        put_objects(tx, project, &told.files).await?;
        let made = Made {
            format: told.format,
            files: &told.files,
            labels: &told.labels,
            parameters: None,
        };
        let new = self
            .new_model(tx, &run, &spec, &made, Some(told.step))
            .await?;
        // An attempt that follows a lost one comes to the same steps again; the name is taken then.
        if let Some(earlier) = tx.models().by_name(project, &new.name).await? {
            tx.models().delete(project, &earlier.id).await?;
        }
        let model = tx.models().insert(&new).await?;
        let mut shown = data.clone();
        if let Value::Object(shown) = &mut shown {
            shown.remove("files");
            shown.insert(
                "model".to_owned(),
                json!({ "id": model.id, "name": model.name }),
            );
        }
        Ok(shown)
    }
}
