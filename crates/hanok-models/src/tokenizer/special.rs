//! Names of control tokens inside text: where to cut it so that none of them is read as a token.

use std::collections::HashSet;

/// The control tokens of a tokenizer.
#[derive(Debug)]
pub(crate) struct Specials {
    ids: HashSet<u32>,
    /// Names of two characters and more; a shorter one cannot be cut.
    names: Vec<String>,
    /// Whether a name begins with this byte, in either case.
    begins: [bool; 256],
}

impl Specials {
    pub(super) fn new(tokens: impl Iterator<Item = (u32, String)>) -> Self {
        let mut specials = Self {
            ids: HashSet::new(),
            names: Vec::new(),
            begins: [false; 256],
        };
        for (id, name) in tokens {
            specials.ids.insert(id);
            if name.chars().count() > 1 {
                let first = name.as_bytes()[0];
                specials.begins[usize::from(first.to_ascii_lowercase())] = true;
                specials.begins[usize::from(first.to_ascii_uppercase())] = true;
                specials.names.push(name);
            }
        }
        specials
    }

    pub(crate) fn has(&self, id: u32) -> bool {
        self.ids.contains(&id)
    }

    /// Offsets, ascending, each after the first character of a name; case is ignored, since a
    /// tokenizer may compare after lowering it.
    pub(crate) fn cuts(&self, text: &str) -> Vec<usize> {
        let bytes = text.as_bytes();
        let found = text.char_indices().filter(|(at, _)| {
            self.begins[usize::from(bytes[*at])]
                && self
                    .names
                    .iter()
                    .any(|name| begins_with(&bytes[*at..], name))
        });
        found.map(|(at, c)| at + c.len_utf8()).collect()
    }

    /// The end of the text without the white space after its last control token, if one ends it.
    pub(crate) fn trimmed_end(&self, text: &str) -> usize {
        let trimmed = text.trim_end();
        let ends = self.names.iter().any(|name| trimmed.ends_with(name));
        if ends { trimmed.len() } else { text.len() }
    }
}

fn begins_with(text: &[u8], name: &str) -> bool {
    text.get(..name.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()))
}
