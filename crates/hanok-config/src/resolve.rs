//! Which value each setting has and where it came from: flags, then environment, then `hanok.toml`,
//! then the default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::ConfigError;
use crate::catalogue::{CATALOGUE, Setting, find};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "at")]
pub enum Source {
    /// A command-line flag.
    Flag,
    /// An environment variable of this name.
    Environment(String),
    /// A file named by an environment variable.
    SecretFile(PathBuf),
    /// The configuration file.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::SecretFile(path) => write!(f, "file {}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One setting with its value and origin.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value as text.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

impl Resolved {
    /// The value as it may be shown: secrets are masked.
    pub fn shown(&self) -> &str {
        if self.setting.secret && !self.value.is_empty() {
            "********"
        } else {
            &self.value
        }
    }
}

/// Reads every setting. `flags` hold what the command line said, `env` looks a variable up
/// (so that tests need not touch the process), `file` is `hanok.toml` when it exists.
pub fn resolve(
    flags: &BTreeMap<&'static str, String>,
    env: &dyn Fn(&str) -> Option<String>,
    file: Option<&Path>,
) -> Result<Vec<Resolved>, ConfigError> {
    let from_file = match file {
        Some(path) => read_file(path)?,
        None => BTreeMap::new(),
    };
    CATALOGUE
        .iter()
        .map(|setting| {
            let (value, source) = resolve_one(setting, flags, env, &from_file, file)?;
            Ok(Resolved {
                setting,
                value,
                source,
            })
        })
        .collect()
}

fn resolve_one(
    setting: &Setting,
    flags: &BTreeMap<&'static str, String>,
    env: &dyn Fn(&str) -> Option<String>,
    from_file: &BTreeMap<String, String>,
    file: Option<&Path>,
) -> Result<(String, Source), ConfigError> {
    if let Some(value) = flags.get(setting.name) {
        return Ok((value.clone(), Source::Flag));
    }
    // NODE_ENV is what people have in their .env files already.
    let aliases: &[&str] = if setting.name == "APP_ENV" {
        &["APP_ENV", "NODE_ENV"]
    } else {
        &[setting.name]
    };
    for name in aliases {
        if let Some(value) = env(name).filter(|v| !v.is_empty()) {
            return Ok((value, Source::Environment((*name).to_owned())));
        }
    }
    if setting.secret
        && let Some(path) = env(&format!("{}_FILE", setting.name)).filter(|v| !v.is_empty())
    {
        let path = PathBuf::from(path);
        let value = std::fs::read_to_string(&path).map_err(|e| ConfigError::Unreadable {
            path: path.clone(),
            reason: e.to_string(),
        })?;
        return Ok((value.trim_end().to_owned(), Source::SecretFile(path)));
    }
    if let (Some(value), Some(path)) = (from_file.get(setting.name), file) {
        return Ok((value.clone(), Source::File(path.to_owned())));
    }
    Ok((setting.default.to_owned(), Source::Default))
}

/// Reads `hanok.toml`: names as in the catalogue, in any case, in tables named as one likes.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| unreadable(e.to_string()))?;
    let mut values = BTreeMap::new();
    collect(&table, path, &mut values)?;
    Ok(values)
}

fn collect(
    table: &toml::Table,
    path: &Path,
    values: &mut BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        if let toml::Value::Table(inner) = value {
            collect(inner, path, values)?;
            continue;
        }
        let name = key.to_uppercase();
        if find(&name).is_none() {
            return Err(ConfigError::UnknownKey {
                path: path.to_owned(),
                key: key.clone(),
            });
        }
        let text = match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        values.insert(name, text);
    }
    Ok(())
}
