//! Headers and sizes: every module says what it owns, and none grows past what one can hold.

use super::Finding;
use super::rust_source::{code_only, functions};
use super::tree::{File, Tree};

const FILE_LINES: usize = 300;
const FILE_LINES_AT_MOST: usize = 600;
const FUNCTION_LINES: usize = 45;
/// A test tells one story from its beginning to its end, with its data in it.
const TEST_FILE_LINES: usize = 500;
const TEST_FUNCTION_LINES: usize = 80;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        findings.extend(header(file));
        findings.extend(file_size(file));
        findings.extend(function_sizes(file));
    }
    findings
}

fn header(file: &File) -> Option<Finding> {
    let message = "does not open with `//!`: what it owns and what not";
    (!file.text.starts_with("//!")).then(|| Finding::new("header", &file.path, message))
}

fn is_test(file: &File) -> bool {
    ["/tests/", "/examples/", "_tests.rs"]
        .iter()
        .any(|mark| file.path.contains(mark))
}

fn file_size(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let budget = if is_test(file) {
        TEST_FILE_LINES
    } else {
        FILE_LINES
    };
    let finding = |most: usize| {
        let message = format!("{lines} lines, at most {most}");
        Finding::new("file-size", &file.path, message)
    };
    match lines {
        _ if lines <= budget => None,
        _ if lines <= FILE_LINES_AT_MOST => Some(finding(budget)),
        _ => Some(finding(FILE_LINES_AT_MOST).never_excused()),
    }
}

fn function_sizes(file: &File) -> impl Iterator<Item = Finding> {
    let budget = if is_test(file) {
        TEST_FUNCTION_LINES
    } else {
        FUNCTION_LINES
    };
    functions(&code_only(&file.text))
        .into_iter()
        .filter_map(move |function| {
            let lines = function.last - function.first + 1;
            (lines > budget).then(|| {
                let place = format!("{}::{}", file.path, function.name);
                let at = function.first;
                let message = format!("{lines} lines from line {at}, at most {budget}");
                Finding::new("function-size", place, message)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<(&'static str, bool)> {
        let found = check(&Tree::of(&[("crates/x/src/lib.rs", text)]));
        found.iter().map(|f| (f.rule, f.excusable)).collect()
    }

    fn with_lines(count: usize) -> String {
        "//! Owns lines.\n".to_owned() + &"const A: u8 = 1;\n".repeat(count - 1)
    }

    #[test]
    fn a_module_opens_with_what_it_owns() {
        assert_eq!(rules("use std::fs;\n"), [("header", true)]);
        assert_eq!(rules("//! Files.\nuse std::fs;\n"), []);
    }

    #[test]
    fn a_file_has_a_soft_and_a_hard_limit() {
        assert_eq!(rules(&with_lines(300)), []);
        assert_eq!(rules(&with_lines(301)), [("file-size", true)]);
        assert_eq!(rules(&with_lines(601)), [("file-size", false)]);
    }

    #[test]
    fn a_function_of_46_lines_is_too_long() {
        let function = |inner: usize| {
            let body = "    call();\n".repeat(inner);
            format!("//! Owns one function.\nfn long() {{\n{body}}}\n")
        };
        assert_eq!(rules(&function(43)), []);
        assert_eq!(rules(&function(44)), [("function-size", true)]);
    }
}
