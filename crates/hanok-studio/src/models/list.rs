//! Models listed and looked at.

use hanok_domain::fault::Fault;
use hanok_store::rows::models::Model;

use super::{ModelView, find_model, view};
use crate::access::Caller;
use crate::studio::Studio;
use crate::{Listed, PageRequest};

impl Studio {
    /// The project's models, newest first.
    pub async fn models(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<Listed<ModelView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found: Vec<Model> = self
            .store()
            .read(|tx| async move { tx.models().list(project, rows).await })
            .await?;
        Ok(page.listed(found, |model| &model.id, view))
    }

    /// One model, by id or name.
    pub async fn model(&self, caller: &Caller, id: &str) -> Result<ModelView, Fault> {
        let project = &caller.project_id;
        let model = self
            .store()
            .read(|tx| async move { find_model(&tx, project, id).await })
            .await?;
        Ok(view(model))
    }
}
