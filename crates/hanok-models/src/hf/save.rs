//! Writing a model's directory: tensors one by one, and the files that go with them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::bert_config::BertConfig;
use super::floats::FloatType;
use super::folder::Folder;
use super::{CONFIG, bert_stored_name};
use crate::ModelError;

const MAX_FILE: u64 = 128 << 20;
/// Numbers converted at a time.
const CHUNK: usize = 1 << 18;
/// What belongs to a model besides its config and its weights.
const COMPANIONS: [&str; 12] = [
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
];

/// Writes a safetensors file: the list says names and shapes, the values follow in its order. One
/// tensor is held at a time. The file is on disk when this returns.
pub fn write_tensors(
    path: &Path,
    float: FloatType,
    tensors: &[(String, Vec<usize>)],
    values: impl Iterator<Item = Vec<f32>>,
) -> Result<(), ModelError> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let io = |e| ModelError::io(&file, e);
    let mut out = BufWriter::new(File::create(path).map_err(io)?);
    out.write_all(&header(float, tensors)).map_err(io)?;
    let (mut written, mut bytes) = (0, Vec::new());
    for ((name, shape), values) in tensors.iter().zip(values) {
        if values.len() != shape.iter().product::<usize>() {
            let reason = format!("{} numbers for {name} of shape {shape:?}", values.len());
            return Err(ModelError::invalid(&file, reason));
        }
        if values.iter().any(|v| !v.is_finite()) {
            let reason = format!("{name} holds NaN or infinity and is not written");
            return Err(ModelError::invalid(&file, reason));
        }
        for part in values.chunks(CHUNK) {
            bytes.clear();
            float.encode(part, &mut bytes);
            out.write_all(&bytes).map_err(io)?;
        }
        written += 1;
    }
    if written != tensors.len() {
        let reason = format!("values for {written} of {} tensors", tensors.len());
        return Err(ModelError::invalid(&file, reason));
    }
    let inner = out.into_inner().map_err(|e| io(e.into_error()))?;
    inner.sync_all().map_err(io)
}

/// The header with its length in front, padded so that the data begin at a multiple of 8.
/// Makes a model's directory.
pub fn create(dir: &Path) -> Result<(), ModelError> {
    std::fs::create_dir_all(dir).map_err(|e| ModelError::io(&dir.display().to_string(), e))
}

fn header(float: FloatType, tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let mut entries = Map::new();
    entries.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut start = 0;
    for (name, shape) in tensors {
        let end = start + shape.iter().product::<usize>() * float.size();
        let entry = json!({
            "dtype": format!("{:?}", float.dtype()),
            "shape": shape,
            "data_offsets": [start, end],
        });
        entries.insert(name.clone(), entry);
        start = end;
    }
    let mut text = Value::Object(entries).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    [&(text.len() as u64).to_le_bytes(), text.as_slice()].concat()
}

/// Copies config, tokenizer, template and pooling from one model's directory to another, as they are.
/// Python files and anything unknown stay behind.
pub fn copy_companions(from: &Path, to: &Path) -> Result<(), ModelError> {
    let folder = Folder::open(from)?;
    for name in [CONFIG].iter().chain(&COMPANIONS) {
        if let Some(bytes) = folder.read_if_there(name, MAX_FILE)? {
            write_file(to, name, &bytes)?;
        }
    }
    Ok(())
}

/// Rewrites `config.json` of a directory as that of a classifier with these labels.
pub fn make_classifier_config(dir: &Path, labels: &[String]) -> Result<(), ModelError> {
    let ids = || (0..labels.len()).map(|i| i.to_string());
    let by_id: Map<String, Value> = ids().zip(labels.iter().map(|l| json!(l))).collect();
    let by_label: Map<String, Value> = labels
        .iter()
        .cloned()
        .zip((0..).map(|i: usize| json!(i)))
        .collect();
    edit_config(dir, |config| {
        let set = [
            ("architectures", json!(["BertForSequenceClassification"])),
            ("id2label", Value::Object(by_id)),
            ("label2id", Value::Object(by_label)),
            ("problem_type", json!("single_label_classification")),
        ];
        config.extend(set.map(|(field, value)| (field.to_owned(), value)));
        config.remove("num_labels");
    })
}

/// Says in `config.json` of a directory in which type its weights are, so that others load them so.
pub fn set_float_type(dir: &Path, float: FloatType) -> Result<(), ModelError> {
    let name = match float {
        FloatType::F32 => "float32",
        FloatType::F16 => "float16",
        FloatType::Bf16 => "bfloat16",
    };
    edit_config(dir, |config| {
        config.remove("torch_dtype");
        config.insert("dtype".to_owned(), json!(name));
    })
}

fn edit_config(dir: &Path, edit: impl FnOnce(&mut Map<String, Value>)) -> Result<(), ModelError> {
    let bytes = Folder::open(dir)?.read(CONFIG, MAX_FILE)?;
    let config = serde_json::from_slice(&bytes);
    let mut config = config.map_err(|e| ModelError::invalid(CONFIG, e.to_string()))?;
    edit(&mut config);
    let text = serde_json::to_vec_pretty(&config);
    let text = text.map_err(|e| ModelError::invalid(CONFIG, e.to_string()))?;
    write_file(dir, CONFIG, &text)
}

/// The list of a BERT model's tensors under the names in which they are written.
pub fn bert_stored_tensors(config: &BertConfig) -> Vec<(String, Vec<usize>)> {
    let all = super::bert_tensors(config).into_iter();
    all.map(|(name, shape)| (bert_stored_name(config, &name), shape))
        .collect()
}

pub(crate) fn write_file(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), ModelError> {
    let path = dir.join(name);
    let io = |e| ModelError::io(name, e);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(io)?;
    }
    let mut file = File::create(path).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)
}
