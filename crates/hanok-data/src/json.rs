//! Objects of a JSON Lines file, or of one JSON array, as text; and an object as columns.

use std::fmt;
use std::io::BufRead;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::table::TableError;

/// One object's text and where it stood.
#[derive(Debug, Default)]
pub(crate) struct Item {
    /// Its line; its number in an array.
    pub(crate) row: u64,
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
}

/// Cuts the input into objects without understanding them.
pub(crate) struct Items<R> {
    input: R,
    array: bool,
    limit: usize,
    row: u64,
    offset: u64,
}

impl<R: BufRead> Items<R> {
    pub(crate) fn new(input: R, array: bool, limit: usize) -> Self {
        Self {
            input,
            array,
            limit,
            row: 0,
            offset: 0,
        }
    }

    /// Reads the next item; false at the end. Blank lines are skipped.
    pub(crate) fn read(&mut self, item: &mut Item) -> Result<bool, TableError> {
        loop {
            self.row += 1;
            item.row = self.row;
            item.offset = self.offset;
            item.bytes.clear();
            let more = self.cut(item)?;
            let trimmed = item.bytes.trim_ascii();
            if !trimmed.is_empty() {
                return Ok(true);
            }
            if !more {
                return Ok(false);
            }
            if self.array {
                self.row -= 1;
            }
        }
    }

    fn cut(&mut self, item: &mut Item) -> Result<bool, TableError> {
        let mut cutter = Cutter::new(self.array);
        loop {
            let buffer = self.input.fill_buf().map_err(TableError::Io)?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let mut used = 0;
            let mut done = false;
            for byte in buffer {
                used += 1;
                done = cutter.ends_at(*byte, &mut item.bytes);
                if done {
                    break;
                }
            }
            self.input.consume(used);
            self.offset += used as u64;
            if item.bytes.len() > self.limit {
                let row = item.row;
                return Err(TableError::TooLong { row, quoted: false });
            }
            if done {
                return Ok(true);
            }
        }
    }
}

struct Cutter {
    array: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl Cutter {
    fn new(array: bool) -> Self {
        Self {
            array,
            depth: 0,
            in_string: false,
            escaped: false,
        }
    }

    /// Whether the item is complete; bytes that belong to it go to `item`.
    fn ends_at(&mut self, byte: u8, item: &mut Vec<u8>) -> bool {
        if !self.array {
            if byte != b'\n' {
                item.push(byte);
            }
            return byte == b'\n';
        }
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            item.push(byte);
            return false;
        }
        match byte {
            b'[' | b']' | b',' if self.depth == 0 => return !item.trim_ascii().is_empty(),
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        item.push(byte);
        false
    }
}

/// The object's members in their order: strings as they are, null as nothing, the rest as JSON.
pub(crate) fn members(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut input = serde_json::Deserializer::from_str(text);
    let found = input.deserialize_map(Members).map_err(|error| {
        if error.is_data() && !text.trim_start().starts_with('{') {
            "the line is no JSON object".to_string()
        } else {
            format!("invalid JSON: {error}")
        }
    })?;
    input
        .end()
        .map_err(|error| format!("more than one JSON value: {error}"))?;
    Ok(found)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            let raw = value.get();
            let text = match raw.as_bytes().first() {
                Some(b'"') => serde_json::from_str(raw).map_err(serde::de::Error::custom)?,
                Some(b'n') => String::new(),
                _ => raw.to_string(),
            };
            found.push((key, text));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, array: bool) -> Vec<(u64, String)> {
        let mut items = Items::new(text.as_bytes(), array, 1_000);
        let mut item = Item::default();
        let mut found = Vec::new();
        while items.read(&mut item).unwrap() {
            let text = String::from_utf8_lossy(item.bytes.trim_ascii()).into_owned();
            found.push((item.row, text));
        }
        found
    }

    #[test]
    fn arrays_are_cut_at_the_top_level_only() {
        let text = r#" [ {"a":"x,]\"}"} , {"b":[1,{"c":2}]},
            {"d":"\\"} ] "#;
        let found = cut(text, true);
        let expected = [r#"{"a":"x,]\"}"}"#, r#"{"b":[1,{"c":2}]}"#, r#"{"d":"\\"}"#];
        assert_eq!(found.len(), 3);
        for (at, (row, text)) in found.iter().enumerate() {
            assert_eq!((*row, text.as_str()), (at as u64 + 1, expected[at]));
        }
        assert!(cut("[]", true).is_empty());
    }

    #[test]
    fn lines_keep_their_numbers_across_blank_ones() {
        assert_eq!(
            cut("{}\n\n \n[1]\r\n", false),
            [(1, "{}".into()), (4, "[1]".into())]
        );
    }

    #[test]
    fn members_keep_their_order_and_nested_values_their_text() {
        let found = members(r#"{"z":"한","a":null,"n":1.50,"m":[{"role":"user"}]}"#).unwrap();
        let expected = [
            ("z", "한"),
            ("a", ""),
            ("n", "1.50"),
            ("m", r#"[{"role":"user"}]"#),
        ];
        assert_eq!(
            found,
            expected.map(|(key, text)| (key.to_string(), text.to_string()))
        );
        for broken in ["[1]", "{\"a\":NaN}", "{} {}", "{\"a\":\"\\ud800\"}", "{"] {
            assert!(members(broken).is_err(), "{broken}");
        }
    }
}
