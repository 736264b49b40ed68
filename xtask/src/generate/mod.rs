//! `cargo xtask gen`: the pages of the reference that are made from code, written or compared.
//!
//! Owns where each page stands and when it is stale. What stands in a page comes from the program
//! ([`program`]), from the sources ([`errors`]) or, for the description of the API, from the test that
//! compares it with the router.

mod errors;
mod program;

use anyhow::{Context, Result};

use crate::tidy::tree::Tree;
use crate::workspace;

const MEND: &str = "cargo xtask gen";
const CONFIGURATION: &str = "docs/operate/configuration.md";
const BEGIN: &str = "<!-- generated: settings -->\n";
const END: &str = "<!-- end -->\n";

/// A file as it should be.
struct Page {
    path: &'static str,
    text: String,
}

/// Writes every page, or says which are stale. Builds what the tests build, and nothing twice.
pub fn run(check: bool) -> Result<bool> {
    let errors = settle(&[errors_page()?], check)?;
    if !program::build()? {
        return Ok(false);
    }
    // The test holds or writes docs/reference/openapi.json.
    let described = program::description(!check)?;
    let told = settle(&program_pages()?, check)?;
    Ok(errors && described && told)
}

/// The same as a step of `cargo xtask test`, whose tests have built the program and held the
/// description of the API.
pub fn check_built() -> Result<bool> {
    let mut pages = program_pages()?;
    pages.push(errors_page()?);
    settle(&pages, true)
}

fn errors_page() -> Result<Page> {
    let path = "docs/reference/errors.md";
    let text = errors::page(&Tree::read(workspace::root())?)?;
    Ok(Page { path, text })
}

fn program_pages() -> Result<Vec<Page>> {
    let path = workspace::root().join(CONFIGURATION);
    let page = std::fs::read_to_string(path).context(CONFIGURATION)?;
    let settings = program::reference("environment")?;
    Ok(vec![
        Page {
            path: "docs/reference/cli.md",
            text: program::reference("cli")?,
        },
        Page {
            path: CONFIGURATION,
            text: between_marks(&page, &settings)?,
        },
    ])
}

/// Writes what differs, or names it.
fn settle(pages: &[Page], check: bool) -> Result<bool> {
    let mut well = true;
    for page in pages {
        let full = workspace::root().join(page.path);
        let present = std::fs::read_to_string(&full).unwrap_or_default();
        match (present == page.text, check) {
            (true, _) => println!("{} is as it should be", page.path),
            (false, true) => {
                println!("{} is stale; mend: {MEND}", page.path);
                well = false;
            }
            (false, false) => {
                if let Some(folder) = full.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&full, &page.text).context(page.path)?;
                println!("{} is written anew", page.path);
            }
        }
    }
    Ok(well)
}

/// The document with its generated part replaced.
fn between_marks(document: &str, content: &str) -> Result<String> {
    let parts = document.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.context("the page lacks its marks `generated: settings`, `end`")?;
    Ok(format!("{before}{BEGIN}{content}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = |content: &str| format!("# Page\n\n{BEGIN}{content}{END}\nProse.\n");
        let made = between_marks(&page("old\n"), "new\n").unwrap();
        assert_eq!(made, page("new\n"));
        assert_eq!(between_marks(&made, "new\n").unwrap(), made);
        assert!(between_marks("# Page\n", "new\n").is_err());
    }

    #[test]
    fn the_page_of_settings_has_its_marks() {
        let path = workspace::root().join(CONFIGURATION);
        let page = std::fs::read_to_string(path).unwrap();
        assert!(between_marks(&page, "").is_ok());
    }
}
