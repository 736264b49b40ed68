//! Documents that tell the truth: what they name in backticks or link to is there.

use super::Finding;
use super::tree::{File, Tree};

/// The folders and root files that a word in backticks can name.
const ROOTS: [&str; 10] = [
    ".ci/",
    "bench/",
    "crates/",
    "deploy/",
    "docs/",
    "examples/",
    "models/",
    "scripts/",
    "tests/",
    "xtask/",
];
const ROOT_FILE_ENDS: [&str; 3] = [".md", ".toml", ".lock"];

/// What an operator writes, not we.
const OUTSIDE: [&str; 2] = ["hanok.toml", "recipe.toml"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| is_document(&file.path)) {
        for (number, line) in prose(&file.text) {
            let missing = backticked(line)
                .filter(|word| names_a_path(word) && !tree.has(word.trim_end_matches('/')))
                .chain(links(line).filter(|link| !resolves(tree, file, link)))
                .chain(crates_named(file, line).filter(|name| !is_ours(tree, name)));
            for word in missing {
                let message = format!("line {number}: {word} is not there");
                findings.push(Finding::new("documents", &file.path, message));
            }
        }
    }
    findings
}

fn is_document(path: &str) -> bool {
    let root = !path.contains('/') && path != "CHANGELOG.md";
    path.ends_with(".md") && (root || path.starts_with("docs/"))
}

/// The lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((number + 1, line))
    })
}

fn backticked(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn names_a_path(word: &str) -> bool {
    let placeholder = word.contains(|c: char| " *<>{}$…:=".contains(c))
        || word
            .split('/')
            .any(|part| !part.is_empty() && part.bytes().all(is_capital));
    let file = !word.contains('/')
        && ROOT_FILE_ENDS.iter().any(|end| word.ends_with(end))
        && word.starts_with(|c: char| c.is_ascii_alphabetic());
    let below = ROOTS.iter().any(|root| word.starts_with(root));
    !placeholder && !OUTSIDE.contains(&word) && (file || below)
}

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase()
}

fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1);
    targets.filter_map(|rest| {
        let target = rest.split([')', '#']).next()?;
        (!target.is_empty() && !target.contains("://")).then_some(target)
    })
}

fn resolves(tree: &Tree, file: &File, link: &str) -> bool {
    let mut parts: Vec<&str> = file.path.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    tree.has(&parts.join("/"))
}

/// The map names crates without their folder.
fn crates_named<'a>(file: &'a File, line: &'a str) -> impl Iterator<Item = &'a str> {
    let is_map = file.path == "ARCHITECTURE.md";
    backticked(line).filter(move |word| {
        let rest = word.strip_prefix("hanok-").unwrap_or_default();
        is_map && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

fn is_ours(tree: &Tree, name: &str) -> bool {
    tree.has(&format!("crates/{name}")) || tree.has(&format!("models/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(path: &str, text: &str) -> Vec<String> {
        let files = [
            (path, text),
            ("crates/hanok-web/src/lib.rs", "//! Web."),
            ("docs/dependencies.md", ""),
        ];
        let found = check(&Tree::of(&files));
        found.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn paths_in_backticks_are_there() {
        assert!(
            missing(
                "README.md",
                "see `crates/hanok-web/` and `docs/dependencies.md`"
            )
            .is_empty()
        );
        let gone = missing("docs/a.md", "one\nsee `crates/hanok-gone`");
        assert_eq!(gone, ["line 2: crates/hanok-gone is not there"]);
    }

    #[test]
    fn placeholders_code_blocks_and_other_words_are_left_alone() {
        let text = "`crates/NAME/src`, `docs/*.md`, `hanok.toml`, `/v1/models`\n\
            ```\n`crates/gone`\n```\n";
        assert!(missing("README.md", text).is_empty());
    }

    #[test]
    fn links_resolve_from_where_they_stand() {
        assert!(
            missing(
                "docs/guide/a.md",
                "[d](../dependencies.md#top) [w](https://x.y)"
            )
            .is_empty()
        );
        assert_eq!(missing("docs/guide/a.md", "[d](dependencies.md)").len(), 1);
    }

    #[test]
    fn crates_on_the_map_are_there() {
        assert!(missing("ARCHITECTURE.md", "`hanok-web` serves").is_empty());
        assert_eq!(missing("ARCHITECTURE.md", "`hanok-gone` serves").len(), 1);
    }
}
