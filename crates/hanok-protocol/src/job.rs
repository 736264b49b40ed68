//! The jobs that run in a worker, and what they return.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ModelFacts, ModelFile, ModelFormat, ModelRef};

/// A project's objects: its id and the key that addresses them.
#[derive(Clone, Serialize, Deserialize)]
pub struct ProjectAccess {
    /// `proj_…`.
    pub id: String,
    /// 32 bytes as hex: objects are addressed by HMAC(key, content).
    pub object_key: String,
}

impl std::fmt::Debug for ProjectAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProjectAccess")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An object by address and length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectName {
    /// Hex address.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// What a worker is asked to do; `kind` names it in rows and logs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum JobSpec {
    /// Parse an uploaded file into chunks.
    #[serde(rename = "dataset.import")]
    Import(ImportSpec),
    /// Fine-tune a model.
    #[serde(rename = "run.train")]
    Train(TrainSpec),
    /// Evaluate base against tuned on held-out rows.
    #[serde(rename = "eval.run")]
    Eval(EvalSpec),
    /// Check the files of a model.
    #[serde(rename = "model.import")]
    ModelImport(ModelImportSpec),
}

impl JobSpec {
    /// Every kind that a job worker of this version can run.
    pub const KINDS: [&'static str; 4] =
        ["dataset.import", "run.train", "eval.run", "model.import"];

    /// The kind as it stands in rows.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Import(_) => Self::KINDS[0],
            Self::Train(_) => Self::KINDS[1],
            Self::Eval(_) => Self::KINDS[2],
            Self::ModelImport(_) => Self::KINDS[3],
        }
    }
}

/// Import of one uploaded file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportSpec {
    /// The file's own name: its ending helps to tell the format, and messages name it.
    pub file_name: String,
    /// The upload.
    pub source: ObjectName,
    /// What the person said of the file (`hanok_data::ImportOptions` as JSON).
    pub options: Value,
}

/// One immutable Parquet chunk of a data set version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRef {
    /// Where it is.
    pub object: ObjectName,
    /// Rows in it.
    pub rows: u64,
    /// Row number of its first row within the version, from 0.
    pub offset: u64,
}

/// A data set version: what it consists of. The database holds this and statistics, never rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `classification` or `messages`.
    pub kind: String,
    /// Columns in the chunks.
    pub columns: Vec<String>,
    /// Classes, sorted; empty for `messages`.
    pub labels: Vec<String>,
    /// In row order.
    pub chunks: Vec<ChunkRef>,
    /// Rows in all.
    pub rows: u64,
}

/// What an import made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportResult {
    /// The version's content.
    pub manifest: Manifest,
    /// Statistics, rejected rows, notices and what was detected (`hanok_data::Imported` as JSON).
    pub statistics: Value,
}

/// Import of a model: its files are checked, nothing is changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelImportSpec {
    /// Its name, for messages.
    pub name: String,
    /// Its files.
    pub files: Vec<ModelFile>,
}

/// What a look at a model's files told. Not the facts themselves: they have a `kind` of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelImportResult {
    /// What the files are.
    pub facts: ModelFacts,
}

/// Fine-tuning.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainSpec {
    /// What to tune.
    pub base: ModelRef,
    /// `head`, `lora` or `full`.
    pub method: String,
    /// Training data: `messages` for a decoder, `text,label` for an encoder.
    pub manifest: Manifest,
    /// Data to validate on; without it rows are held out.
    #[serde(default)]
    pub validation: Option<Manifest>,
    /// Share of rows kept out of training, by hash of the text; 0 with data to validate on.
    pub held_out: f64,
    /// Hyper-parameters that differ from the defaults (`HeadConfig`, `SftConfig` or `ClassifyConfig`
    /// of `hanok_train` as JSON), and `learning_rate_multiplier` beside them.
    pub params: Value,
    /// What is said of checkpoints.
    #[serde(default)]
    pub checkpoints: CheckpointOrders,
    /// Tokens that are read at once, where memory did not suffice for the usual number.
    #[serde(default)]
    pub most_tokens: Option<usize>,
}

/// What may be said of the checkpoints of a run; unset: the worker's defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointOrders {
    /// Most steps without one.
    #[serde(default)]
    pub steps: Option<usize>,
    /// How many stay.
    #[serde(default)]
    pub keep: Option<usize>,
    /// Begin again although all there were are broken.
    #[serde(default)]
    pub from_zero: bool,
}

/// What a training run made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainResult {
    /// How it is stored.
    pub format: ModelFormat,
    /// What was trained: one file for a head, a directory otherwise.
    pub files: Vec<ModelFile>,
    /// Classes in the order of the head's rows; empty for a decoder.
    pub labels: Vec<String>,
    /// Weights in the whole model, where it is known.
    #[serde(default)]
    pub parameters: Option<u64>,
    /// Tokens trained on, counted each time.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// Final figures: loss, validation accuracy, seconds, rows per second.
    pub metrics: Value,
}

/// Evaluation of base against tuned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvalSpec {
    /// The tuned model.
    pub model: ModelRef,
    /// What it is compared with.
    pub base: ModelRef,
    /// Data to take held-out rows from.
    pub manifest: Manifest,
    /// Share held out; the same as in training, so that no row was trained on.
    pub held_out: f64,
    /// Evaluate on every row: only for data that the model was not trained on.
    pub all_rows: bool,
}

/// What an evaluation found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvalResult {
    /// Base, tuned, delta, floor, per class, samples won and lost.
    pub report: Value,
}

/// What a job returns.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum JobResult {
    /// Of [`JobSpec::Import`].
    #[serde(rename = "dataset.import")]
    Import(ImportResult),
    /// Of [`JobSpec::Train`].
    #[serde(rename = "run.train")]
    Train(TrainResult),
    /// Of [`JobSpec::Eval`].
    #[serde(rename = "eval.run")]
    Eval(EvalResult),
    /// Of [`JobSpec::ModelImport`].
    #[serde(rename = "model.import")]
    ModelImport(ModelImportResult),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ModelKind;

    #[test]
    fn every_result_comes_back_from_its_message() {
        let manifest = Manifest {
            kind: "messages".into(),
            columns: Vec::new(),
            labels: Vec::new(),
            chunks: Vec::new(),
            rows: 0,
        };
        let facts = ModelFacts {
            kind: ModelKind::Decoder,
            architecture: "llama".into(),
            parameters: 1,
            context_length: 1,
            hidden_size: 1,
            layers: 1,
            vocab_size: 1,
            has_chat_template: false,
            labels: Vec::new(),
        };
        let results = [
            JobResult::Import(ImportResult {
                manifest,
                statistics: json!({}),
            }),
            JobResult::Train(TrainResult {
                format: ModelFormat::Peft,
                files: Vec::new(),
                labels: Vec::new(),
                parameters: None,
                tokens: None,
                metrics: json!({}),
            }),
            JobResult::Eval(EvalResult { report: json!({}) }),
            JobResult::ModelImport(ModelImportResult { facts }),
        ];
        for result in results {
            let text = serde_json::to_string(&result).unwrap();
            let back: JobResult = serde_json::from_str(&text).expect(&text);
            assert_eq!(serde_json::to_string(&back).unwrap(), text);
        }
    }
}
