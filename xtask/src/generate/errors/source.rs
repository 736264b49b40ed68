//! A source file as the scanners read it: its calls with their arguments, the function around a
//! place, the literals in a stretch. It knows nothing of errors.

use std::ops::Range;

use crate::tidy::rust_source::{Function, code_only, functions};
use crate::tidy::tree::{File, Tree};

/// A file of a crate, without its tests.
pub struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
    /// The text with comments and literals blanked; offsets are the same.
    pub code: String,
    functions: Vec<Function>,
}

/// The sources of all crates, without tests and what only tests use.
pub fn sources(tree: &Tree) -> Vec<Source<'_>> {
    let apart = [
        "/tests/",
        "/examples/",
        "/benches/",
        "_tests.rs",
        "hanok-testkit/",
    ];
    let is_test = |file: &&File| apart.iter().any(|mark| file.path.contains(mark));
    let files = tree.under("crates").filter(|file| file.is_rust());
    files
        .filter(|file| !is_test(file))
        .map(Source::of)
        .collect()
}

impl<'a> Source<'a> {
    fn of(file: &'a File) -> Self {
        let end = file.text.find("#[cfg(test)]\nmod tests {");
        let text = &file.text[..end.unwrap_or(file.text.len())];
        let code = code_only(text);
        Source {
            path: &file.path,
            text,
            functions: functions(&code),
            code,
        }
    }

    /// The arguments of each call of this name, with the offset of the name.
    pub fn calls(&self, name: &str) -> Vec<(usize, Vec<Range<usize>>)> {
        let starts = self.code.match_indices(name).map(|(at, _)| at);
        let whole = starts.filter(|at| {
            let before = self.code[..*at].chars().next_back();
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let after = self.code[at + name.len()..].starts_with('(');
            after && !before.is_some_and(part)
        });
        let calls = whole.filter_map(|at| Some((at, self.arguments(at + name.len())?)));
        calls.collect()
    }

    /// The stretches between the commas of the bracket that opens here.
    pub fn arguments(&self, open: usize) -> Option<Vec<Range<usize>>> {
        let mut depth = 0;
        let mut begin = open + 1;
        let mut found = Vec::new();
        for (offset, byte) in self.code[open..].bytes().enumerate() {
            let at = open + offset;
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                b',' if depth == 1 => {
                    found.push(begin..at);
                    begin = at + 1;
                }
                _ => {}
            }
            if depth == 0 {
                // A comma after the last argument adds none.
                if !self.text[begin..at].trim().is_empty() {
                    found.push(begin..at);
                }
                return Some(found);
            }
        }
        None
    }

    /// The innermost function around a place: its name and its stretch.
    pub fn function(&self, at: usize) -> Option<(&str, Range<usize>)> {
        let line = self.line(at);
        let around = self
            .functions
            .iter()
            .filter(|f| f.first <= line && line <= f.last);
        let inner = around.min_by_key(|f| f.last - f.first)?;
        Some((
            &inner.name,
            self.offset(inner.first)..self.offset(inner.last + 1),
        ))
    }

    /// What `let` gives this name in the function around a place, before that place.
    pub fn binding(&self, name: &str, at: usize) -> Option<Range<usize>> {
        let (_, around) = self.function(at)?;
        let lets = self.code[around.start..at].match_indices("let ");
        let stretches = lets.filter_map(|(offset, _)| {
            let start = around.start + offset;
            let (pattern, _) = self.code[start..].split_once('=')?;
            let pattern = pattern.split(':').next()?;
            let mut words = pattern.split(|c: char| !c.is_alphanumeric() && c != '_');
            words
                .any(|word| word == name)
                .then(|| start + pattern.len()..self.statement_end(start))
        });
        stretches.last()
    }

    /// The names that the function takes, in order, without `self`.
    pub fn parameters(&self, function: &str, around: &Range<usize>) -> Vec<&str> {
        let head = &self.code[around.clone()];
        let name = head.find(&format!("fn {function}")).unwrap_or_default();
        let open = head[name..].find('(').map(|at| around.start + name + at);
        let arguments = open
            .and_then(|open| self.arguments(open))
            .unwrap_or_default();
        let names = arguments.into_iter().map(|range| self.text[range].trim());
        names
            .filter(|text| !text.ends_with("self"))
            .map(|text| text.split(':').next().unwrap_or(text).trim())
            .collect()
    }

    /// The string literals in a stretch, as they read when run.
    pub fn literals(&self, range: Range<usize>) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = range.start;
        // In the blanked code a literal is white space, and a comment cannot hold a call's argument.
        while let Some(open) = self.text[at..range.end].find('"').map(|offset| at + offset) {
            let close = self.literal_end(open).min(range.end);
            if self.code.as_bytes()[open] == b' ' {
                found.push(unescaped(&self.text[open + 1..close]));
            }
            at = (close + 1).min(range.end);
        }
        found
    }

    /// The line of an offset, from 1.
    pub fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    fn literal_end(&self, open: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = open + 1;
        while at < bytes.len() && bytes[at] != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        at.min(bytes.len())
    }

    fn statement_end(&self, start: usize) -> usize {
        let mut depth = 0;
        for (offset, byte) in self.code[start..].bytes().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
            if depth < 0 || (depth == 0 && byte == b';') {
                return start + offset;
            }
        }
        self.code.len()
    }

    fn offset(&self, line: usize) -> usize {
        let mut ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        match line {
            1 => 0,
            _ => ends.nth(line - 2).unwrap_or(self.text.len()),
        }
    }
}

/// Escapes resolved; a line that ends in `\` goes on where the next one begins.
fn unescaped(literal: &str) -> String {
    let mut text = String::new();
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some('\n')) => while letters.next_if(|c| c.is_whitespace()).is_some() {},
            ('\\', Some('n' | 't' | 'r')) => {
                letters.next();
                text.push(' ');
            }
            ('\\', Some(_)) => text.extend(letters.next()),
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, look: impl FnOnce(&Source) -> T) -> T {
        let file = File {
            path: "crates/x/src/lib.rs".into(),
            text: text.into(),
        };
        look(&Source::of(&file))
    }

    #[test]
    fn calls_are_read_with_their_arguments() {
        let text = "fn a() { ours(x, \"one, \\\"two\\\" \\\n    three\", f(1, 2),) } // ours(y)\n";
        with(text, |source| {
            let calls = source.calls("ours");
            assert_eq!(calls.len(), 1);
            let arguments = &calls[0].1;
            assert_eq!(arguments.len(), 3);
            assert_eq!(
                source.literals(arguments[1].clone()),
                ["one, \"two\" three"]
            );
            assert!(source.calls("urs").is_empty());
        });
    }

    #[test]
    fn bindings_and_parameters_are_those_of_the_function_around() {
        let text = "fn other() { let code = \"wrong\"; }\n\
            fn a(&self, code: &str, field: u8) {\n    let (kind, text) = if x { (A, \"a\") } else { (B, \"b\") };\n    \
            call(kind);\n}\n";
        with(text, |source| {
            let at = source.calls("call")[0].0;
            let (name, around) = source.function(at).unwrap();
            assert_eq!(source.parameters(name, &around), ["code", "field"]);
            let bound = source.binding("text", at).unwrap();
            assert_eq!(source.literals(bound), ["a", "b"]);
            assert_eq!(source.binding("code", at), None);
        });
    }

    #[test]
    fn tests_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { ours() }\n}\n";
        with(text, |source| assert!(source.calls("ours").is_empty()));
    }
}
