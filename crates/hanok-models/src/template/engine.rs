//! The template engine with the functions that Hugging Face gives to chat templates, and no others.

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use serde::Serialize;

use super::{budget, guard};

pub(super) const NAME: &str = "chat_template";
/// Steps of the engine; a conversation of a thousand turns takes a tenth of them.
const FUEL: u64 = 1_500_000;
const RECURSION: usize = 50;
/// Filters that can make much of little, or that show what is none of a template's business.
const REFUSED: [&str; 7] = [
    "indent", "format", "pprint", "batch", "slice", "groupby", "sum",
];

/// Compiles a guarded template.
pub(super) fn compile(source: &str) -> Result<Environment<'static>, String> {
    let guarded = guard::guard(source)?;
    let mut env = Environment::new();
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);
    env.set_undefined_behavior(UndefinedBehavior::Lenient);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_syntax(syntax());
    for name in REFUSED {
        env.remove_filter(name);
    }
    env.remove_global("debug");
    env.add_filter("tojson", to_json);
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    env.set_unknown_method_callback(method);
    env.set_formatter(|out, state, value| {
        budget::write(value)?;
        minijinja::escape_formatter(out, state, value)
    });
    let text = guarded.text;
    env.add_function(format!("{}_keep", guard::RESERVED), budget::keep);
    env.add_function(
        format!("{}_step", guard::RESERVED),
        move |values: Rest<Value>| budget::step(text, values),
    );
    env.add_function(
        "raise_exception",
        |reason: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, reason))
        },
    );
    env.add_function("strftime_now", strftime_now);
    env.add_template_owned(NAME, guarded.source)
        .map_err(|e| e.to_string())?;
    Ok(env)
}

fn syntax() -> minijinja::syntax::SyntaxConfig {
    let mut syntax = minijinja::syntax::SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    syntax.build().unwrap_or_default()
}

/// The methods of Python's texts, lists and dictionaries, without those that multiply.
fn method(state: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    match (value.kind(), name) {
        (ValueKind::String, "format") => Err(Error::from(ErrorKind::UnknownMethod)),
        (ValueKind::String, "replace") => match args {
            [from, to] => replace(value.clone(), from.clone(), to.clone()),
            _ => Err(Error::from(ErrorKind::TooManyArguments)),
        },
        (ValueKind::String, "join") => match args {
            [list] => join(list.clone(), Some(value.clone())),
            _ => Err(Error::from(ErrorKind::TooManyArguments)),
        },
        _ => minijinja_contrib::pycompat::unknown_method_callback(state, value, name, args),
    }
}

fn text(value: &Value) -> Result<&str, Error> {
    value
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "replaces in what is no text"))
}

fn replace(value: Value, from: Value, to: Value) -> Result<Value, Error> {
    let (value, from, to) = (text(&value)?, text(&from)?, text(&to)?);
    let found = value.matches(from).count();
    budget::allow(found.saturating_mul(to.len()).saturating_add(value.len()))?;
    Ok(Value::from(value.replace(from, to)))
}

fn join(list: Value, separator: Option<Value>) -> Result<Value, Error> {
    let separator = separator.as_ref().and_then(Value::as_str).unwrap_or("");
    let (mut out, mut first) = (String::new(), true);
    budget::size(&list)?;
    for item in list.try_iter()? {
        if !first {
            out.push_str(separator);
        }
        first = false;
        match item.as_str() {
            Some(text) => out.push_str(text),
            None => out.push_str(&item.to_string()),
        }
        budget::allow(out.len())?;
    }
    Ok(Value::from(out))
}

/// As Python's `json.dumps` with `ensure_ascii=False`: nothing is escaped for HTML.
fn to_json(value: Value, options: minijinja::value::Kwargs) -> Result<String, Error> {
    budget::size(&value)?;
    let indent: Option<usize> = options.get("indent").ok();
    let wrong = |e: serde_json::Error| Error::new(ErrorKind::BadSerialization, e.to_string());
    let mut out = Vec::new();
    match indent.filter(|n| *n > 0) {
        Some(n) => {
            let spaces = " ".repeat(n.min(8));
            let style = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
            let mut json = serde_json::Serializer::with_formatter(&mut out, style);
            value.serialize(&mut json).map_err(wrong)?;
        }
        None => {
            let mut json = serde_json::Serializer::with_formatter(&mut out, Spaced);
            value.serialize(&mut json).map_err(wrong)?;
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// A space after every comma and colon, as Python writes it.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
    ) -> std::io::Result<()> {
        out.write_all(b": ")
    }
}

/// Today, in UTC.
fn strftime_now(format: String) -> Result<String, Error> {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let written = jiff::fmt::strtime::format(format, &now);
    written.map_err(|e| Error::new(ErrorKind::InvalidOperation, e.to_string()))
}
