//! A model is imported: uploaded files become a row and a job that looks at them, together.

use std::collections::BTreeSet;

use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_protocol::job::{JobSpec, ModelImportSpec, ObjectName};
use hanok_protocol::model::ModelFile;
use hanok_store::Tx;
use hanok_store::rows::models::{ModelChange, NewModel};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ModelView, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::once::{earlier, remember};
use crate::studio::Studio;
use crate::workers::note;

/// Files of one model at most.
const MAX_FILES: usize = 200;
/// Endings of files that run code when they are read.
const PICKLES: [&str; 6] = [".bin", ".pt", ".pth", ".pkl", ".ckpt", ".pickle"];

/// What a new model is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportModel {
    /// The name to call it by.
    pub name: String,
    /// The files of a Hugging Face directory.
    pub files: Vec<ImportFile>,
}

/// One file of a new model.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFile {
    /// Its path inside the directory.
    pub path: String,
    /// An uploaded file, `file-…`.
    pub file_id: String,
}

impl Studio {
    /// Makes a model of uploaded files and enqueues the look at them.
    ///
    /// # Errors
    /// 422 on the field at fault: a name that is taken, a path that leaves the directory, a file that is
    /// not there, a pickle, no weights.
    pub async fn import_model(
        &self,
        caller: &Caller,
        import: ImportModel,
        once: Option<Once>,
    ) -> Result<ModelView, Fault> {
        let (import, once) = (&import, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                self.check_name(&tx, project, &import.name).await?;
                check_paths(&import.files)?;
                let files = objects_of(&tx, project, &import.files).await?;
                let answer = view(self.enqueue_import(&tx, project, import, files).await?);
                let deed = Deed::done("model.import", "model", &answer.id)
                    .detail(json!({ "name": answer.name, "files": import.files.len() }));
                record(&tx, caller, deed).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    async fn enqueue_import(
        &self,
        tx: &Tx,
        project: &str,
        import: &ImportModel,
        files: Vec<ModelFile>,
    ) -> Result<hanok_store::rows::models::Model, Fault> {
        let new = NewModel {
            project_id: project.to_owned(),
            name: import.name.clone(),
            manifest: json!({}),
            state: ModelState::Importing,
            format: "hf".to_owned(),
            files: serde_json::to_value(&files)
                .map_err(|e| Fault::internal(format!("files cannot be written: {e}")))?,
            ..NewModel::default()
        };
        let model = tx.models().insert(&new).await?;
        let spec = JobSpec::ModelImport(ModelImportSpec {
            name: model.name.clone(),
            files,
        });
        let job = self.enqueue(tx, project, &model.id, &spec).await?;
        let change = ModelChange {
            job_id: Some(job.id),
            ..ModelChange::default()
        };
        let model = tx.models().update(project, &model.id, &change).await?;
        let content = json!({ "state": "importing" });
        note(tx, project, &model.id, "state", content).await?;
        Ok(model)
    }

    async fn check_name(&self, tx: &Tx, project: &str, name: &str) -> Result<(), Fault> {
        checked_name(name)?;
        if tx.models().by_name(project, name).await?.is_some() {
            return Err(Fault::conflict(
                "name_taken",
                format!("There is a model '{name}' already."),
            )
            .field("name")
            .remedy("Choose another name, or delete that model first."));
        }
        Ok(())
    }
}

/// A name that people give a model.
pub(super) fn checked_name(name: &str) -> Result<&str, Fault> {
    let fits = (1..=96).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && name.as_bytes()[0].is_ascii_alphanumeric();
    let own = name.starts_with("hanok-") || name.starts_with("model_");
    if !fits || own {
        return Err(invalid(
            "invalid_name",
            "A model's name has 1 to 96 letters, digits, '.', '_' and '-', begins with a letter or \
             digit, and not with 'hanok-' or 'model_'.",
            "name",
        ));
    }
    Ok(name)
}

fn invalid(code: &'static str, message: impl Into<String>, field: &str) -> Fault {
    Fault::invalid(code, message).field(field)
}

/// Refuses what cannot be a Hugging Face directory, before anything is made.
fn check_paths(files: &[ImportFile]) -> Result<(), Fault> {
    if files.is_empty() || files.len() > MAX_FILES {
        let text = format!("A model has 1 to {MAX_FILES} files.");
        return Err(invalid("invalid_files", text, "files"));
    }
    let mut seen = BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        let field = format!("files[{at}].path");
        if !ModelFile::is_valid_path(&file.path) {
            let text = format!("'{}' is no path inside a model's directory.", file.path);
            return Err(invalid("invalid_path", text, &field));
        }
        if !seen.insert(file.path.as_str()) {
            let text = format!("'{}' is named twice.", file.path);
            return Err(invalid("duplicate_path", text, &field));
        }
        if PICKLES.iter().any(|ending| file.path.ends_with(ending)) {
            let text = format!(
                "'{}' is a pickle, which can run code when it is read.",
                file.path
            );
            return Err(invalid("pickle_refused", text, &field).remedy(
                "Save the weights as safetensors (save_pretrained does) and leave it out.",
            ));
        }
    }
    if !seen.contains("config.json") {
        return Err(missing("config.json"));
    }
    if !seen.iter().any(|path| path.ends_with(".safetensors")) {
        return Err(missing("model.safetensors"));
    }
    Ok(())
}

fn missing(file: &str) -> Fault {
    invalid("missing_file", format!("The model has no {file}."), "files")
        .remedy("Upload every file of the model's directory.")
}

async fn objects_of(tx: &Tx, project: &str, files: &[ImportFile]) -> Result<Vec<ModelFile>, Fault> {
    let mut found = Vec::with_capacity(files.len());
    for (at, file) in files.iter().enumerate() {
        let row = tx.files().get(project, &file.file_id).await?;
        let row = row.ok_or_else(|| {
            let text = format!("There is no file '{}'.", file.file_id);
            invalid("unknown_file", text, &format!("files[{at}].file_id"))
        })?;
        found.push(ModelFile {
            path: file.path.clone(),
            object: ObjectName {
                hash: row.hash,
                size: u64::try_from(row.bytes).unwrap_or(0),
            },
        });
    }
    Ok(found)
}
