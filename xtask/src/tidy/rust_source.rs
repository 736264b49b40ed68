//! Just enough reading of Rust: what is code and what is not, and where functions begin and end.
//!
//! No parser: code that formats well is read right, and that is all that tidy needs.

/// A function with a body, by its lines counted from 1.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub name: String,
    pub first: usize,
    pub last: usize,
}

/// The source with comments and the insides of literals blanked; lines and offsets stay.
pub fn code_only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut kept = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_end(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => comment_end(bytes, at),
            b'r' if !in_word(bytes, at) => raw_end(bytes, at).unwrap_or(at),
            b'"' => string_end(bytes, at),
            b'\'' => char_end(bytes, at).unwrap_or(at),
            _ => at,
        };
        for byte in &mut kept[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Every function with a body, nested ones too; for source that went through [`code_only`].
pub fn functions(code: &str) -> Vec<Function> {
    let bytes = code.as_bytes();
    let starts = code
        .match_indices("fn ")
        .filter(|(at, _)| !in_word(bytes, *at));
    let found = starts.filter_map(|(at, _)| {
        let name: String = code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
        let open = body_start(bytes, at)?;
        let close = body_end(bytes, open)?;
        (!name.is_empty()).then(|| Function {
            name,
            first: line_of(bytes, at),
            last: line_of(bytes, close),
        })
    });
    found.collect()
}

/// Whether the code names this identifier as a whole word.
pub fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let after = code[at + word.len()..].chars().next();
        !in_word(code.as_bytes(), at) && !after.is_some_and(is_word)
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether the byte before continues an identifier.
fn in_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes[at..].iter().position(|byte| *byte == b'\n');
    rest.map_or(bytes.len(), |length| at + length)
}

fn comment_end(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut end) = (0, at);
    while end < bytes.len() {
        match &bytes[end..] {
            [b'/', b'*', ..] => (depth, end) = (depth + 1, end + 2),
            [b'*', b'/', ..] => (depth, end) = (depth - 1, end + 2),
            _ => end += 1,
        }
        if depth == 0 {
            return end;
        }
    }
    end
}

/// The end of `r"…"` or `r#"…"#`, if one begins here.
fn raw_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..]
        .iter()
        .take_while(|byte| **byte == b'#')
        .count();
    let open = at + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let length = bytes[open + 1..]
        .windows(close.len())
        .position(|window| window == close)?;
    Some(open + 1 + length + close.len())
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 2,
            b'"' => return end + 1,
            _ => end += 1,
        }
    }
    bytes.len()
}

/// The end of a character literal; none where the quote begins a lifetime.
fn char_end(bytes: &[u8], at: usize) -> Option<usize> {
    let escaped = bytes.get(at + 1) == Some(&b'\\');
    // The longest are a four-byte character and `'\u{10ffff}'`.
    let (from, to) = if escaped {
        (at + 3, at + 12)
    } else {
        (at + 2, at + 6)
    };
    let quote = (from..to).find(|end| bytes.get(*end) == Some(&b'\''))?;
    let one = escaped
        || std::str::from_utf8(&bytes[at + 1..quote])
            .ok()?
            .chars()
            .count()
            == 1;
    one.then_some(quote + 1)
}

fn body_start(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (offset, byte) in bytes[at..].iter().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at + offset),
            b';' if depth == 0 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}

fn body_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (offset, byte) in bytes[open..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open + offset);
        }
    }
    None
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_blanked_in_place() {
        let source = "let a = \"x{\\\"\"; // }\nlet b = '{'; /* { /* } */ */ r#\"\"{\"#; 'c: loop";
        let code = code_only(source);
        assert_eq!(code.len(), source.len());
        assert!(!code.contains(['{', '}', '"']), "{code}");
        assert!(code.contains("'c: loop") && code.contains("let b"));
    }

    #[test]
    fn functions_are_measured_to_their_last_brace() {
        let source = "fn one() {}\n\ntrait T {\n    fn none(&self);\n}\n\
            fn two<'a>(x: [u8; 2]) -> &'a str {\n    if x { \"}\" } else { '}' }\n}\n";
        let found = functions(&code_only(source));
        let spans: Vec<_> = found
            .iter()
            .map(|f| (f.name.as_str(), f.first, f.last))
            .collect();
        assert_eq!(spans, [("one", 1, 1), ("two", 6, 8)]);
    }

    #[test]
    fn function_pointers_are_no_functions() {
        assert_eq!(functions("struct S { call: fn (u8) -> u8 }"), []);
    }

    #[test]
    fn words_are_matched_whole() {
        assert!(names("use axum::Router;", "axum"));
        assert!(!names("use axum_core::x; let my_axum = 1;", "axum"));
    }
}
