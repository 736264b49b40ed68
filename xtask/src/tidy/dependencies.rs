//! Every dependency has a reader and a reason: used by a crate, explained in one line.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;
use super::layers::used_by;
use super::rust_source::{code_only, names};
use super::tree::Tree;

const REASONS: &str = "docs/dependencies.md";
const WORKSPACE: &str = "Cargo.toml";

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let root: Table = tree.text(WORKSPACE).unwrap_or_default().parse()?;
    let declared = declared(&root);
    let explained = explained(tree.text(REASONS).unwrap_or_default());
    let mut findings = Vec::new();
    let mut find = |place: &str, message: String| {
        findings.push(Finding::new("dependencies", place, message));
    };
    for name in declared.difference(&explained) {
        find(REASONS, format!("{name} has no line"));
    }
    for name in explained.difference(&declared) {
        find(REASONS, format!("{name} is no dependency"));
    }
    let mut used = BTreeSet::new();
    for file in tree.files.iter().filter(|file| is_member(&file.path)) {
        let manifest: Table = file.text.parse().with_context(|| file.path.clone())?;
        let folder = file.path.trim_end_matches("/Cargo.toml");
        for (name, _) in used_by(&manifest) {
            if !is_named(tree, folder, &name) {
                let place = format!("{}::{name}", file.path);
                find(&place, format!("{name} is not used"));
            }
            used.insert(name);
        }
    }
    for name in declared.difference(&used) {
        find(WORKSPACE, format!("no crate uses {name}"));
    }
    Ok(findings)
}

/// The dependencies of the workspace that are not ours.
fn declared(root: &Table) -> BTreeSet<String> {
    let table = root.get("workspace").and_then(|w| w.get("dependencies"));
    let entries = table.and_then(Value::as_table).into_iter().flatten();
    entries
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name.clone())
        .collect()
}

/// The names in the first column of the document's table.
fn explained(document: &str) -> BTreeSet<String> {
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('`').nth(1))
        .map(String::from)
        .collect()
}

fn is_member(path: &str) -> bool {
    let inside = path.starts_with("crates/") || path.starts_with("xtask/");
    inside && path.ends_with("/Cargo.toml")
}

fn is_named(tree: &Tree, folder: &str, dependency: &str) -> bool {
    let word = dependency.replace('-', "_");
    tree.under(folder)
        .filter(|file| file.is_rust())
        .any(|file| names(&code_only(&file.text), &word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.dependencies]
hanok-domain = { path = \"crates/hanok-domain\" }
csv = \"1\"
";

    fn messages(source: &str, reasons: &str) -> Vec<String> {
        let manifest = "[package]\nname = \"hanok-data\"\n[dependencies]\ncsv.workspace = true\n";
        let found = check(&Tree::of(&[
            (WORKSPACE, ROOT),
            (REASONS, reasons),
            ("crates/hanok-data/Cargo.toml", manifest),
            ("crates/hanok-data/src/lib.rs", source),
        ]));
        let found = found.unwrap().into_iter();
        found.map(|finding| finding.message).collect()
    }

    #[test]
    fn a_dependency_has_a_line_and_a_line_a_dependency() {
        assert!(messages("use csv::Reader;", "| `csv` | tables |").is_empty());
        assert_eq!(messages("use csv::Reader;", ""), ["csv has no line"]);
        let stale = messages("use csv::Reader;", "| `csv` | a |\n| `gone` | b |");
        assert_eq!(stale, ["gone is no dependency"]);
    }

    #[test]
    fn what_no_source_names_is_not_used() {
        assert_eq!(
            messages("// csv", "| `csv` | tables |"),
            ["csv is not used"]
        );
    }
}
