//! Codes that an enumeration of errors gives by its own function, with the words that describe each
//! case.

use std::collections::BTreeMap;

use super::source::Source;
use super::{Found, is_code, sentence};

/// Cases of a row that is left out: no request and no job ends with them.
const REASONS: &str = "RowError";

/// Errors that end a request or a job.
pub fn found(sources: &[Source]) -> Vec<Found> {
    let own = |name: &str| name != REASONS && (name.ends_with("Error") || name == "ErrorCode");
    of(sources, own)
}

/// Why a row is left out.
pub fn reasons(sources: &[Source]) -> Vec<Found> {
    of(sources, |name| name == REASONS)
}

fn of(sources: &[Source], wanted: impl Fn(&str) -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    for source in sources {
        let heads = [
            "pub fn code(&self) -> &'static str {",
            "pub fn as_str(self) -> &'static str {",
        ];
        for (at, _) in heads
            .iter()
            .flat_map(|head| source.text.match_indices(head))
        {
            let Some(name) = implemented(&source.code[..at]).filter(|name| wanted(name)) else {
                continue;
            };
            let Some((_, body)) = source.function(at) else {
                continue;
            };
            let meanings = meanings(source.text, name);
            for arm in source.text[body].lines().filter(|line| line.contains("=>")) {
                found.extend(arm_codes(arm, name, &meanings, sources));
            }
        }
    }
    found
}

/// The type of the last `impl` that opens before.
fn implemented(code: &str) -> Option<&str> {
    let (_, rest) = code.rsplit_once("\nimpl ")?;
    rest.split([' ', '<']).next()
}

/// `Self::A { .. } | Self::B => "code",`
fn arm_codes(
    arm: &str,
    name: &str,
    meanings: &BTreeMap<String, String>,
    sources: &[Source],
) -> Vec<Found> {
    let Some(code) = arm.split('"').nth(1).filter(|code| is_code(code)) else {
        return Vec::new();
    };
    let words = arm.split("Self::").skip(1);
    let variants = words.map(|word| word.split([' ', '(', '{', ',']).next().unwrap_or(word));
    let one = |variant: &str| Found {
        code: code.to_owned(),
        kinds: vec![kind(sources, &format!("{name}::{variant}"))],
        meaning: meanings.get(variant).map(|text| sentence(text)),
    };
    variants.map(one).collect()
}

/// The kind that an arm of a `match` gives this case; otherwise what was asked cannot be done.
fn kind(sources: &[Source], case: &str) -> String {
    let kinds = sources.iter().flat_map(|source| {
        let places = source.code.match_indices(case);
        places.filter_map(|(at, _)| {
            let rest = &source.code[at + case.len()..];
            let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let (before, body) = rest.split_once("=>")?;
            let arm = body.split("=>").next().unwrap_or(body);
            // Other cases may share the arm; nothing else may stand between.
            let pattern = !before.contains([';', '=']) && before.matches('}').count() <= 8;
            let (_, kind) = arm.split_once("FaultKind::").filter(|_| ends && pattern)?;
            kind.split(|c: char| !c.is_alphanumeric()).next()
        })
    });
    let mut kinds = kinds;
    kinds.next().unwrap_or("Invalid").to_owned()
}

/// What describes the case whose arm ends in the call at this place: `Error::Case { .. } => call(…)`.
pub fn case(sources: &[Source], source: &Source, at: usize) -> Option<String> {
    let (head, between) = source.code[..at].rsplit_once("=>")?;
    if between.contains([';', ',']) {
        return None;
    }
    let (owner, case) = head.lines().last()?.rsplit_once("::")?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let owner = owner.rsplit(|c| !word(c)).next()?;
    let owner = match owner {
        "Self" => implemented(head)?,
        name => name,
    };
    let case: String = case.chars().take_while(|c| word(*c)).collect();
    let mut meanings = sources.iter().map(|source| meanings(source.text, owner));
    let meaning = meanings.find_map(|mut cases| cases.remove(&case))?;
    Some(sentence(&meaning))
}

/// The first paragraph that describes each case of an enumeration.
pub fn meanings(text: &str, name: &str) -> BTreeMap<String, String> {
    let mut meanings = BTreeMap::new();
    let Some((_, body)) = text.split_once(&format!("pub enum {name} {{\n")) else {
        return meanings;
    };
    let mut words = Vec::new();
    // Cases stand one step in; their fields stand deeper.
    for line in body.lines().take_while(|line| *line != "}") {
        let Some(line) = line
            .strip_prefix("    ")
            .filter(|line| !line.starts_with([' ', '}']))
        else {
            continue;
        };
        if let Some(doc) = line.strip_prefix("///") {
            words.push(doc.trim().to_owned());
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            let case: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
            let first = words.iter().take_while(|line| !line.is_empty());
            meanings.insert(case, first.cloned().collect::<Vec<_>>().join(" "));
            words.clear();
        }
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::errors::source::sources;
    use crate::tidy::tree::Tree;

    #[test]
    fn a_case_has_its_description_and_the_kind_of_its_arm() {
        let error = "//! Errors.\n\npub enum CsvError {\n    /// A row is\n    /// too long.\n    ///\n    \
            /// More.\n    #[error(\"x\")]\n    TooLong {\n        /// How long.\n        row: u64,\n    },\n    \
            /// No disk.\n    Disk(u8),\n}\n\nimpl CsvError {\n    pub fn code(&self) -> &'static str {\n        \
            match self {\n            Self::TooLong { .. } => \"too_long\",\n            \
            Self::Disk(_) => \"disk\",\n        }\n    }\n}\n";
        let user = "fn f() { let kind = match e { CsvError::Disk(_) | CsvError::Other => { FaultKind::Internal } \
            _ => FaultKind::Invalid }; }\n";
        let tree = Tree::of(&[("crates/a/src/e.rs", error), ("crates/b/src/u.rs", user)]);
        let codes = found(&sources(&tree));
        let told: Vec<_> = codes
            .iter()
            .map(|f| (f.code.as_str(), f.kinds[0].as_str(), f.meaning.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("too_long", "Invalid", Some("A row is too long.")),
                ("disk", "Internal", Some("No disk."))
            ]
        );
    }
}
