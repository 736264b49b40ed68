//! The message files: both languages have the same keys, every key that is used exists, and every
//! key that exists is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Messages = BTreeMap<String, String>;

/// Families whose keys are made at run time from a value.
const FAMILIES: [&str; 23] = [
    "done.",
    "state.",
    "role.",
    "env.",
    "error.title.",
    "error.text.",
    "setting.",
    "detected.",
    "unit.",
    "time.unit.",
    "delimiter.",
    "header.",
    "quoting.",
    "encoding.",
    "kind.",
    "format.",
    "method.",
    "data.",
    "speaker.",
    "figure.",
    "outcome.",
    "actor.",
    "refused.",
];

fn messages(file: &str) -> Messages {
    serde_json::from_str(file).unwrap()
}

fn english() -> Messages {
    messages(include_str!("../../../locales/en.json"))
}

fn korean() -> Messages {
    messages(include_str!("../../../locales/ko.json"))
}

fn sources(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else {
            out.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn used() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    sources(&root.join("templates"), &mut text);
    sources(&root.join("src/ui"), &mut text);
    let mut keys = BTreeSet::new();
    for (call, endings) in [
        ("t(", &[""][..]),
        ("t1(", &[""]),
        ("t2(", &[""]),
        ("count(", &[".one", ".other"]),
    ] {
        for part in text.split(&format!(".{call}")).skip(1) {
            let Some(part) = part.trim_start().strip_prefix('"') else {
                continue;
            };
            let key = part.split('"').next().unwrap();
            keys.extend(endings.iter().map(|ending| format!("{key}{ending}")));
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_keys_and_places() {
    let (english, korean) = (english(), korean());
    let keys = |messages: &Messages| messages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&english), keys(&korean));
    for (key, sentence) in &english {
        for place in ["{0}", "{1}"] {
            assert_eq!(
                sentence.contains(place),
                korean[key].contains(place),
                "{key}"
            );
        }
        assert!(
            !sentence.trim().is_empty() && !korean[key].trim().is_empty(),
            "{key}"
        );
    }
}

#[test]
fn every_key_used_exists_and_every_key_is_used() {
    let (known, used) = (english(), used());
    assert!(
        used.len() > 150,
        "the search for keys found only {}",
        used.len()
    );
    let absent: Vec<_> = used
        .iter()
        .filter(|key| !known.contains_key(*key))
        .collect();
    assert!(absent.is_empty(), "not in the message files: {absent:?}");
    let made = |key: &str| FAMILIES.iter().any(|family| key.starts_with(family));
    let idle: Vec<_> = known
        .keys()
        .filter(|key| !used.contains(*key) && !made(key))
        .collect();
    assert!(idle.is_empty(), "not used: {idle:?}");
}
