//! What the page of the API shows: the operations of one group, then the schemas that they name.

use std::collections::BTreeSet;

use askama::Template;
use serde_json::Value;

use crate::openapi::operations::{Body, OPERATIONS, Operation, PARAMETERS};
use crate::openapi::schema;
use crate::ui::frame::{At, Frame, Section};
use crate::ui::lang::Lang;

/// Groups that are not for people.
const HIDDEN: &str = "Workers";

/// Operations of one kind.
struct Group {
    tag: &'static str,
}

impl Group {
    fn is(&self, tag: &str) -> bool {
        self.tag == tag
    }

    fn anchor(&self) -> String {
        self.tag.to_lowercase().replace(' ', "-")
    }
}

/// One operation.
struct Shown {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    anchor: String,
    parameters: Vec<Field>,
    takes: Option<Named>,
    gives: Option<Named>,
    curl: String,
}

/// A schema that is named, with a word around it.
struct Named {
    name: &'static str,
    list: bool,
    /// A schema, rather than a media type.
    link: bool,
}

/// A schema.
struct Schema {
    name: String,
    about: String,
    fields: Vec<Field>,
}

/// A field of a schema, or a parameter.
struct Field {
    name: String,
    kind: String,
    meaning: String,
    required: bool,
}

#[derive(Template)]
#[template(path = "docs/page.html")]
struct Page<'a> {
    f: &'a Frame,
    l: Lang,
    at: At,
    groups: Vec<Group>,
    tag: &'static str,
    operations: Vec<Shown>,
    schemas: Vec<Schema>,
}

/// One group of what the document has; the first where there is none of that name.
pub fn render(document: &Value, chosen: &str, f: &Frame) -> String {
    let l = f.lang;
    let served: Vec<&'static Operation> = OPERATIONS
        .iter()
        .filter(|op| op.tag != HIDDEN && !about(document, op).is_null())
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for op in &served {
        if !groups.iter().any(|group| group.tag == op.tag) {
            groups.push(Group { tag: op.tag });
        }
    }
    let found = groups.iter().find(|group| group.anchor() == chosen);
    let tag = found.or(groups.first()).map_or("", |group| group.tag);
    let here = || served.iter().copied().filter(|op| op.tag == tag);
    let at = At::outside(l.t("docs.title"));
    crate::ui::html(&Page {
        f,
        l,
        at,
        tag,
        operations: here().map(|op| shown(op, &f.base_url, document)).collect(),
        schemas: schemas(&named_by(here())),
        groups,
    })
    .0
}

/// What the document says of an operation; null where it is not served.
fn about<'d>(document: &'d Value, op: &Operation) -> &'d Value {
    &document["paths"][op.path][op.method.to_lowercase()]
}

/// The schemas that operations name, and those that these name.
fn named_by(operations: impl Iterator<Item = &'static Operation>) -> BTreeSet<String> {
    let bodies = operations.flat_map(|op| [op.takes, op.gives]);
    let mut next: Vec<String> = bodies
        .filter_map(named)
        .filter(|named| named.link)
        .map(|named| named.name.to_owned())
        .collect();
    next.push("Error".to_owned());
    let table = schema::table();
    let mut found = BTreeSet::new();
    while let Some(name) = next.pop() {
        if found.insert(name.clone()) {
            let kinds = fields(&name).into_iter().map(|field| field.kind);
            let plain = kinds.map(|kind| kind.replace("[]", "").replace("|null", ""));
            next.extend(plain.filter(|kind| table.contains_key(kind)));
        }
    }
    found
}

fn shown(op: &'static Operation, base: &str, document: &Value) -> Shown {
    let about = about(document, op);
    Shown {
        method: op.method,
        path: op.path,
        summary: op.summary,
        anchor: about["operationId"].as_str().unwrap_or_default().to_owned(),
        parameters: parameters(op),
        takes: named(op.takes),
        gives: named(op.gives),
        curl: curl(op, base, about),
    }
}

fn parameters(op: &Operation) -> Vec<Field> {
    let known = |name: &&str| PARAMETERS.iter().find(|(known, _, _)| known == name);
    let found = op.query.iter().filter_map(known);
    found
        .map(|(name, kind, meaning)| Field {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            meaning: (*meaning).to_owned(),
            required: *name == "topics",
        })
        .collect()
}

fn named(body: Body) -> Option<Named> {
    let (name, list, link) = match body {
        Body::None => return None,
        Body::Json(name) | Body::Form(name) => (name, false, true),
        Body::List(name) => (name, true, true),
        Body::Events => ("text/event-stream", false, false),
        Body::Rows => ("application/jsonl", false, false),
        Body::Socket => ("WebSocket", false, false),
        Body::Text(kind) | Body::Bytes(kind) => (kind, false, false),
    };
    Some(Named { name, list, link })
}

/// A line that a person may paste, with the ids left to fill in.
fn curl(op: &Operation, base: &str, about: &Value) -> String {
    let method = match op.method {
        "GET" => String::new(),
        method => format!(" -X {method}"),
    };
    let unbuffered = if op.gives == Body::Events { " -N" } else { "" };
    let query = if op.query.contains(&"topics") {
        "?topics=run_…"
    } else {
        ""
    };
    let mut line = format!("curl{unbuffered}{method} \"{base}{}{query}\"", op.path);
    let open = about["security"].as_array().is_some_and(|schemes| {
        schemes.is_empty()
            || schemes
                .iter()
                .any(|scheme| scheme == &serde_json::json!({}))
    });
    if !open {
        line.push_str(" \\\n  -H \"Authorization: Bearer $HANOK_KEY\"");
    }
    match op.takes {
        Body::Json(name) => {
            let body = example(name).to_string().replace('\'', "'\\''");
            line.push_str(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '");
            line.push_str(&body);
            line.push('\'');
        }
        Body::Form(name) => {
            for field in fields(name).iter().filter(|field| field.required) {
                let value = if field.kind == "binary" {
                    "@FILE"
                } else {
                    "…"
                };
                line.push_str(&format!(" \\\n  -F {}={value}", field.name));
            }
        }
        _ => {}
    }
    line
}

/// The least that a body must have.
fn example(name: &str) -> Value {
    let needed = fields(name).into_iter().filter(|field| field.required);
    let value = |field: &Field| match field.kind.as_str() {
        "integer" | "number" => Value::from(1),
        "boolean" => Value::from(true),
        "any" if field.name == "prompt" || field.name == "input" => Value::from("…"),
        "[]Message" => serde_json::json!([{ "role": "user", "content": "…" }]),
        kind if kind.starts_with("[]") => Value::Array(vec![example(&kind[2..])]),
        _ => Value::from("…"),
    };
    let pairs = needed.map(|field| (field.name.clone(), value(&field)));
    Value::Object(pairs.collect())
}

fn schemas(names: &BTreeSet<String>) -> Vec<Schema> {
    let shown = |(name, short): (String, Value)| Schema {
        about: short["about"].as_str().unwrap_or_default().to_owned(),
        fields: fields(&name),
        name,
    };
    let all = schema::table().into_iter();
    all.filter(|(name, _)| names.contains(name))
        .map(shown)
        .collect()
}

fn fields(name: &str) -> Vec<Field> {
    let table = schema::table();
    let told = table
        .get(name)
        .and_then(|short| short["fields"].as_object());
    let field = |(name, told): (&String, &Value)| {
        let (kind, meaning) = told.as_str()?.split_once(": ")?;
        Some(Field {
            required: !name.ends_with('?'),
            name: name.trim_end_matches('?').to_owned(),
            kind: kind.to_owned(),
            meaning: meaning.to_owned(),
        })
    };
    told.into_iter().flatten().filter_map(field).collect()
}
