//! The page of settings has a row for each setting of the catalogue, and no other.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::Tree;

const CATALOGUE: &str = "crates/hanok-config/src/catalogue.rs";
const PAGE: &str = "docs/operate/configuration.md";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let settings = settings(tree.text(CATALOGUE).unwrap_or_default());
    let rows = rows(tree.text(PAGE).unwrap_or_default());
    let missing = settings.difference(&rows).map(|name| (name, "has no row"));
    let stale = rows
        .difference(&settings)
        .map(|name| (name, "is no setting"));
    missing
        .chain(stale)
        .map(|(name, problem)| Finding::new("settings", PAGE, format!("{name} {problem}")))
        .collect()
}

/// The literals that are written as environment names.
fn settings(source: &str) -> BTreeSet<String> {
    let literals = source.split('"').skip(1).step_by(2);
    literals
        .filter(|text| is_name(text))
        .map(String::from)
        .collect()
}

fn rows(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.filter_map(|row| row.split('`').next());
    names.map(String::from).collect()
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.len() > 1 && text.chars().all(fits) && text.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_the_catalogue_agree() {
        let catalogue = "setting(\"server\", \"PORT\", \"8080\", \"Port of HOST.\"),";
        let count = |page: &str| check(&Tree::of(&[(CATALOGUE, catalogue), (PAGE, page)])).len();
        assert_eq!(count("| `PORT` | `8080` | Port. |\n"), 0);
        assert_eq!(count(""), 1);
        assert_eq!(count("| `PORT` | |\n| `GONE` | |\n"), 1);
    }
}
