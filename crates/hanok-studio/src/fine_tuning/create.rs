//! A job is asked for: everything that can be refused is refused at once; then its files become data sets,
//! with their imports, in the same transaction as the job.

use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::files::File;
use hanok_store::rows::fine_tunes::{FineTune, NewFineTune};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::request::{self, Hyperparameters, Method};
use super::{FineTuneView, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::datasets::Uploaded;
use crate::files::object_of;
use crate::models::{Base, find_base};
use crate::once::{earlier, remember};
use crate::runs::check_order;
use crate::studio::Studio;
use crate::workers::note;

/// Longest suffix of a model's name, as OpenAI has it.
const MAX_SUFFIX: usize = 64;

/// What a new job needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateFineTune {
    /// What to tune: a starter model or an imported one.
    pub model: String,
    /// `file-…` with `messages` or `text,label` rows.
    pub training_file: String,
    /// `file-…` of the same kind.
    #[serde(default)]
    pub validation_file: Option<String>,
    /// Part of the model's name.
    #[serde(default)]
    pub suffix: Option<String>,
    /// Seed of every random choice.
    #[serde(default)]
    pub seed: Option<u64>,
    /// In OpenAI's words.
    #[serde(default)]
    pub hyperparameters: Option<Hyperparameters>,
    /// In OpenAI's newer words.
    #[serde(default)]
    pub method: Option<Method>,
    /// Kept with the job.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// In ours: `method` (`lora`, `full`, `head`) and every hyper-parameter.
    #[serde(default)]
    pub hanok: Map<String, Value>,
}

/// What the job's row keeps of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) params: Map<String, Value>,
    pub(super) suffix: Option<String>,
    pub(super) metadata: Option<Value>,
}

impl Asked {
    pub(super) fn shown(&self) -> Value {
        request::shown(&self.params)
    }

    pub(super) fn seed(&self) -> u64 {
        self.params
            .get("seed")
            .and_then(Value::as_u64)
            .unwrap_or(42)
    }
}

impl Studio {
    /// Starts a job.
    ///
    /// # Errors
    /// 422 in the words of the request: a model or file that is not there, a setting out of range.
    pub async fn create_fine_tune(
        &self,
        caller: &Caller,
        create: CreateFineTune,
        once: Option<Once>,
    ) -> Result<FineTuneView, Fault> {
        let (create, once) = (&create, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                let base = find_base(self, &tx, project, &create.model).await;
                let base = base.map_err(request::in_their_words)?;
                let asked = asked(create, &base)?;
                let job = self.add(&tx, caller, create, &base, &asked).await?;
                let deed = Deed::done("fine_tune.create", "fine_tune", &job.id)
                    .detail(json!({ "model": job.model, "training_file": job.training_file }));
                record(&tx, caller, deed).await?;
                let answer = view(&tx, job).await?;
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    async fn add(
        &self,
        tx: &Tx,
        caller: &Caller,
        create: &CreateFineTune,
        base: &Base,
        asked: &Asked,
    ) -> Result<FineTune, Fault> {
        let project = caller.project_id.as_str();
        let training = file(tx, project, "training_file", &create.training_file).await?;
        let validation = match &create.validation_file {
            Some(id) => Some(file(tx, project, "validation_file", id).await?),
            None => None,
        };
        let dataset_id = self.import_file(tx, caller, &training).await?;
        let validation_dataset_id = match &validation {
            Some(file) => Some(self.import_file(tx, caller, file).await?),
            None => None,
        };
        let new = NewFineTune {
            project_id: project.to_owned(),
            model: base.name().to_owned(),
            training_file: training.id,
            validation_file: validation.map(|file| file.id),
            dataset_id,
            validation_dataset_id,
            request: serde_json::to_value(asked)
                .map_err(|e| Fault::internal(format!("a request cannot be written: {e}")))?,
            created_by: caller.user_id.clone(),
        };
        let job = tx.fine_tunes().insert(&new).await?;
        for message in [
            format!("Created fine-tuning job: {}", job.id),
            format!("Validating training file: {}", job.training_file),
        ] {
            let content = json!({ "level": "info", "message": message });
            note(tx, project, &job.id, "log", content).await?;
        }
        Ok(job)
    }

    async fn import_file(&self, tx: &Tx, caller: &Caller, file: &File) -> Result<String, Fault> {
        let upload = Uploaded {
            file_name: file.name.clone(),
            object: object_of(file),
            // Looked at when it was uploaded.
            head: Vec::new(),
        };
        let dataset = self
            .add_dataset(tx, caller, &file.name, &upload, &json!({}))
            .await?;
        Ok(dataset.id)
    }
}

async fn file(tx: &Tx, project: &str, field: &str, id: &str) -> Result<File, Fault> {
    let file = tx.files().get(project, id).await?;
    let file = file.ok_or_else(|| {
        let text = format!("There is no file '{id}'.");
        Fault::invalid("unknown_file", text).field(field)
    })?;
    if file.purpose != "fine-tune" {
        let text = format!("The file '{id}' is for '{}'.", file.purpose);
        return Err(Fault::invalid("wrong_purpose", text)
            .field(field)
            .remedy("Upload it with the purpose 'fine-tune'."));
    }
    Ok(file)
}

/// The request in our words, checked against what it wants to tune.
fn asked(create: &CreateFineTune, base: &Base) -> Result<Asked, Fault> {
    let mut params = create.hanok.clone();
    let method = match params.remove("method") {
        None => base.methods()[0].to_owned(),
        Some(Value::String(method)) => method,
        Some(_) => {
            return Err(
                Fault::invalid("unsupported_method", "hanok.method is a word.")
                    .field("hanok.method"),
            );
        }
    };
    if let Some(hyperparameters) = &create.hyperparameters {
        hyperparameters.translate(&mut params);
    }
    if let Some(asked) = &create.method {
        request::check_method(asked)?;
        let settings = asked.supervised.as_ref();
        if let Some(hyperparameters) = settings.and_then(|s| s.hyperparameters.as_ref()) {
            hyperparameters.translate(&mut params);
        }
    }
    if let Some(seed) = create.seed {
        params.insert("seed".to_owned(), json!(seed));
    }
    check_order(base, &method, &params).map_err(request::in_their_words)?;
    let suffix = create.suffix.as_deref().map(str::trim).unwrap_or_default();
    if suffix.chars().count() > MAX_SUFFIX || suffix.chars().any(char::is_control) {
        let text = format!("A suffix has at most {MAX_SUFFIX} characters.");
        return Err(Fault::invalid("invalid_suffix", text).field("suffix"));
    }
    check_metadata(create.metadata.as_ref())?;
    Ok(Asked {
        method,
        params,
        suffix: (!suffix.is_empty()).then(|| suffix.to_owned()),
        metadata: create.metadata.clone(),
    })
}

/// Sixteen pairs of short texts, as OpenAI has it.
fn check_metadata(metadata: Option<&Value>) -> Result<(), Fault> {
    let fits = match metadata {
        None | Some(Value::Null) => true,
        Some(Value::Object(pairs)) => {
            pairs.len() <= 16
                && pairs.iter().all(|(key, value)| {
                    key.chars().count() <= 64
                        && value.as_str().is_some_and(|v| v.chars().count() <= 512)
                })
        }
        Some(_) => false,
    };
    if fits {
        return Ok(());
    }
    Err(Fault::invalid(
        "invalid_metadata",
        "metadata has at most 16 pairs: keys of up to 64 characters, texts of up to 512.",
    )
    .field("metadata"))
}
