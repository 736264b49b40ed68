//! Codes that stand where a fault is made: `Fault::new(kind, "code", …)`, `Fault::invalid("code", …)`.
//!
//! A code may also be a constant, a choice between literals bound just before, or a parameter of a
//! small function whose callers in the same file name it. Any other form is a problem, so that no code
//! is missing from the page without a word.

use std::ops::Range;

use super::source::Source;
use super::{Found, enums, is_code, sentence};

/// The functions that make a fault: name, the kind where it is fixed, the place of the code.
const MAKERS: [(&str, Option<&str>, usize); 3] = [
    ("new", None, 1),
    ("invalid", Some("Invalid"), 0),
    ("conflict", Some("Conflict"), 0),
];

/// One call that makes a fault.
struct Maker<'a> {
    source: &'a Source<'a>,
    at: usize,
    kinds: Vec<String>,
    code: Range<usize>,
    message: Option<Range<usize>>,
}

/// Every code of such a call; what cannot be read is added to the problems.
pub fn found(sources: &[Source], problems: &mut Vec<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for source in sources {
        for maker in makers(source) {
            match maker.codes(sources) {
                Some(codes) if !maker.kinds.is_empty() || codes.is_empty() => found.extend(codes),
                _ => problems.push(format!(
                    "{}:{}: the code or the kind of this fault cannot be read; write them as literals",
                    source.path,
                    source.line(maker.at)
                )),
            }
        }
    }
    found
}

fn makers<'a>(source: &'a Source<'a>) -> Vec<Maker<'a>> {
    let mut makers = Vec::new();
    for (function, kind, place) in MAKERS {
        for owner in ["Fault", "Self"] {
            for (at, arguments) in source.calls(&format!("{owner}::{function}")) {
                let Some(code) = arguments.get(place).cloned() else {
                    continue;
                };
                if owner == "Self" && !is_in_fault(&source.code[..at]) {
                    continue;
                }
                let kinds = match kind {
                    Some(kind) => vec![kind.to_owned()],
                    None => kinds(source, at, arguments[0].clone()),
                };
                makers.push(Maker {
                    source,
                    at,
                    kinds,
                    code,
                    message: arguments.get(place + 1).cloned(),
                });
            }
        }
    }
    makers
}

/// Whether the last `impl` that opens before is one of `Fault`.
fn is_in_fault(code: &str) -> bool {
    let head = code
        .rsplit_once("\nimpl")
        .and_then(|(_, rest)| rest.split_once('{'));
    head.is_some_and(|(head, _)| head.trim_end().ends_with(" Fault"))
}

fn kinds(source: &Source, at: usize, argument: Range<usize>) -> Vec<String> {
    let word = source.text[argument.clone()].trim();
    let stretch = match word.contains("FaultKind::") {
        true => Some(argument),
        false => source.binding(word, at),
    };
    let text = stretch.map_or("", |range| &source.code[range]);
    let named = text.split("FaultKind::").skip(1);
    let names = named.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect());
    names.collect()
}

impl Maker<'_> {
    /// None where no rule reads the code.
    fn codes(&self, sources: &[Source]) -> Option<Vec<Found>> {
        let text = self.source.text[self.code.clone()].trim();
        if text.starts_with('"') {
            return Some(self.all(sources, self.source.literals(self.code.clone())));
        }
        // Made elsewhere and handed on.
        if text.contains(".code") || text.contains("\"code\"") {
            return Some(Vec::new());
        }
        let name = text.rsplit("::").next().unwrap_or(text);
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            return constant(self.source, sources, name).map(|code| self.all(sources, vec![code]));
        }
        if let Some(bound) = self.source.binding(name, self.at) {
            let mut codes = self.source.literals(bound);
            codes.retain(|code| is_code(code));
            return (!codes.is_empty()).then(|| self.all(sources, codes));
        }
        self.passed_by_callers(name)
    }

    fn all(&self, sources: &[Source], codes: Vec<String>) -> Vec<Found> {
        let meaning = self.message.clone();
        let meaning = meaning.and_then(|range| spoken(self.source, self.at, range));
        let meaning = meaning.or_else(|| enums::case(sources, self.source, self.at));
        let one = |code: String| self.one(code, meaning.clone());
        codes.into_iter().map(one).collect()
    }

    fn one(&self, code: String, meaning: Option<String>) -> Found {
        Found {
            code: code.replace('{', "<").replace('}', ">"),
            kinds: self.kinds.clone(),
            meaning,
        }
    }

    /// The code is a parameter: what callers in the same file pass.
    fn passed_by_callers(&self, name: &str) -> Option<Vec<Found>> {
        let (function, around) = self.source.function(self.at)?;
        let parameters = self.source.parameters(function, &around);
        let place = parameters.iter().position(|parameter| *parameter == name)?;
        let message = ["message", "text"];
        let message = parameters
            .iter()
            .position(|parameter| message.contains(parameter));
        let calls = self.source.calls(function).into_iter();
        let plain = calls.filter(|(at, _)| {
            let before = &self.source.code[..*at];
            !before.ends_with([':', '.']) && !before.ends_with("fn ")
        });
        let codes = plain.map(|(at, arguments)| {
            let code = arguments.get(place)?.clone();
            let code = self.source.literals(code).into_iter().next()?;
            let message = message.and_then(|place| arguments.get(place)).cloned();
            let meaning = message.and_then(|range| spoken(self.source, at, range));
            Some(self.one(code, meaning))
        });
        codes.collect()
    }
}

/// The text of a constant: of the same file, or of any.
fn constant(own: &Source, sources: &[Source], name: &str) -> Option<String> {
    let head = format!("const {name}: &str = \"");
    let texts = std::iter::once(own.text).chain(sources.iter().map(|source| source.text));
    let mut values = texts.filter_map(|text| text.split_once(&head)?.1.split('"').next());
    values.next().map(str::to_owned)
}

/// The message that stands here or is bound to the name that stands here, if it says something.
pub fn spoken(source: &Source, at: usize, range: Range<usize>) -> Option<String> {
    let word = source.text[range.clone()].trim();
    let stretch = match word.starts_with('"') || word.starts_with("format!") {
        true => range,
        false => source.binding(word, at)?,
    };
    let mut literals = source.literals(stretch).into_iter();
    let text = sentence(&literals.find(|text| text.contains(' '))?);
    let says = |word: &&str| word.chars().any(char::is_alphabetic);
    (text.split_whitespace().filter(says).count() > 1).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::errors::source::sources;
    use crate::tidy::tree::Tree;

    fn read(text: &str) -> Vec<(String, String, Option<String>)> {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        let mut problems = Vec::new();
        let codes = found(&sources(&tree), &mut problems);
        assert_eq!(problems, Vec::<String>::new());
        let told = codes
            .into_iter()
            .map(|f| (f.code, f.kinds.join("+"), f.meaning));
        told.collect()
    }

    fn one(code: &str, kinds: &str, meaning: Option<&str>) -> (String, String, Option<String>) {
        (code.into(), kinds.into(), meaning.map(str::to_owned))
    }

    #[test]
    fn literals_constants_and_choices_are_read() {
        let text = "const LOST: &str = \"lost\";\n\
            fn a() { let text = format!(\"No {x} here.\"); Fault::new(FaultKind::Upstream, ours::LOST, text) }\n\
            fn b() { let code = if late { \"late\" } else { \"gone\" };\n    Fault::conflict(code, \"It is.\") }\n\
            fn c() { let kind = match s { 1 => FaultKind::TooLarge, _ => FaultKind::Malformed };\n    \
            Fault::new(kind, \"form\", message) }\n";
        assert_eq!(
            read(text),
            [
                one("lost", "Upstream", Some("No … here.")),
                one("form", "TooLarge+Malformed", None),
                one("late", "Conflict", Some("It is.")),
                one("gone", "Conflict", Some("It is.")),
            ]
        );
    }

    #[test]
    fn a_small_function_takes_its_codes_from_its_callers() {
        let text = "fn refused(code: &'static str, message: String) -> Fault { Fault::invalid(code, message) }\n\
            fn b() { refused(\"no_port\", format!(\"Port {p} is taken.\")) }\n\
            fn c() { let code = format!(\"invalid_{field}\"); Fault::invalid(code, m) }\n";
        assert_eq!(
            read(text),
            [
                one("no_port", "Invalid", Some("Port … is taken.")),
                one("invalid_<field>", "Invalid", None),
            ]
        );
    }

    #[test]
    fn other_types_and_codes_that_are_handed_on_are_left_alone() {
        let text = "\nimpl Other {\n    fn a() { Self::invalid(\"file\", \"No fault.\") }\n}\n\
            \nimpl From<E> for Fault {\n    fn from(e: E) -> Self { Self::invalid(\"ours\", \"A fault.\") }\n}\n\
            fn b() { Fault::invalid(error.code(), \"x\") }\n";
        assert_eq!(read(text), [one("ours", "Invalid", Some("A fault."))]);
    }
}
