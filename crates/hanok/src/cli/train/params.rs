//! The `[params]` of a recipe: names and types as the trainers have them.

use std::collections::BTreeSet;

use hanok_train::classify::ClassifyConfig;
use hanok_train::head::HeadConfig;
use hanok_train::sft::SftConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::recipe::{refused, remedied};
use crate::cli::Failure;
use crate::cli::nearest::nearest;

/// What OpenAI's surface has beside the trainers' own settings; the server turns it into a rate.
const MULTIPLIER: &str = "learning_rate_multiplier";

/// One trainer's settings.
struct Trainer {
    methods: &'static [&'static str],
    defaults: fn() -> Value,
    check: fn(Value) -> Result<(), String>,
}

/// Which trainer it will be depends on the model, which only the server knows; the method narrows it.
const TRAINERS: [Trainer; 3] = [
    Trainer {
        methods: &["head"],
        defaults: defaults::<HeadConfig>,
        check: fits::<HeadConfig>,
    },
    Trainer {
        methods: &["head", "lora", "full"],
        defaults: defaults::<ClassifyConfig>,
        check: fits::<ClassifyConfig>,
    },
    Trainer {
        methods: &["lora", "full"],
        defaults: defaults::<SftConfig>,
        check: fits::<SftConfig>,
    },
];

fn defaults<T: Default + Serialize>() -> Value {
    serde_json::to_value(T::default()).unwrap_or_default()
}

fn fits<T: DeserializeOwned>(params: Value) -> Result<(), String> {
    T::deserialize(params)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn trainers(method: Option<&str>) -> impl Iterator<Item = &'static Trainer> {
    TRAINERS
        .iter()
        .filter(move |trainer| method.is_none_or(|method| trainer.methods.contains(&method)))
}

/// The names that a method takes, or any.
pub fn known(method: Option<&str>) -> BTreeSet<String> {
    trainers(method)
        .filter_map(|trainer| (trainer.defaults)().as_object().cloned())
        .flat_map(|settings| settings.into_iter().map(|(name, _)| name))
        .filter(|name| name != "method")
        .chain(std::iter::once(MULTIPLIER.to_owned()))
        .collect()
}

/// Reads the table; a name that no trainer has, or a value of the wrong type, is refused.
pub fn read(
    table: Option<&toml::Value>,
    method: Option<&str>,
) -> Result<Map<String, Value>, Box<Failure>> {
    let Some(table) = table else {
        return Ok(Map::new());
    };
    let value = serde_json::to_value(table).map_err(|e| refused(format!("params: {e}")))?;
    let Value::Object(params) = value else {
        return Err(remedied(
            "params is a table".to_owned(),
            "Write [params] above its settings.",
        ));
    };
    check_names("params", &params, &known(method))?;
    if let Some(Value::Object(lora)) = params.get("lora") {
        let settings = (TRAINERS[2].defaults)()["lora"].as_object().cloned();
        let names = settings
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name);
        check_names("params.lora", lora, &names.collect())?;
    }
    check_types(&params, method)?;
    Ok(params)
}

fn check_names(
    place: &str,
    given: &Map<String, Value>,
    known: &BTreeSet<String>,
) -> Result<(), Box<Failure>> {
    let Some(name) = given.keys().find(|name| !known.contains(*name)) else {
        return Ok(());
    };
    let remedy = match nearest(name, known.iter().map(String::as_str)) {
        _ if name == "method" => "Write it above [params].".to_owned(),
        Some(near) => format!("Did you mean '{near}'?"),
        None => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            format!("Known: {}.", known.join(", "))
        }
    };
    Err(remedied(
        format!("there is no hyper-parameter '{name}' in [{place}]"),
        remedy,
    ))
}

/// Each value must fit where at least one trainer has it.
fn check_types(params: &Map<String, Value>, method: Option<&str>) -> Result<(), Box<Failure>> {
    for (name, value) in params.iter().filter(|(name, _)| *name != MULTIPLIER) {
        let one = Value::from_iter([(name.clone(), value.clone())]);
        let verdicts: Vec<Result<(), String>> = trainers(method)
            .filter(|trainer| (trainer.defaults)().get(name).is_some())
            .map(|trainer| (trainer.check)(one.clone()))
            .collect();
        if let Some(Err(reason)) = verdicts.iter().find(|verdict| verdict.is_err())
            && verdicts.iter().all(Result::is_err)
        {
            return Err(refused(format!("{name} = {value}: {reason}")));
        }
    }
    Ok(())
}
