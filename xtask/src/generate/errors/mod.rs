//! The page of errors, from the places in the sources that make them.
//!
//! Owns the page and what makes it fail: a fault whose code cannot be read. Where codes are found
//! stands in [`faults`], [`enums`] and [`commands`]; their HTTP status in [`statuses`].

mod commands;
mod enums;
mod faults;
mod source;
mod statuses;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::tidy::tree::Tree;

const HEAD: &str = "\
# Errors

Made from the sources by `cargo xtask gen`. Codes stay the same between versions; messages may change.
A part of a message that differs from case to case is written `…`; messages of one code are set apart
by `·`.

Over HTTP an error is `{\"error\": {\"message\", \"type\", \"param\", \"code\"}}`, with `remedy` and `row` where
they say something; `hanok … --json` prints the same code. A job that failed carries its code in its
`error`; the status below is that of a request which is answered with it.
";
const MOST_MEANINGS: usize = 3;

/// One place that makes an error.
#[derive(Debug, PartialEq)]
struct Found {
    code: String,
    /// Names of `FaultKind`; none for what never leaves a command.
    kinds: Vec<String>,
    meaning: Option<String>,
}

#[derive(Default)]
struct Code {
    kinds: BTreeSet<String>,
    meanings: Vec<String>,
}

type Codes = BTreeMap<String, Code>;

/// The page.
pub fn page(tree: &Tree) -> Result<String> {
    let kinds = statuses::kinds(tree)?;
    let sources = source::sources(tree);
    let mut problems = Vec::new();
    let mut found = faults::found(&sources, &mut problems);
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    found.extend(enums::found(&sources));
    let mut page = HEAD.to_owned();
    page.push_str("\n## Kinds\n\n| kind | status | type | meaning |\n|---|---|---|---|\n");
    let mut rows: Vec<_> = kinds.iter().collect();
    rows.sort_by_key(|(_, kind)| kind.status);
    for (name, kind) in rows {
        let (status, family, meaning) = (kind.status, &kind.family, &kind.meaning);
        let _ = writeln!(page, "| {name} | {status} | `{family}` | {meaning} |");
    }
    page.push_str("\n## Codes\n\n| code | status | meaning |\n|---|---|---|\n");
    for (name, code) in gathered(found) {
        let of_code: Vec<_> = code.kinds.iter().filter_map(|k| kinds.get(k)).collect();
        let numbers: BTreeSet<u16> = of_code.iter().map(|kind| kind.status).collect();
        let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
        let general = of_code.iter().map(|kind| kind.meaning.as_str());
        let meaning = match code.meanings.is_empty() {
            true => general.collect::<Vec<_>>().join(" "),
            false => code.meanings.join(" · "),
        };
        let _ = writeln!(page, "| `{name}` | {} | {meaning} |", numbers.join(", "));
    }
    page.push_str("\n## Rows that are left out\n\nWhy an import leaves a row out.\n");
    table(&mut page, gathered(enums::reasons(&sources)));
    page.push_str(
        "\n## Commands alone\n\nWhat ends a command before a server is asked, or beside it; ",
    );
    page.push_str("`failed` stands for what has no code of its own.\n");
    table(&mut page, gathered(commands::found(&sources)));
    Ok(page)
}

fn table(page: &mut String, codes: Codes) {
    page.push_str("\n| code | meaning |\n|---|---|\n");
    for (name, code) in codes {
        let meaning = match code.meanings.is_empty() {
            true => "…".to_owned(),
            false => code.meanings.join(" · "),
        };
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
}

fn gathered(found: Vec<Found>) -> Codes {
    let mut codes = Codes::new();
    for one in found {
        let code = codes.entry(one.code).or_default();
        code.kinds.extend(one.kinds);
        let new = one.meaning.filter(|text| !code.meanings.contains(text));
        code.meanings.extend(new);
        code.meanings.truncate(MOST_MEANINGS);
    }
    codes
}

/// A message as a cell of a table: what differs from case to case becomes `…`.
fn sentence(message: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for letter in message.replace("{{", "(").replace("}}", ")").chars() {
        match letter {
            '{' => {
                depth += 1;
                text.push('…');
            }
            '}' => depth -= 1,
            _ if depth > 0 => {}
            '|' | '<' => text.extend(['\\', letter]),
            _ => text.push(letter),
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.replace("[`", "`").replace("`]", "`");
    let text = text.replace("crate::", "").replace("….", "…");
    match text.ends_with(['.', '!', '?', '…']) || text.is_empty() {
        true => text,
        false => text + ".",
    }
}

/// Whether a literal can be a code: `row_too_long`, or `invalid_{field}`.
fn is_code(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_{}".contains(c);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "/// The class.\npub enum FaultKind {\n    /// Cannot be done.\n    Invalid,\n    \
        /// Absent.\n    NotFound,\n}\n";
    const STATUS: &str = "fn status_of() {\n\
        FaultKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, \"bad\"),\n\
        FaultKind::NotFound => (StatusCode::NOT_FOUND, \"gone\"),\n}\n";

    fn page_of(text: &str) -> Result<String> {
        page(&Tree::of(&[
            (statuses::KINDS, KIND),
            (statuses::STATUSES, STATUS),
            ("crates/hanok-x/src/lib.rs", text),
        ]))
    }

    #[test]
    fn a_code_of_two_kinds_has_both_statuses() {
        let text = "fn a() { Fault::invalid(\"gone\", \"It {was} there\") }\n\
            fn b() { Fault::new(FaultKind::NotFound, \"gone\", text) }\n";
        let page = page_of(text).unwrap();
        assert!(page.contains("| NotFound | 404 | `gone` | Absent. |\n"));
        assert!(
            page.contains("| `gone` | 404, 422 | It … there. |\n"),
            "{page}"
        );
    }

    #[test]
    fn a_code_that_cannot_be_read_is_named_with_its_line() {
        let error = page_of("fn a() {\n    Fault::invalid(pick(), \"Text.\")\n}\n").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("crates/hanok-x/src/lib.rs:2: ")
        );
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("there is no {what} '{id}'"), "there is no … '…'.");
        assert_eq!(sentence("a|b <c>, {{}}"), "a\\|b \\<c>, ().");
        assert_eq!(sentence("Text: {e}."), "Text: …");
    }
}
