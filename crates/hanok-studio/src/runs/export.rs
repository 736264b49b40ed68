//! The figures of a run leave the studio: that is told in the audit log.

use hanok_domain::fault::Fault;

use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// Notes that the caller takes the figures of a run of theirs.
    ///
    /// # Errors
    /// 404 for another's run; also where the log cannot be written.
    pub async fn note_run_export(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let run = tx.runs().get(project, id).await?;
                run.ok_or_else(|| Fault::not_found("run", id))?;
                Ok(record(&tx, caller, Deed::done("run.export", "run", id)).await?)
            })
            .await
    }
}
