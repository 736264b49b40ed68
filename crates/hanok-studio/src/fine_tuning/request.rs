//! The hyper-parameters of a request, in OpenAI's words and in ours, turned into ours.

use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Hyper-parameters in OpenAI's words; each may be `auto`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hyperparameters {
    /// Passes over the training rows.
    pub n_epochs: Option<Value>,
    /// Rows in one step.
    pub batch_size: Option<Value>,
    /// Factor on the default learning rate.
    pub learning_rate_multiplier: Option<Value>,
}

/// How to tune, in OpenAI's words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Method {
    /// `supervised` is what there is.
    #[serde(rename = "type")]
    pub kind: String,
    /// Settings of it.
    pub supervised: Option<Supervised>,
}

/// Settings of supervised tuning.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Supervised {
    /// Its hyper-parameters.
    pub hyperparameters: Option<Hyperparameters>,
}

/// OpenAI's word, ours.
const WORDS: [(&str, &str); 3] = [
    ("n_epochs", "epochs"),
    ("batch_size", "batch_size"),
    ("learning_rate_multiplier", "learning_rate_multiplier"),
];

impl Hyperparameters {
    /// Puts those that are not `auto` into `params`, under our names.
    pub(super) fn translate(&self, params: &mut Map<String, Value>) {
        for ((_, ours), value) in WORDS.iter().zip(self.values()) {
            if let Some(value) = value.filter(|value| *value != "auto" && !value.is_null()) {
                params.insert((*ours).to_owned(), value.clone());
            }
        }
    }

    fn values(&self) -> [Option<&Value>; 3] {
        [
            self.n_epochs.as_ref(),
            self.batch_size.as_ref(),
            self.learning_rate_multiplier.as_ref(),
        ]
    }
}

/// What was asked for, in OpenAI's words.
pub(super) fn shown(params: &Map<String, Value>) -> Value {
    let pairs = WORDS.iter().map(|(theirs, ours)| {
        let value = params.get(*ours).cloned().unwrap_or_else(|| json!("auto"));
        ((*theirs).to_owned(), value)
    });
    Value::Object(pairs.collect())
}

/// Refuses a kind of tuning that there is not.
pub(super) fn check_method(method: &Method) -> Result<(), Fault> {
    if ["", "supervised"].contains(&method.kind.as_str()) {
        return Ok(());
    }
    let text = format!("There is no tuning of the kind '{}'.", method.kind);
    Err(Fault::invalid("unsupported_method", text)
        .field("method.type")
        .remedy("Use 'supervised'."))
}

/// A fault on one of our fields, told in the words of whoever asked.
pub(super) fn in_their_words(mut fault: Fault) -> Fault {
    let Some(field) = fault.field.take() else {
        return fault;
    };
    let field = match field.strip_prefix("params.") {
        Some(name) => match WORDS.iter().find(|(_, ours)| *ours == name) {
            Some((theirs, _)) => format!("hyperparameters.{theirs}"),
            None => format!("hanok.{name}"),
        },
        None => match field.as_str() {
            "base_model" => "model".to_owned(),
            "method" => "hanok.method".to_owned(),
            "dataset" => "training_file".to_owned(),
            _ => field,
        },
    };
    fault.field(field)
}
