//! A model directory in the layout of Hugging Face: which of its files make the model. It looks at names
//! and at the index of the weights; what the files say is the server's to judge.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{CliError, Failure};

/// Files that go with the weights where they are there.
const BESIDE: [&str; 9] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "generation_config.json",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
];
const INDEX: &str = "model.safetensors.index.json";
const WHOLE: &str = "model.safetensors";
/// Endings of weights that run code when they are read.
const PICKLES: [&str; 5] = ["bin", "pt", "pth", "pkl", "ckpt"];

/// One file to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its path inside the model's directory, with `/`.
    pub path: String,
    /// Where it is.
    pub file: PathBuf,
    /// Bytes.
    pub size: u64,
}

/// The files of a model, small ones first.
pub fn parts(dir: &Path) -> Result<Vec<Part>, CliError> {
    let names = names(dir)?;
    if !names.contains("config.json") {
        return Err(no_config(dir, &names));
    }
    let weights = weights(dir, &names)?;
    let beside = BESIDE.iter().filter(|name| dir.join(name).is_file());
    let mut parts = beside
        .map(|name| (*name).to_owned())
        .chain(weights)
        .map(|path| part(dir, path))
        .collect::<Result<Vec<Part>, CliError>>()?;
    parts.sort_by_key(|part| part.size);
    Ok(parts)
}

/// A name for the model: that of its directory, or of the repository that a download cache keeps it for.
pub fn name_of(dir: &Path) -> Option<String> {
    let dir = std::fs::canonicalize(dir).ok()?;
    let parts: Vec<&str> = dir.iter().filter_map(|part| part.to_str()).collect();
    let cached = parts
        .iter()
        .rev()
        .find_map(|part| part.strip_prefix("models--")?.rsplit("--").next());
    let name: String = cached
        .or(parts.last().copied())?
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_start_matches(['.', '_', '-']);
    (!name.is_empty()).then(|| name.to_owned())
}

fn names(dir: &Path) -> Result<BTreeSet<String>, CliError> {
    let entries = std::fs::read_dir(dir).map_err(|error| {
        let failure = match error.kind() {
            std::io::ErrorKind::NotFound => Failure::new("there is no such directory")
                .code("no_such_directory")
                .remedy("Check the path; a relative one starts at the working directory."),
            std::io::ErrorKind::NotADirectory => Failure::new("this is a file, not a directory")
                .code("not_a_directory")
                .remedy("Name the directory that holds config.json and the weights."),
            _ => Failure::new(error.to_string()).code("unreadable_directory"),
        };
        failure.file(dir.display().to_string())
    })?;
    let names = entries.flatten().map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.into_string().ok()).collect())
}

fn no_config(dir: &Path, names: &BTreeSet<String>) -> CliError {
    let remedy = if names.contains("adapter_config.json") {
        "This is an adapter: merge it into its base (merge_and_unload, save_pretrained) and import that."
    } else if names.iter().any(|name| name.ends_with(".gguf")) {
        "GGUF files are not read; download the directory that the file was made from."
    } else {
        "Name the directory that `save_pretrained` wrote, or a download of it."
    };
    refused(
        dir,
        "missing_config",
        "there is no config.json in this directory",
        remedy,
    )
}

/// The files with weights: those of the index, the one whole file, or all there are.
fn weights(dir: &Path, names: &BTreeSet<String>) -> Result<Vec<String>, CliError> {
    if names.contains(INDEX) {
        let mut found = shards(dir, names)?;
        found.push(INDEX.to_owned());
        return Ok(found);
    }
    if names.contains(WHOLE) {
        return Ok(vec![WHOLE.to_owned()]);
    }
    let found: Vec<String> = names
        .iter()
        .filter(|name| name.ends_with(".safetensors"))
        .cloned()
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let ending = |name: &&String| {
        name.rsplit_once('.')
            .is_some_and(|(_, e)| PICKLES.contains(&e))
    };
    Err(match names.iter().find(ending) {
        Some(name) => refused(
            dir,
            "pickle_only",
            &format!("its weights are a pickle ({name}), which can run code when it is read"),
            "Load it where you trust it and save it again: save_pretrained writes safetensors.",
        ),
        None => refused(
            dir,
            "missing_weights",
            "there are no weights (*.safetensors) in this directory",
            "Download them as well, or save the model again with save_pretrained.",
        ),
    })
}

fn shards(dir: &Path, names: &BTreeSet<String>) -> Result<Vec<String>, CliError> {
    let broken = |why: &str| {
        let place = dir.join(INDEX);
        refused(
            &place,
            "broken_index",
            why,
            "Download or save the model again.",
        )
    };
    let text = std::fs::read_to_string(dir.join(INDEX)).map_err(|e| broken(&e.to_string()))?;
    let index: Value = serde_json::from_str(&text).map_err(|e| broken(&e.to_string()))?;
    let map = index["weight_map"].as_object();
    let map = map.ok_or_else(|| broken("it has no weight_map"))?;
    let shards: BTreeSet<&str> = map.values().filter_map(Value::as_str).collect();
    if let Some(absent) = shards.iter().find(|name| !names.contains(**name)) {
        return Err(broken(&format!("it names {absent}, which is not there")));
    }
    Ok(shards.into_iter().map(str::to_owned).collect())
}

fn part(dir: &Path, path: String) -> Result<Part, CliError> {
    let file = dir.join(&path);
    // Follows links: a download cache keeps its files elsewhere.
    let meta = std::fs::metadata(&file)
        .map_err(|e| refused(&file, "unreadable_file", &e.to_string(), "Check the file."))?;
    if meta.len() == 0 {
        let remedy = "Download or save the model again.";
        return Err(refused(&file, "empty_file", "this file is empty", remedy));
    }
    Ok(Part {
        path,
        file,
        size: meta.len(),
    })
}

fn refused(place: &Path, code: &str, message: &str, remedy: &str) -> CliError {
    Failure::new(message)
        .code(code)
        .file(place.display().to_string())
        .remedy(remedy)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[(&str, &str)]) -> std::io::Result<tempfile::TempDir> {
        let dir = tempfile::tempdir()?;
        for (name, content) in files {
            let path = dir.path().join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, content)?;
        }
        Ok(dir)
    }

    fn outcome(files: &[(&str, &str)]) -> std::io::Result<Result<Vec<String>, String>> {
        let dir = directory(files)?;
        Ok(match parts(dir.path()) {
            Ok(parts) => Ok(parts.into_iter().map(|part| part.path).collect()),
            Err(CliError::Failed(failure)) => Err(failure.code),
            Err(other) => Err(other.to_string()),
        })
    }

    #[test]
    fn the_index_decides_which_weights_are_taken() -> std::io::Result<()> {
        let index = r#"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}"#;
        let files = [
            ("config.json", "{}"),
            (INDEX, index),
            ("model-1.safetensors", "1"),
            ("model-2.safetensors", "2"),
            ("consolidated.safetensors", "3"),
            ("README.md", "no"),
            ("1_Pooling/config.json", "{   }"),
        ];
        let mut found = outcome(&files)?.unwrap_or_default();
        found.sort();
        assert_eq!(
            found,
            [
                "1_Pooling/config.json",
                "config.json",
                "model-1.safetensors",
                "model-2.safetensors",
                INDEX
            ]
        );
        assert_eq!(outcome(&files[..3])?, Err("broken_index".to_owned()));
        Ok(())
    }

    #[test]
    fn what_cannot_be_a_model_is_told_before_anything_is_sent() -> std::io::Result<()> {
        let config = ("config.json", "{}");
        for (files, code) in [
            (&[("model.safetensors", "x")][..], "missing_config"),
            (&[config, ("pytorch_model.bin", "x")], "pickle_only"),
            (&[config], "missing_weights"),
            (&[config, ("model.safetensors", "")], "empty_file"),
        ] {
            assert_eq!(outcome(files)?, Err(code.to_owned()), "{files:?}");
        }
        Ok(())
    }

    #[test]
    fn a_cache_gives_the_name_of_the_repository() -> std::io::Result<()> {
        let dir = directory(&[("models--org--tiny model/snapshots/0a1b/config.json", "{}")])?;
        let snapshot = dir.path().join("models--org--tiny model/snapshots/0a1b");
        assert_eq!(name_of(&snapshot).as_deref(), Some("tiny-model"));
        Ok(())
    }
}
