//! Schemas, from a short form: a field is `name: "type: meaning"`; `name?` may be left out, `type|null`
//! may be null, `[]type` is a list, and what is no plain type names another schema.

use serde_json::{Map, Value, json};

/// The schemas in their short form.
pub fn table() -> Map<String, Value> {
    serde_json::from_str(include_str!("schemas.json")).unwrap_or_default()
}

/// All schemas as OpenAPI has them.
pub fn all() -> Map<String, Value> {
    let expand = |(name, short): (String, Value)| (name, object(&short));
    table().into_iter().map(expand).collect()
}

fn object(short: &Value) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, told) in short["fields"].as_object().into_iter().flatten() {
        let (kind, meaning) = told
            .as_str()
            .and_then(|told| told.split_once(": "))
            .unwrap_or(("any", ""));
        let mut schema = of(kind);
        if !meaning.is_empty() && schema.get("$ref").is_none() {
            schema["description"] = json!(meaning);
        }
        let plain = name.trim_end_matches('?');
        if plain == name {
            required.push(plain.to_owned());
        }
        properties.insert(plain.to_owned(), schema);
    }
    let mut schema = json!({
        "type": "object",
        "description": short["about"],
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The schema of a type in its short form.
pub fn of(kind: &str) -> Value {
    if let Some(inner) = kind.strip_suffix("|null") {
        let mut schema = of(inner);
        return match schema.get("type").cloned() {
            Some(plain) => {
                schema["type"] = json!([plain, "null"]);
                schema
            }
            None => json!({ "anyOf": [schema, { "type": "null" }] }),
        };
    }
    if let Some(inner) = kind.strip_prefix("[]") {
        return json!({ "type": "array", "items": of(inner) });
    }
    match kind {
        "any" => json!({}),
        "binary" => json!({ "type": "string", "format": "binary" }),
        "string" | "integer" | "number" | "boolean" | "object" => json!({ "type": kind }),
        name => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_parses_and_names_only_what_there_is() {
        let table = table();
        assert!(table.len() > 30);
        let all = Value::Object(all()).to_string();
        for part in all.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(table.contains_key(name), "{name}");
        }
    }

    #[test]
    fn types_expand() {
        assert_eq!(of("string|null"), json!({ "type": ["string", "null"] }));
        let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Run" } });
        assert_eq!(of("[]Run"), list);
        assert!(of("Fault|null")["anyOf"].is_array());
    }
}
