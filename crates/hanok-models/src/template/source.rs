//! Where a directory keeps its template and the names of its tokens.

use serde_json::Value;

use super::ChatTemplate;
use crate::hf::{Fields, Folder};
use crate::{ModelError, Tokenizer};

const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const JINJA: &str = "chat_template.jinja";
const MAX_FILE: u64 = 4 << 20;

/// The names of the tokens that templates write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenNames {
    /// Begins a text.
    pub bos: Option<String>,
    /// Ends a text.
    pub eos: Option<String>,
    /// Fills up a batch.
    pub pad: Option<String>,
    /// Stands for what the tokenizer cannot write.
    pub unk: Option<String>,
}

/// The template of a directory, or the default one; ids from the config serve where names are missing.
pub(crate) fn of_folder(
    folder: &Folder,
    tokenizer: &Tokenizer,
    bos_id: Option<u32>,
    eos_id: Option<u32>,
) -> Result<ChatTemplate, ModelError> {
    let config = match folder.read_if_there(TOKENIZER_CONFIG, MAX_FILE)? {
        Some(bytes) => Some(Fields::parse(TOKENIZER_CONFIG, &bytes)?),
        None => None,
    };
    let name = |field: &str| {
        config
            .as_ref()
            .and_then(|config| token_name(config.get(field)?))
    };
    let by_id = |id: Option<u32>| tokenizer.token(id?);
    let names = TokenNames {
        bos: name("bos_token").or_else(|| by_id(bos_id)),
        eos: name("eos_token").or_else(|| by_id(eos_id)),
        pad: name("pad_token"),
        unk: name("unk_token"),
    };
    if let Some(bytes) = folder.read_if_there(JINJA, MAX_FILE)? {
        let source = String::from_utf8(bytes);
        let source = source.map_err(|_| ModelError::invalid(JINJA, "is not UTF-8"))?;
        return ChatTemplate::new(&source, names);
    }
    match config
        .as_ref()
        .and_then(|config| config.get("chat_template"))
    {
        Some(value) => ChatTemplate::new(one_of(value)?, names),
        None => ChatTemplate::default_for(tokenizer, names),
    }
}

/// A token is a name or an object around it.
fn token_name(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("content")?.as_str());
    text.map(str::to_owned)
}

/// The template, or of several the one named `default`.
fn one_of(value: &Value) -> Result<&str, ModelError> {
    let several = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let default = several.iter().find(|item| item["name"] == "default");
    let text = value.as_str().or_else(|| default?["template"].as_str());
    let reason = "chat_template is no text, nor a list with a template named default";
    text.ok_or_else(|| ModelError::invalid(TOKENIZER_CONFIG, reason))
}
