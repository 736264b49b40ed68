//! Words for the "As code" drawer: names that people chose, made safe for a shell and for Python.

/// A word of a POSIX shell; quoted only where it must be.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A string literal of Python (and of JSON).
pub fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_word() {
        assert_eq!(quote("ft:hanok-encoder:a"), "ft:hanok-encoder:a");
        assert_eq!(quote("a b; rm -rf /"), "'a b; rm -rf /'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(literal("a\"b"), r#""a\"b""#);
    }
}
