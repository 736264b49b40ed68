//! A data set goes into the bin; its objects stay until the bin is emptied.

use hanok_domain::fault::Fault;
use hanok_domain::state::DatasetState;
use serde_json::json;

use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

impl Studio {
    /// Puts a data set into the bin, where it stays for seven days. One that is being imported is not
    /// taken from under its import.
    pub async fn delete_dataset(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let dataset = tx.datasets().get(project, id).await?;
                let dataset = dataset.ok_or_else(|| Fault::not_found("data set", id))?;
                if dataset.state == DatasetState::Importing {
                    return Err(Fault::conflict(
                        "still_importing",
                        "This data set is still being imported.",
                    )
                    .remedy("Delete it once the import has ended."));
                }
                tx.datasets().delete(project, id).await?;
                tx.notify(project, id);
                let deed = Deed::done("dataset.delete", "dataset", id)
                    .detail(json!({ "name": dataset.name }));
                record(&tx, caller, deed).await?;
                Ok(())
            })
            .await
    }
}
