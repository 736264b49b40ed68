//! What sentence-transformers writes beside a model: pooling, normalisation, length.

use serde_json::Value;

use super::bert_config::{BertConfig, Pooling};
use super::fields::Fields;
use super::folder::Folder;
use crate::ModelError;

const MODULES: &str = "modules.json";
const LENGTH: &str = "sentence_bert_config.json";
const MAX_FILE: u64 = 1 << 20;

/// Sets what the files beside the config say; without them a text's vector is the mean.
pub(super) fn apply(folder: &Folder, config: &mut BertConfig) -> Result<(), ModelError> {
    let mut pooling = Some("1_Pooling".to_owned()).filter(|path| folder.has(path));
    if let Some(bytes) = folder.read_if_there(MODULES, MAX_FILE)? {
        for (kind, path) in modules(&bytes)? {
            match kind.rsplit('.').next().unwrap_or_default() {
                "Transformer" => {}
                "Pooling" => pooling = Some(path),
                "Normalize" => config.normalize = true,
                other => {
                    let supported = "Transformer, Pooling and Normalize are";
                    let found = format!("the module {other}");
                    return Err(ModelError::unsupported(MODULES, found, supported));
                }
            }
        }
    }
    if let Some(path) = pooling {
        let name = format!("{path}/config.json");
        config.pooling = read_pooling(&Fields::parse(&name, &folder.read(&name, MAX_FILE)?)?)?;
    }
    if let Some(bytes) = folder.read_if_there(LENGTH, MAX_FILE)? {
        let fields = Fields::parse(LENGTH, &bytes)?;
        if let Some(length) = fields.size("max_seq_length")? {
            if length < 3 {
                return Err(fields.invalid("max_seq_length", "has no room for a text"));
            }
            config.max_seq_length = length.min(config.max_positions);
        }
    }
    Ok(())
}

/// Type and path of each module.
fn modules(bytes: &[u8]) -> Result<Vec<(String, String)>, ModelError> {
    let wrong = || ModelError::invalid(MODULES, "is not a list of modules with type and path");
    let list: Vec<Value> = serde_json::from_slice(bytes).map_err(|_| wrong())?;
    let text = |module: &Value, field: &str| Some(module.get(field)?.as_str()?.to_owned());
    let module = |m: &Value| Some((text(m, "type")?, text(m, "path")?));
    list.iter().map(|m| module(m).ok_or_else(wrong)).collect()
}

fn read_pooling(fields: &Fields) -> Result<Pooling, ModelError> {
    let mut modes: Vec<&str> = Vec::new();
    for field in fields.names() {
        if let Some(mode) = field.strip_prefix("pooling_mode_")
            && fields.flag(field)?.unwrap_or(false)
        {
            modes.push(mode);
        }
    }
    modes.extend(fields.text("pooling_mode")?);
    match modes.as_slice() {
        ["mean_tokens" | "mean"] => Ok(Pooling::Mean),
        ["cls_token" | "cls"] => Ok(Pooling::Cls),
        ["max_tokens" | "max"] => Ok(Pooling::Max),
        other => Err(fields.unsupported(
            format!("the pooling {}", other.join(" with ")),
            "mean, cls and max, one of them, are",
        )),
    }
}
