//! Codes that the commands give themselves: `Failure::new(message).code("…")`.

use super::faults::spoken;
use super::source::Source;
use super::{Found, enums};

const COMMANDS: &str = "crates/hanok/src/";
const MAKES: &str = "Failure::new";

/// Each code with the message of the failure that it is put on.
pub fn found(sources: &[Source]) -> Vec<Found> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|s| s.path.starts_with(COMMANDS)) {
        let made = source.calls(MAKES);
        for (at, arguments) in source.calls("code") {
            let method = source.code[..at].ends_with('.');
            let literal = arguments
                .first()
                .map(|range| source.literals(range.clone()));
            let Some(code) = literal
                .and_then(|l| l.into_iter().next())
                .filter(|_| method)
            else {
                continue;
            };
            let before = made.iter().rfind(|(start, _)| *start < at);
            let meaning = before.and_then(|(start, arguments)| {
                let said = spoken(source, *start, arguments.first()?.clone());
                said.or_else(|| enums::case(sources, source, *start))
            });
            found.push(Found {
                code,
                kinds: Vec::new(),
                meaning,
            });
        }
    }
    found
}
