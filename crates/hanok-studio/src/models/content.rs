//! A model's files, to be read by people: in the layout in which other tools read them.

use hanok_blobs::{ObjectReader, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_protocol::model::ModelFile;
use serde_json::json;

use super::{files_of, find_model, must_be_ready};
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::studio::Studio;

/// What can be read of one model.
#[derive(Clone)]
pub struct ModelContent {
    /// The model's name.
    pub name: String,
    /// Its files.
    pub files: Vec<ModelFile>,
    studio: Studio,
    key: ProjectKey,
}

impl Studio {
    /// The files of a model that is whole.
    ///
    /// # Errors
    /// 409 while it is imported, or where its import failed; also where the audit log cannot be written, since
    /// who reads is told there. `file` is the one that is wanted, if not all are.
    pub async fn model_content(
        &self,
        caller: &Caller,
        id: &str,
        file: Option<&str>,
    ) -> Result<ModelContent, Fault> {
        let project = &caller.project_id;
        let model = self
            .store()
            .read(|tx| async move { find_model(&tx, project, id).await })
            .await?;
        must_be_ready(&model, "model")?;
        let files = files_of(&model)?;
        if files.is_empty() {
            let text = format!("The model '{}' has no files.", model.name);
            return Err(Fault::conflict("model_not_ready", text).field("model"));
        }
        let (of, name) = (&model.id, &model.name);
        self.store()
            .write(|tx| async move {
                let detail = json!({ "name": name, "file": file });
                let deed = Deed::done("model.download", "model", of).detail(detail);
                record(&tx, caller, deed).await
            })
            .await?;
        Ok(ModelContent {
            name: model.name,
            files,
            key: self.project_key(project).await?,
            studio: self.clone(),
        })
    }
}

impl ModelContent {
    /// Opens a file; the reader checks it at its end.
    pub async fn open(&self, file: &ModelFile) -> Result<ObjectReader, Fault> {
        let objects = self.studio.objects();
        Ok(objects.get(&self.key, &file.object.hash).await?)
    }
}
