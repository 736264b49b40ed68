//! A recipe as a file: read, checked key by key, made ready to be sent. It knows names and types; what
//! suits which model is the server's to judge.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::Table;

use super::params;
use crate::cli::nearest::nearest;
use crate::cli::{CliError, Failure};

/// Keys of a recipe.
const KEYS: [&str; 10] = [
    "model",
    "data",
    "validation",
    "method",
    "name",
    "suffix",
    "held_out",
    "params",
    "deploy",
    "eval",
];
const METHODS: [&str; 3] = ["head", "lora", "full"];

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A file to import.
    File(PathBuf),
    /// A data set that is there already, `ds_…`.
    Id(String),
}

/// What to tune, on what and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// What to tune; by default the starter model for the kind of data.
    pub model: Option<String>,
    /// Rows to train on.
    pub data: Data,
    /// Rows to validate on; without them some are held out.
    pub validation: Option<Data>,
    /// `head`, `lora` or `full`; by default the usual one for the model.
    pub method: Option<String>,
    /// Name of the run, part of the model's.
    pub name: Option<String>,
    /// Share of rows held out.
    pub held_out: Option<f64>,
    /// Hyper-parameters that differ from the defaults.
    pub params: Map<String, Value>,
    /// Serve the model at the end.
    pub deploy: bool,
    /// Wait for the evaluation and print it.
    pub eval: bool,
}

impl Recipe {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let named = |mut failure: Box<Failure>| {
            failure.file = Some(path.display().to_string());
            CliError::Failed(failure)
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let failure = Failure::new(format!("the recipe cannot be read: {error}"))
                .code("unreadable_recipe")
                .remedy("Check the path; a relative one starts at the working directory.");
            named(Box::new(failure))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let recipe = Self::parse(&text, folder).map_err(named)?;
        for data in [Some(&recipe.data), recipe.validation.as_ref()] {
            if let Some(Data::File(file)) = data {
                check_file(file)?;
            }
        }
        Ok(recipe)
    }

    /// Reads a text; relative paths begin in `folder`.
    fn parse(text: &str, folder: &Path) -> Result<Self, Box<Failure>> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .map(|span| text[..span.start].lines().count().max(1));
            let place = line.map_or_else(String::new, |line| format!(" (line {line})"));
            refused(format!("this is not TOML: {}{place}", error.message()))
        })?;
        check_keys(&table)?;
        let words = |key| word(&table, key);
        let data = |key| words(key).map(|found| found.map(|text| place(&text, folder)));
        let method = words("method")?;
        if let Some(method) = method.as_deref().filter(|m| !METHODS.contains(m)) {
            let text = format!("there is no method '{method}'");
            return Err(remedied(text, format!("Use {}.", METHODS.join(", "))));
        }
        let (name, suffix) = (words("name")?, words("suffix")?);
        if name.is_some() && suffix.is_some() {
            return Err(remedied(
                "name and suffix say the same".to_owned(),
                "Keep one of them.",
            ));
        }
        Ok(Self {
            model: words("model")?,
            data: data("data")?.ok_or_else(|| {
                remedied(
                    "the recipe has no data".to_owned(),
                    "Add data = \"FILE\" or the id of a data set, data = \"ds_…\".",
                )
            })?,
            validation: data("validation")?,
            params: params::read(table.get("params"), method.as_deref())?,
            method,
            name: name.or(suffix),
            held_out: share(&table)?,
            deploy: switch(&table, "deploy", false)?,
            eval: switch(&table, "eval", true)?,
        })
    }
}

fn check_keys(table: &Table) -> Result<(), Box<Failure>> {
    let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) else {
        return Ok(());
    };
    let text = format!("there is no key '{key}' in a recipe");
    let all = params::known(None);
    let remedy = match nearest(key, KEYS) {
        Some(near) => format!("Did you mean '{near}'?"),
        None => match nearest(key, all.iter().map(String::as_str)) {
            Some(near) => format!("Write '{near}' under [params]."),
            None => format!("Known: {}.", KEYS.join(", ")),
        },
    };
    Err(remedied(text, remedy))
}

fn word(table: &Table, key: &str) -> Result<Option<String>, Box<Failure>> {
    match table.get(key) {
        None => Ok(None),
        Some(toml::Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(refused(format!("{key} is a text in quotes"))),
    }
}

fn switch(table: &Table, key: &str, default: bool) -> Result<bool, Box<Failure>> {
    match table.get(key) {
        None => Ok(default),
        Some(toml::Value::Boolean(value)) => Ok(*value),
        Some(_) => Err(refused(format!("{key} is true or false"))),
    }
}

fn share(table: &Table) -> Result<Option<f64>, Box<Failure>> {
    let Some(value) = table.get("held_out") else {
        return Ok(None);
    };
    if table.contains_key("validation") {
        return Err(remedied(
            "with validation nothing is held out".to_owned(),
            "Keep validation or held_out.",
        ));
    }
    let share = value
        .as_float()
        .filter(|share| (0.05..=0.5).contains(share));
    share
        .map(Some)
        .ok_or_else(|| refused("held_out is a share from 0.05 to 0.5".to_owned()))
}

fn place(text: &str, folder: &Path) -> Data {
    if text.starts_with("ds_") && !text.contains(['.', '/']) {
        Data::Id(text.to_owned())
    } else {
        Data::File(folder.join(text))
    }
}

fn check_file(file: &Path) -> Result<(), CliError> {
    let upload = crate::client::Upload {
        source: crate::client::Source::File(file.to_owned()),
        fields: Vec::new(),
    };
    upload.check()?;
    Ok(())
}

/// A mistake in the recipe.
pub(super) fn refused(message: String) -> Box<Failure> {
    Box::new(Failure::new(message).code("invalid_recipe"))
}

/// A mistake in the recipe, and what to do about it.
pub(super) fn remedied(message: String, remedy: impl Into<String>) -> Box<Failure> {
    let failure = Failure::new(message).code("invalid_recipe");
    Box::new(failure.remedy(remedy))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Recipe, Box<Failure>> {
        Recipe::parse(text, Path::new("/recipes"))
    }

    #[test]
    fn a_whole_recipe_is_read() {
        let text = "model = \"tiny\"\ndata = \"rows.jsonl\"\nvalidation = \"ds_abc\"\nmethod = \"lora\"\n\
                    suffix = \"mine\"\ndeploy = true\neval = false\n[params]\nepochs = 2\n\
                    learning_rate = 1e-3\n[params.lora]\nrank = 4\n";
        let recipe = read(text);
        let wanted = Recipe {
            model: Some("tiny".into()),
            data: Data::File("/recipes/rows.jsonl".into()),
            validation: Some(Data::Id("ds_abc".into())),
            method: Some("lora".into()),
            name: Some("mine".into()),
            held_out: None,
            params: json!({ "epochs": 2, "learning_rate": 1e-3, "lora": { "rank": 4 } })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            deploy: true,
            eval: false,
        };
        assert_eq!(recipe, Ok(wanted));
    }

    #[test]
    fn a_mistake_is_told_with_what_may_be_meant() {
        for (text, words) in [
            ("dta = 'a.csv'", "Did you mean 'data'?"),
            (
                "data = 'a.csv'\nepoch = 3",
                "Write 'epochs' under [params].",
            ),
            ("data = 'a.csv'\ncolour = 3", "Known: model, data"),
            ("method = 'head'", "Add data"),
            ("data = 'a.csv'\nmethod = 'qlora'", "head, lora, full"),
            ("data = 'a.csv'\nname = 'a'\nsuffix = 'b'", "Keep one"),
            ("data = 7", "text in quotes"),
            ("data = 'a.csv'\ndeploy = 'yes'", "true or false"),
            ("data = 'a.csv'\nheld_out = 2", "0.05 to 0.5"),
            ("data = 'a.csv'\n\n[params\n", "line 3"),
            (
                "data = 'a.csv'\n[params]\nlearningrate = 1",
                "Did you mean 'learning_rate'?",
            ),
            (
                "data = 'a.csv'\n[params.lora]\nranks = 1",
                "Did you mean 'rank'?",
            ),
            ("data = 'a.csv'\n[params]\nepochs = 'many'", "epochs"),
        ] {
            let told = read(text).map_err(|failure| failure.text());
            assert!(
                told.as_ref().is_err_and(|t| t.contains(words)),
                "{text}: {told:?}"
            );
        }
    }
}
