//! Rows that wait for a job which is over or was never there: nothing will ever end them. They become
//! failed, so that a person can start them again or delete them.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::state::JobState;
use hanok_store::Tx;

use super::Report;
use super::snapshot::Snapshot;
use super::states::{States, Stranded};
use crate::studio::Studio;
use crate::{datasets, evals, models, runs};

impl Studio {
    /// Ends what waits for nothing; the project's rows as they are then.
    pub(super) async fn mend_stranded(
        &self,
        project: &str,
        snapshot: Snapshot,
        report: &mut Report,
    ) -> Result<Snapshot, Fault> {
        let stranded = &States::of(&snapshot, std::time::Duration::ZERO).stranded();
        if stranded.is_empty() {
            return Ok(snapshot);
        }
        let mended = self
            .store()
            .write(|tx| async move {
                for one in stranded {
                    fail(&tx, project, one).await?;
                }
                Snapshot::read(&tx, project).await
            })
            .await?;
        for Stranded { what, id } in stranded {
            let text = format!("The {what} waited for a job that is over; it is failed now.");
            report.mended("state_disagrees", id, text);
        }
        Ok(mended)
    }
}

async fn fail(tx: &Tx, project: &str, Stranded { what, id }: &Stranded) -> Result<(), Fault> {
    let text = "Its job was lost; the check of the installation found it waiting.";
    let fault = &Fault::new(FaultKind::Internal, "job_lost", text).remedy("Start it again.");
    match *what {
        "data set" => datasets::failed(tx, project, id, fault).await,
        "model" => models::failed(tx, project, id, fault).await,
        "run" => runs::without_result(tx, project, id, &JobState::Failed, fault).await,
        _ => evals::without_result(tx, project, id, &JobState::Failed, fault).await,
    }
}
