//! Who may use whom: the arrows of ARCHITECTURE.md as a table, held against every manifest.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;
use super::rust_source::{code_only, names};
use super::tree::{File, Tree};

/// Each crate and what of ours it may use. `hanok` and `hanok-testkit` may use all.
const MAY_USE: [(&str, &[&str]); 20] = [
    ("hanok-domain", &[]),
    ("hanok-config", &["domain"]),
    ("hanok-protocol", &["domain"]),
    ("hanok-data", &[]),
    ("hanok-text", &[]),
    ("hanok-cards", &[]),
    ("hanok-nn", &[]),
    ("hanok-models", &["nn"]),
    ("hanok-train", &["models", "nn"]),
    ("hanok-infer", &["models", "nn"]),
    ("hanok-blobs", &["domain"]),
    ("hanok-test-s3", &[]),
    ("hanok-cache", &[]),
    ("hanok-remote", &["domain"]),
    ("hanok-store", &["domain"]),
    ("hanok-jobs", &["domain", "store"]),
    (
        "hanok-studio",
        &[
            "domain", "store", "jobs", "blobs", "cache", "remote", "text", "cards", "protocol",
            "data",
        ],
    ),
    (
        "hanok-ops",
        &["domain", "store", "jobs", "blobs", "remote", "studio"],
    ),
    ("hanok-web", &["domain", "protocol", "studio", "ops"]),
    (
        "hanok-worker",
        &[
            "domain", "protocol", "blobs", "text", "train", "infer", "models", "nn", "data",
        ],
    ),
];

/// Libraries that give a crate its role, and the only crates that may name them.
const OWNERS: [(&str, &[&str]); 4] = [
    // The test kit damages rows past the store, to see what the store makes of them.
    ("sea-orm", &["hanok-store", "hanok-testkit"]),
    ("sea-orm-migration", &["hanok-store"]),
    ("sqlx", &["hanok-store"]),
    ("axum", &["hanok-web", "hanok-worker"]),
];

const TESTKIT: &str = "hanok-testkit";

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.under("crates").chain(tree.under("xtask")) {
        let folder = owner_of(&file.path);
        if file.path.ends_with("/Cargo.toml") {
            let manifest: Table = file.text.parse().with_context(|| file.path.clone())?;
            findings.extend(manifest_findings(&file.path, folder, &manifest));
        } else if file.is_rust() {
            findings.extend(owned_names(file, folder));
        }
    }
    Ok(findings)
}

/// `crates/hanok-web/src/lib.rs` → `hanok-web`.
fn owner_of(path: &str) -> &str {
    let inside = path.strip_prefix("crates/").unwrap_or(path);
    inside.split('/').next().unwrap_or(inside)
}

fn manifest_findings(path: &str, folder: &str, manifest: &Table) -> Vec<Finding> {
    let finding = |message: String| Finding::new("layers", path, message);
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    if name.and_then(Value::as_str) != Some(folder) {
        return vec![finding("the folder is not named as its crate".into())];
    }
    let known = MAY_USE.iter().find(|(of, _)| *of == folder);
    if known.is_none() && !["hanok", TESTKIT, "xtask"].contains(&folder) {
        let message = "a new crate needs its row in xtask/src/tidy/layers.rs".into();
        return vec![finding(message)];
    }
    let may = known.map_or(&[][..], |(_, may)| *may);
    let used = used_by(manifest);
    let wrong = used
        .iter()
        .filter(|(used, test)| !allowed(folder, may, used, *test));
    wrong
        .map(|(used, _)| finding(format!("may not use {used}")))
        .collect()
}

fn allowed(folder: &str, may: &[&str], used: &str, for_tests: bool) -> bool {
    if let Some((_, owners)) = OWNERS.iter().find(|(library, _)| *library == used) {
        return owners.contains(&folder);
    }
    let Some(short) = used.strip_prefix("hanok-") else {
        return used != "hanok";
    };
    match folder {
        _ if used == TESTKIT => for_tests,
        "hanok" | TESTKIT => true,
        // A suite builds the world that its crate stands in.
        _ if for_tests => true,
        _ => may.contains(&short),
    }
}

/// Every dependency of a manifest, and whether it is for tests only.
pub fn used_by(manifest: &Table) -> BTreeSet<(String, bool)> {
    let mut used = BTreeSet::new();
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(|targets| targets.values().filter_map(Value::as_table));
    for table in tables.chain([manifest]) {
        for (section, for_tests) in [
            ("dependencies", false),
            ("build-dependencies", false),
            ("dev-dependencies", true),
        ] {
            let entries = table.get(section).and_then(Value::as_table);
            let names = entries.into_iter().flat_map(|entries| entries.keys());
            used.extend(names.map(|name| (name.clone(), for_tests)));
        }
    }
    used
}

/// A library can also come in through another crate's re-export: so sources are read too.
fn owned_names(file: &File, folder: &str) -> Vec<Finding> {
    let code = code_only(&file.text);
    let stranger = |(library, owners): &&(&str, &[&str])| {
        !owners.contains(&folder) && names(&code, &library.replace('-', "_"))
    };
    let found = OWNERS.iter().filter(stranger);
    found
        .map(|(library, owners)| {
            let message = format!("names {library}, which belongs to {}", owners.join(", "));
            Finding::new("layers", &file.path, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(folder: &str, dependencies: &str) -> Vec<String> {
        let path = format!("crates/{folder}/Cargo.toml");
        let text = format!("[package]\nname = \"{folder}\"\n{dependencies}");
        let found = check(&Tree::of(&[(&path, &text)])).unwrap();
        found.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn arrows_hold_in_their_direction_only() {
        let up = "[dependencies]\nhanok-web.workspace = true\n";
        let down = "[dependencies]\nhanok-studio.workspace = true\n";
        assert_eq!(messages("hanok-studio", up), ["may not use hanok-web"]);
        assert!(messages("hanok-web", down).is_empty());
        assert!(messages("hanok", up).is_empty());
    }

    #[test]
    fn the_engine_column_uses_nothing_outside_itself() {
        let domain = "[dependencies]\nhanok-domain.workspace = true\n";
        for engine in ["hanok-train", "hanok-infer", "hanok-models", "hanok-nn"] {
            assert_eq!(messages(engine, domain), ["may not use hanok-domain"]);
        }
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let normal = "[dependencies]\nhanok-testkit.workspace = true\n";
        let test = "[dev-dependencies]\nhanok-testkit.workspace = true\n";
        assert_eq!(messages("hanok", normal), ["may not use hanok-testkit"]);
        assert!(messages("hanok-store", test).is_empty());
    }

    #[test]
    fn sql_and_axum_have_their_owners() {
        let sql = "[target.'cfg(unix)'.dependencies]\nsea-orm = \"2\"\n";
        assert_eq!(messages("hanok-studio", sql), ["may not use sea-orm"]);
        assert!(messages("hanok-store", sql).is_empty());
        let source = [(
            "crates/hanok-jobs/src/lib.rs",
            "use hanok_store::sea_orm;\n",
        )];
        assert_eq!(check(&Tree::of(&source)).unwrap().len(), 1);
    }

    #[test]
    fn an_unknown_crate_needs_a_row() {
        assert!(messages("hanok-new", "")[0].contains("needs its row"));
    }
}
