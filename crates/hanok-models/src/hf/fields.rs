//! The fields of a JSON file, read with errors that name the file and the field.

use serde_json::{Map, Value};

use crate::ModelError;

/// A JSON object of a file; `null` counts as absent, unknown fields are left alone.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    file: String,
    object: Map<String, Value>,
}

impl Fields {
    pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Ok(Self {
                file: file.to_owned(),
                object,
            }),
            Ok(_) => Err(ModelError::invalid(file, "is not a JSON object")),
            Err(e) => Err(ModelError::invalid(file, format!("is not JSON: {e}"))),
        }
    }

    pub(crate) fn invalid(&self, field: &str, reason: &str) -> ModelError {
        ModelError::invalid(&self.file, format!("{field} {reason}"))
    }

    pub(crate) fn unsupported(&self, found: impl Into<String>, supported: &str) -> ModelError {
        ModelError::unsupported(&self.file, found, supported)
    }

    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        self.object.get(field).filter(|value| !value.is_null())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.object.keys().map(String::as_str)
    }

    pub(crate) fn required<T>(&self, field: &str, value: Option<T>) -> Result<T, ModelError> {
        value.ok_or_else(|| self.invalid(field, "is missing"))
    }

    pub(crate) fn object(&self, field: &str) -> Result<Option<Self>, ModelError> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self {
                file: self.file.clone(),
                object: object.clone(),
            })),
            Some(_) => Err(self.invalid(field, "is not an object")),
        }
    }

    pub(crate) fn size(&self, field: &str) -> Result<Option<usize>, ModelError> {
        let size = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.typed(field, size, "is not a whole number of 0 or more")
    }

    pub(crate) fn number(&self, field: &str) -> Result<Option<f64>, ModelError> {
        self.typed(field, Value::as_f64, "is not a number")
    }

    pub(crate) fn flag(&self, field: &str) -> Result<Option<bool>, ModelError> {
        self.typed(field, Value::as_bool, "is not true or false")
    }

    pub(crate) fn text(&self, field: &str) -> Result<Option<&str>, ModelError> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(field, "is not a text")),
        }
    }

    pub(crate) fn texts(&self, field: &str) -> Result<Vec<&str>, ModelError> {
        let wrong = || self.invalid(field, "is not a list of texts");
        match self.get(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().ok_or_else(wrong));
                texts.collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// One token id or a list of them.
    pub(crate) fn ids(&self, field: &str) -> Result<Vec<u32>, ModelError> {
        let id = |value: &Value| {
            let id = value.as_u64().and_then(|n| u32::try_from(n).ok());
            id.ok_or_else(|| self.invalid(field, "is not a token id or a list of them"))
        };
        match self.get(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(id).collect(),
            Some(value) => Ok(vec![id(value)?]),
        }
    }

    fn typed<T>(
        &self,
        field: &str,
        read: impl Fn(&Value) -> Option<T>,
        wrong: &str,
    ) -> Result<Option<T>, ModelError> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(read)),
                None => Err(self.invalid(field, wrong)),
            },
        }
    }
}

/// Refuses the first size that is 0 or above its limit.
pub(crate) fn check_sizes(file: &str, sizes: &[(&str, usize, usize)]) -> Result<(), ModelError> {
    match sizes
        .iter()
        .find(|(_, size, most)| !(1..=*most).contains(size))
    {
        Some((field, size, most)) => {
            let reason = format!("{field} is {size}, not in 1..={most}");
            Err(ModelError::invalid(file, reason))
        }
        None => Ok(()),
    }
}

/// Turns the first rule that does not hold into an error.
pub(crate) fn check_rules(file: &str, rules: &[(bool, &str)]) -> Result<(), ModelError> {
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, reason)) => Err(ModelError::invalid(file, *reason)),
        None => Ok(()),
    }
}
