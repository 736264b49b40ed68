//! Deployments listed, looked at, taken away.

use hanok_domain::fault::Fault;
use serde_json::json;

use super::{DeploymentView, view};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's deployments, newest first.
    pub async fn deployments(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<DeploymentView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found = self
            .store()
            .read(|tx| async move {
                let mut found = Vec::new();
                for deployment in tx.deployments().list(project, rows).await? {
                    found.push(view(&tx, deployment).await?);
                }
                Ok::<_, Fault>(found)
            })
            .await?;
        Ok(page.listed(found, |d| &d.id, |d| d))
    }

    /// One deployment.
    pub async fn deployment(&self, caller: &Caller, id: &str) -> Result<DeploymentView, Fault> {
        let project = &caller.project_id;
        self.store()
            .read(|tx| async move {
                let row = tx.deployments().get(project, id).await?;
                let row = row.ok_or_else(|| Fault::not_found("deployment", id))?;
                view(&tx, row).await
            })
            .await
    }

    /// Takes a deployment away: the next request for its model is refused.
    pub async fn undeploy(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let row = tx.deployments().get(project, id).await?;
                let row = row.ok_or_else(|| Fault::not_found("deployment", id))?;
                tx.deployments().delete(project, id).await?;
                tx.notify(project, id);
                let deed = Deed::done("deployment.stop", "deployment", id)
                    .detail(json!({ "name": row.name }));
                record(&tx, caller, deed).await?;
                Ok(())
            })
            .await
    }
}
