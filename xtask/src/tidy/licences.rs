//! Licences, bans and sources of every package, by what `deny.toml` permits.
//!
//! Reads the part of cargo-deny's format that it needs, so that either tool gives one answer.
//! Advisories are cargo-deny's alone: they need a database from outside.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use toml::Table;

use super::Finding;
use super::tree::Tree;
use crate::{process, workspace};

const RULES: &str = "deny.toml";

/// What `deny.toml` says.
struct Rules {
    licences: BTreeSet<String>,
    exceptions: Vec<(String, BTreeSet<String>)>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

/// What cargo knows of a package.
struct Package {
    name: String,
    licence: String,
    source: Option<String>,
}

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let rules = rules(tree.text(RULES).context("deny.toml is missing")?)?;
    let packages = packages()?;
    Ok(packages
        .iter()
        .flat_map(|package| judge(package, &rules))
        .collect())
}

fn judge(package: &Package, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |message: String| {
        findings.push(Finding::new("licences", &package.name, message).never_excused());
    };
    let name = &package.name;
    let exception = rules.exceptions.iter().find(|(of, _)| of == name);
    let permitted = |licence: &str| {
        let excepted = exception.is_some_and(|(_, more)| more.contains(licence));
        rules.licences.contains(licence) || excepted
    };
    if !satisfied(&package.licence, &permitted) {
        find(format!("licence \"{}\" is not permitted", package.licence));
    }
    if rules.banned.contains(name) {
        find("is banned".into());
    }
    let address = package.source.as_deref().map(|source| {
        let address = source
            .split_once('+')
            .map_or(source, |(_, address)| address);
        address.split('#').next().unwrap_or(address)
    });
    if let Some(address) = address.filter(|address| !rules.registries.contains(*address)) {
        find(format!("comes from {address}"));
    }
    findings
}

/// Whether a licence expression can be met: `AND` binds closer than `OR`, an old `/` is an `OR`.
fn satisfied(expression: &str, permitted: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest, permitted).unwrap_or(false) && rest.is_empty()
}

fn any_of(words: &mut &[&str], permitted: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut met = all_of(words, permitted)?;
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        met |= all_of(words, permitted)?;
    }
    Some(met)
}

fn all_of(words: &mut &[&str], permitted: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut met = one(words, permitted)?;
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        met &= one(words, permitted)?;
    }
    Some(met)
}

fn one(words: &mut &[&str], permitted: &dyn Fn(&str) -> bool) -> Option<bool> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    if *first == "(" {
        let met = any_of(words, permitted)?;
        let close = words.split_first().filter(|(word, _)| **word == ")")?;
        *words = close.1;
        return Some(met);
    }
    if let ["WITH", exception, rest @ ..] = *words {
        *words = rest;
        return Some(permitted(&format!("{first} WITH {exception}")));
    }
    Some(permitted(first))
}

fn rules(text: &str) -> Result<Rules> {
    let table: Table = text.parse().context(RULES)?;
    let list = |section: &str, key: &str| table.get(section).and_then(|found| found.get(key));
    let exceptions = list("licenses", "exceptions").and_then(toml::Value::as_array);
    let exception = |entry: &toml::Value| {
        let name = entry.get("crate")?.as_str()?.to_owned();
        Some((name, strings(entry.get("allow"))))
    };
    let banned = list("bans", "deny").and_then(toml::Value::as_array);
    let ban = |entry: &toml::Value| Some(entry.get("crate")?.as_str()?.to_owned());
    Ok(Rules {
        licences: strings(list("licenses", "allow")),
        exceptions: exceptions
            .into_iter()
            .flatten()
            .filter_map(exception)
            .collect(),
        banned: banned.into_iter().flatten().filter_map(ban).collect(),
        registries: strings(list("sources", "allow-registry")),
    })
}

fn strings(list: Option<&toml::Value>) -> BTreeSet<String> {
    let values = list.and_then(toml::Value::as_array).into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(String::from))
        .collect()
}

/// Every package that is built for this machine, from the lock file.
fn packages() -> Result<Vec<Package>> {
    let host = host()?;
    let arguments = ["metadata", "--format-version=1", "--filter-platform", &host];
    // Offline first: then a machine without network is enough once the packages are there.
    let mut output = process::quiet(workspace::cargo(&arguments).arg("--offline"))?;
    if !output.status.success() {
        output = process::quiet(&mut workspace::cargo(&arguments))?;
    }
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata: {said}");
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let text = |package: &Value, key: &str| package[key].as_str().map(String::from);
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages
        .map(|package| Package {
            name: text(package, "name").unwrap_or_default(),
            licence: text(package, "license").unwrap_or_else(|| "none stated".into()),
            source: text(package, "source"),
        })
        .collect())
}

fn host() -> Result<String> {
    let output = process::quiet(std::process::Command::new("rustc").arg("-vV"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc names no host")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES_TEXT: &str = "
[licenses]
allow = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]
exceptions = [{ crate = \"odd\", allow = [\"NCSA\"] }]
[bans]
deny = [{ crate = \"bad\" }]
[sources]
allow-registry = [\"https://registry\"]
";

    fn count(name: &str, licence: &str, source: Option<&str>) -> usize {
        let package = Package {
            name: name.into(),
            licence: licence.into(),
            source: source.map(String::from),
        };
        judge(&package, &rules(RULES_TEXT).unwrap()).len()
    }

    #[test]
    fn expressions_are_met_as_spdx_says() {
        let permitted = |licence: &str| ["MIT", "Unicode-3.0"].contains(&licence);
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-2.0",
            "(A OR MIT) AND Unicode-3.0",
        ] {
            assert!(satisfied(good, &permitted), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "none stated",
            "",
            "(MIT",
            "MIT WITH x",
        ] {
            assert!(!satisfied(bad, &permitted), "{bad}");
        }
        assert!(satisfied("MIT OR GPL-3.0 AND A", &permitted));
    }

    #[test]
    fn packages_are_judged_by_licence_name_and_source() {
        assert_eq!(count("good", "Apache-2.0 WITH LLVM-exception", None), 0);
        assert_eq!(count("odd", "NCSA", None), 0);
        assert_eq!(count("other", "NCSA", None), 1);
        assert_eq!(count("bad", "MIT", Some("registry+https://registry")), 1);
        assert_eq!(count("good", "MIT", Some("git+https://elsewhere#1a2b")), 1);
    }
}
