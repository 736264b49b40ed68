//! From data sets to a run: when the last import of a job has ended, its run begins in the transaction that
//! ended the import, so nothing is lost between the two.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::state::DatasetState;
use hanok_protocol::job::Manifest;
use hanok_store::Tx;
use hanok_store::rows::fine_tunes::{FineTune, FineTuneEnd};
use serde_json::json;

use super::create::Asked;
use super::request::in_their_words;
use crate::models::{Base, find_base};
use crate::row_error;
use crate::runs::{Order, check_order, of_kind, ready_dataset};
use crate::studio::Studio;
use crate::workers::note;

/// Share held out when there is no file to validate on.
const HELD_OUT: f64 = 0.2;

impl Studio {
    /// An import has ended, with a fault if there is one: the jobs that waited for it go on.
    pub(crate) async fn dataset_ended(
        &self,
        tx: &Tx,
        project: &str,
        dataset: &str,
        fault: Option<&Fault>,
    ) -> Result<(), Fault> {
        for job in tx.fine_tunes().waiting_for(project, dataset).await? {
            let outcome = match fault {
                Some(fault) => Err(fault.clone()),
                None => self.go_on(tx, &job).await,
            };
            match outcome {
                Ok(()) => {}
                // A mistake of ours or a busy database: the import's end is tried again.
                Err(fault) if is_ours(&fault) => return Err(fault),
                Err(fault) => give_up(tx, &job, dataset, fault).await?,
            }
        }
        Ok(())
    }

    /// Begins the run of a job whose data sets are all there.
    async fn go_on(&self, tx: &Tx, job: &FineTune) -> Result<(), Fault> {
        let project = job.project_id.as_str();
        for dataset in [Some(&job.dataset_id), job.validation_dataset_id.as_ref()] {
            let Some(id) = dataset else { continue };
            let row = tx.datasets().get(project, id).await?;
            if row.is_some_and(|row| row.state == DatasetState::Importing) {
                return Ok(());
            }
        }
        let asked: Asked = serde_json::from_value(job.request.clone())
            .map_err(|e| Fault::internal(format!("job {} is damaged: {e}", job.id)))?;
        let base = find_base(self, tx, project, &job.model).await?;
        check_order(&base, &asked.method, &asked.params)?;
        let (version, manifest) = data_of(tx, project, &job.dataset_id, &base).await?;
        let validation = match &job.validation_dataset_id {
            Some(id) => Some(data_of(tx, project, id, &base).await?.1),
            None => None,
        };
        let order = Order {
            project,
            user: &job.created_by,
            name: asked.suffix.as_deref().unwrap_or("model"),
            base: &base,
            method: &asked.method,
            version: &version,
            manifest,
            held_out: if validation.is_some() { 0.0 } else { HELD_OUT },
            validation,
            params: &asked.params,
        };
        let run = self.begin_run(tx, order).await?;
        let end = FineTuneEnd::Started { run: run.id };
        tx.fine_tunes().end(project, &job.id, &end).await?;
        let content =
            json!({ "level": "info", "message": "Files validated, moving job to queued state" });
        note(tx, project, &job.id, "log", content).await
    }
}

async fn data_of(
    tx: &Tx,
    project: &str,
    id: &str,
    base: &Base,
) -> Result<(String, Manifest), Fault> {
    let (dataset, version) = ready_dataset(tx, project, id).await?;
    let manifest = of_kind(&dataset, &version, base.data_kind())?;
    Ok((version.id, manifest))
}

fn is_ours(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Internal
            | FaultKind::Overloaded
            | FaultKind::StorageFull
            | FaultKind::Upstream
            | FaultKind::UpstreamTimeout
    ) && fault.code != hanok_jobs::WORKER_LOST
        && fault.code != "job_panicked"
}

/// The job fails with what was wrong, on the file that it was wrong with.
async fn give_up(tx: &Tx, job: &FineTune, dataset: &str, fault: Fault) -> Result<(), Fault> {
    let mut fault = in_their_words(fault);
    let file = if job.validation_dataset_id.as_deref() == Some(dataset) {
        "validation_file"
    } else {
        "training_file"
    };
    fault.field = Some(file.to_owned());
    let content = json!({ "level": "error", "message": fault.to_string() });
    note(tx, &job.project_id, &job.id, "log", content).await?;
    let end = FineTuneEnd::Failed(row_error::to_row(&fault));
    tx.fine_tunes().end(&job.project_id, &job.id, &end).await?;
    Ok(())
}
