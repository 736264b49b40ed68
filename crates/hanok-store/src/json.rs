//! JSON columns: opaque text. A damaged one reads as null and is logged, so that lists keep working.

use serde_json::Value;

pub(crate) fn read(text: &str, column: &'static str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::error!(%error, column, "a JSON column cannot be read; taken as null");
        Value::Null
    })
}

pub(crate) fn read_optional(text: Option<&String>, column: &'static str) -> Option<Value> {
    text.map(|text| read(text, column))
}
