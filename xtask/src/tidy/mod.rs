//! `cargo xtask tidy`: the rules that no compiler checks.
//!
//! A rule is a function from the [`Tree`] to findings; `tidy-allow.toml` excuses single places
//! with a reason, and an excuse that excuses nothing is a finding itself.

mod budget;
mod dependencies;
mod documents;
mod layers;
mod licences;
pub mod rust_source;
mod text;
pub mod tree;

use anyhow::{Context, Result};

use self::tree::Tree;
use crate::workspace;

const ALLOW: &str = "xtask/tidy-allow.toml";

/// One broken rule at one place.
#[derive(Debug, PartialEq)]
struct Finding {
    rule: &'static str,
    /// A path, `path::function` or a package: what the allow list names.
    place: String,
    message: String,
    excusable: bool,
}

impl Finding {
    fn new(rule: &'static str, place: impl Into<String>, message: impl Into<String>) -> Self {
        Finding {
            rule,
            place: place.into(),
            message: message.into(),
            excusable: true,
        }
    }

    fn never_excused(mut self) -> Self {
        self.excusable = false;
        self
    }
}

pub fn run() -> Result<bool> {
    let tree = Tree::read(workspace::root())?;
    let mut findings = Vec::new();
    findings.extend(budget::check(&tree));
    findings.extend(layers::check(&tree)?);
    findings.extend(documents::check(&tree));
    findings.extend(text::check(&tree));
    findings.extend(dependencies::check(&tree)?);
    findings.extend(licences::check(&tree)?);
    let allow = tree
        .text(ALLOW)
        .unwrap_or_default()
        .parse()
        .context(ALLOW)?;
    let left = excuse(findings, &allow);
    for finding in &left {
        println!("{}: {}: {}", finding.rule, finding.place, finding.message);
    }
    println!("tidy: {} files, {} findings", tree.files.len(), left.len());
    Ok(left.is_empty())
}

fn excuse(findings: Vec<Finding>, allow: &toml::Table) -> Vec<Finding> {
    let excused = |finding: &Finding| {
        let reason = allow
            .get(finding.rule)
            .and_then(|table| table.get(&finding.place));
        finding.excusable && reason.is_some_and(|reason| reason.as_str().is_some_and(is_reason))
    };
    let (used, mut left): (Vec<_>, Vec<_>) = findings.into_iter().partition(excused);
    for (rule, places) in allow {
        for place in places.as_table().into_iter().flat_map(|table| table.keys()) {
            if !used
                .iter()
                .any(|done| done.rule == rule && done.place == *place)
            {
                let message = format!("[{rule}] \"{place}\" has no reason or excuses nothing");
                left.push(Finding::new("allow", ALLOW, message));
            }
        }
    }
    left
}

fn is_reason(text: &str) -> bool {
    text.split_whitespace().count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(allow: &str) -> Vec<&'static str> {
        let findings = vec![
            Finding::new("file-size", "a.rs", "301 lines"),
            Finding::new("file-size", "b.rs", "900 lines").never_excused(),
        ];
        let left = excuse(findings, &allow.parse().unwrap());
        left.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn an_excuse_needs_a_reason_and_a_finding() {
        let good = "[file-size]\n\"a.rs\" = \"one table of codes\"";
        assert_eq!(left(good), ["file-size"]);
        let bare = "[file-size]\n\"a.rs\" = \"\"";
        assert_eq!(left(bare), ["file-size", "file-size", "allow"]);
        let stale = "[file-size]\n\"c.rs\" = \"no longer there at all\"";
        assert_eq!(left(stale), ["file-size", "file-size", "allow"]);
    }

    #[test]
    fn the_hard_limit_has_no_excuse() {
        let hard = "[file-size]\n\"b.rs\" = \"really very long indeed\"";
        assert_eq!(left(hard), ["file-size", "file-size", "allow"]);
    }
}
