//! What every JSON body has to be before it is read for its meaning: UTF-8 without a mark in front, of a decent
//! depth, each name in an object once. So no two readers of the same body can see different things in it.

use std::collections::HashSet;
use std::fmt;

use axum::http::{HeaderMap, header};
use hanok_domain::fault::{Fault, FaultKind};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whether the body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let name = kind.split(';').next().unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"))
}

/// Checks a body as a whole. Every body of ours is an object.
pub fn check(bytes: &[u8]) -> Result<(), Fault> {
    match serde_json::from_slice::<Sound>(bytes) {
        Ok(Sound) if bytes.trim_ascii_start().starts_with(b"{") => Ok(()),
        Ok(Sound) => {
            let text = "The body cannot be used: it must be an object.";
            Err(Fault::invalid("invalid_body", text))
        }
        Err(error) => {
            let text = format!("The body cannot be used: {error}.");
            Err(Fault::new(FaultKind::Malformed, "malformed_json", text))
        }
    }
}

/// A value that is read and not kept.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_unit<E: Error>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Sound, A::Error> {
        while items.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Sound, A::Error> {
        let mut names: HashSet<String> = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            fields.next_value::<Sound>()?;
            if let Some(twice) = names.replace(name) {
                let shown: String = twice.chars().take(40).collect();
                return Err(A::Error::custom(format!("'{shown}' is there twice")));
            }
        }
        Ok(Sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f09s_what_two_readers_could_read_differently_is_refused() {
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":1,"\u0061":2}]}"#,
            "\u{feff}{}",
            r#"{"a":"\ud800"}"#,
            r#"{"a":1e400}"#,
            r#"{"a":NaN}"#,
            r#"{"a":1,}"#,
            r"{} {}",
            "",
        ] {
            assert!(check(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(check(b"{\"a\":\"\xff\"}").is_err());
        assert!(check("[".repeat(100_000).as_bytes()).is_err());
        for good in [
            r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#,
            r#"{"a":"\ud83d\ude00","b":1e308,"c":-0.0,"d":null,"e":true}"#,
        ] {
            assert!(check(good.as_bytes()).is_ok(), "{good}");
        }
    }
}
