//! What a person says of a file, as words, turned into what the importer reads. The words are those of
//! the command line's flags and the upload form's fields.

use std::collections::BTreeMap;

use hanok_domain::fault::Fault;
use serde_json::{Map, Value, json};

/// Checks the options before anything is stored.
///
/// # Errors
/// 422 with the option's name.
pub fn import_options(options: &BTreeMap<String, String>) -> Result<Value, Fault> {
    let mut read = Map::new();
    for (name, value) in options {
        if value == "auto" {
            continue;
        }
        match name.as_str() {
            "format" => format(value, &mut read)?,
            "delimiter" => {
                read.insert("delimiter".into(), json!(delimiter(value)?));
            }
            "header" => {
                read.insert("header".into(), json!(switch(name, value)?));
            }
            "quoting" => {
                read.insert("quote".into(), json!(switch(name, value)?));
            }
            "encoding" | "text_column" | "label_column" | "label_level" => {
                read.insert(name.clone(), json!(value));
            }
            _ => {
                return Err(Fault::invalid(
                    "unknown_option",
                    format!("There is no import option '{name}'."),
                )
                .field(name));
            }
        }
    }
    let read = Value::Object(read);
    serde_json::from_value::<hanok_data::ImportOptions>(read.clone())
        .map_err(|e| Fault::invalid("invalid_option", format!("The import options: {e}.")))?;
    Ok(read)
}

fn format(value: &str, read: &mut Map<String, Value>) -> Result<(), Fault> {
    let (format, delimiter) = match value {
        "csv" => ("delimited", Some(',')),
        "tsv" => ("delimited", Some('\t')),
        "delimited" => ("delimited", None),
        "jsonl" | "ndjson" => ("jsonl", None),
        "json" => ("json", None),
        "label-text" | "label_text" | "fasttext" => ("label_text", None),
        _ => {
            return Err(invalid(
                "format",
                value,
                "csv, tsv, jsonl, json or label-text",
            ));
        }
    };
    read.insert("format".into(), json!(format));
    if let Some(delimiter) = delimiter {
        read.entry("delimiter").or_insert(json!(delimiter));
    }
    Ok(())
}

fn delimiter(value: &str) -> Result<char, Fault> {
    match value {
        "comma" => Ok(','),
        "tab" | "\\t" => Ok('\t'),
        "semicolon" => Ok(';'),
        "pipe" => Ok('|'),
        _ => {
            let mut characters = value.chars();
            match (characters.next(), characters.next()) {
                (Some(c), None) if c.is_ascii() => Ok(c),
                _ => Err(invalid(
                    "delimiter",
                    value,
                    "one character, or comma, tab, semicolon, pipe",
                )),
            }
        }
    }
}

fn switch(name: &str, value: &str) -> Result<bool, Fault> {
    match value {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" | "none" => Ok(false),
        _ => Err(invalid(name, value, "yes, no or auto")),
    }
}

fn invalid(name: &str, value: &str, known: &str) -> Fault {
    Fault::invalid(
        "invalid_option",
        format!("{name} is {known}, not '{value}'."),
    )
    .field(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Value, Fault> {
        let options = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        import_options(&options.collect())
    }

    #[test]
    fn words_become_what_the_importer_reads() {
        assert_eq!(
            read(&[("header", "no")]).unwrap(),
            json!({ "header": false })
        );
        assert_eq!(
            read(&[("quoting", "none")]).unwrap(),
            json!({ "quote": false })
        );
        assert_eq!(read(&[("delimiter", "auto")]).unwrap(), json!({}));
        assert_eq!(
            read(&[("format", "tsv")]).unwrap(),
            json!({ "format": "delimited", "delimiter": "\t" })
        );
        assert_eq!(
            read(&[("format", "csv"), ("delimiter", ";")]).unwrap(),
            json!({ "format": "delimited", "delimiter": ";" })
        );
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (name, value) in [
            ("header", "maybe"),
            ("colour", "red"),
            ("delimiter", "ab"),
            ("format", "xlsx"),
            ("label_level", "finest"),
        ] {
            assert!(read(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
