//! Uploaded files, as the OpenAI surface has them: what fine-tuning and imports of models begin with.

use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_protocol::job::ObjectName;
use hanok_store::Tx;
use hanok_store::rows::files::{File, NewFile};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::datasets::Uploaded;
use crate::datasets::head::refuse_others;
use crate::models::files_of;
use crate::once::{earlier, remember};
use crate::studio::Studio;
use crate::time::seconds;
use crate::{Listed, PageRequest};

/// What a file may be for.
pub const PURPOSES: [&str; 5] = ["fine-tune", "batch", "evals", "user_data", "model"];

/// Those of them whose files are tables.
const TABLES: [&str; 3] = ["fine-tune", "batch", "evals"];

/// A file as surfaces show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileView {
    /// `file-…`.
    pub id: String,
    /// Always `file`.
    pub object: String,
    /// Its size.
    pub bytes: i64,
    /// Unix seconds.
    pub created_at: i64,
    /// Its own name.
    pub filename: String,
    /// What it is for.
    pub purpose: String,
    /// Always `processed`: a file is whole before it has a row.
    pub status: String,
}

impl Studio {
    /// Adds a file whose bytes are an object already.
    ///
    /// # Errors
    /// 422 on `purpose` for one that is not known, on `file` for an empty one.
    pub async fn create_file(
        &self,
        caller: &Caller,
        file: Uploaded,
        purpose: &str,
        once: Option<Once>,
    ) -> Result<FileView, Fault> {
        check_purpose(purpose)?;
        if file.object.size == 0 {
            return Err(Fault::invalid("empty_file", "The file is empty.").field("file"));
        }
        if TABLES.contains(&purpose) {
            refuse_others(&file)?;
        }
        let (file, once) = (&file, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                self.keep_upload(&tx, project, &file.object).await?;
                let new = NewFile {
                    project_id: project.clone(),
                    name: file.file_name.clone(),
                    purpose: purpose.to_owned(),
                    bytes: i64::try_from(file.object.size).unwrap_or(i64::MAX),
                    hash: file.object.hash.clone(),
                    created_by: caller.user_id.clone(),
                };
                let answer = view(tx.files().insert(&new).await?);
                let deed = Deed::done("file.create", "file", &answer.id).detail(
                    json!({ "name": answer.filename, "purpose": purpose, "bytes": answer.bytes }),
                );
                record(&tx, caller, deed).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    /// The project's files, of one purpose if one is given.
    pub async fn files(
        &self,
        caller: &Caller,
        purpose: Option<&str>,
        page: PageRequest,
    ) -> Result<Listed<FileView>, Fault> {
        let (project, rows) = (&caller.project_id, &page.rows());
        let found: Vec<File> = self
            .store()
            .read(|tx| async move { tx.files().list(project, purpose, rows).await })
            .await?;
        Ok(page.listed(found, |file| &file.id, view))
    }

    /// One file.
    pub async fn file(&self, caller: &Caller, id: &str) -> Result<FileView, Fault> {
        self.file_row(caller, id).await.map(view)
    }

    /// A file's name and its content, to be streamed; the reader checks it at the end.
    pub async fn file_content(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<(FileView, hanok_blobs::ObjectReader), Fault> {
        let row = self.file_row(caller, id).await?;
        let key = self.project_key(&caller.project_id).await?;
        let reader = self.objects().get(&key, &row.hash).await?;
        let name = &row.name;
        self.store()
            .write(|tx| async move {
                let deed = Deed::done("file.download", "file", id).detail(json!({ "name": name }));
                record(&tx, caller, deed).await
            })
            .await?;
        Ok((view(row), reader))
    }

    /// Puts a file into the bin.
    ///
    /// # Errors
    /// 409 while a fine-tuning job or a model's import reads it.
    pub async fn delete_file(&self, caller: &Caller, id: &str) -> Result<(), Fault> {
        let project = &caller.project_id;
        self.store()
            .write(|tx| async move {
                let row = tx.files().get(project, id).await?;
                let row = row.ok_or_else(|| Fault::not_found("file", id))?;
                if let Some(user) = user_of(&tx, &row).await? {
                    let text = format!("The file '{}' is in use: {user}.", row.name);
                    return Err(Fault::conflict("file_in_use", text)
                        .remedy("Delete it once that has ended."));
                }
                tx.files().delete(project, id).await?;
                let deed =
                    Deed::done("file.delete", "file", id).detail(json!({ "name": row.name }));
                Ok(record(&tx, caller, deed).await?)
            })
            .await
    }

    async fn file_row(&self, caller: &Caller, id: &str) -> Result<File, Fault> {
        let project = &caller.project_id;
        let row: Option<File> = self
            .store()
            .read(|tx| async move { tx.files().get(project, id).await })
            .await?;
        row.ok_or_else(|| Fault::not_found("file", id))
    }
}

/// Refuses a purpose that is not known, also of a filter.
pub fn check_purpose(purpose: &str) -> Result<(), Fault> {
    if PURPOSES.contains(&purpose) {
        return Ok(());
    }
    let text = format!("There is no purpose '{purpose}'.");
    Err(Fault::invalid("invalid_purpose", text)
        .field("purpose")
        .remedy(format!("Use {}.", PURPOSES.join(", "))))
}

/// What reads the file now.
async fn user_of(tx: &Tx, file: &File) -> Result<Option<String>, Fault> {
    let project = file.project_id.as_str();
    for job in tx.fine_tunes().validating(project).await? {
        if job.training_file == file.id || job.validation_file.as_ref() == Some(&file.id) {
            return Ok(Some(format!("fine-tuning job {} reads it", job.id)));
        }
    }
    let importing = tx
        .models()
        .in_state(project, &ModelState::Importing)
        .await?;
    for model in importing {
        if files_of(&model)?.iter().any(|f| f.object.hash == file.hash) {
            return Ok(Some(format!("the import of '{}' reads it", model.name)));
        }
    }
    Ok(None)
}

/// The object of a file.
pub(crate) fn object_of(file: &File) -> ObjectName {
    ObjectName {
        hash: file.hash.clone(),
        size: u64::try_from(file.bytes).unwrap_or(0),
    }
}

fn view(row: File) -> FileView {
    FileView {
        id: row.id,
        object: "file".to_owned(),
        bytes: row.bytes,
        created_at: seconds(row.created_at),
        filename: row.name,
        purpose: row.purpose,
        status: "processed".to_owned(),
    }
}
