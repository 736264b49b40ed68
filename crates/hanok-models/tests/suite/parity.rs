//! Our tokenizer against the reference implementation reading the same `tokenizer.json`.

use std::path::Path;

use hanok_models::Encoder;
use tokenizers::Tokenizer;

#[rustfmt::skip]
const STEMS: [&str; 34] = [
    "unbelievable", "Café", "don't", "C3PO", "hello_world", "x²", "ﬁne", "STRASSE", "straße",
    "İstanbul", "ΣΟΦΟΣ", "naïve", "co-operate", "1,234.56", "100%", "http://a.bc/d?e=f", "한국어",
    "日本語", "ab한국cd", "e\u{301}te", "a\u{200d}b", "\u{feff}bom", "tab\tin", "q\u{0}q", "…",
    "“quoted”", "😀", "👩‍👩‍👧", "ⅷ", "½", "ǅ", "Ａｂｃ", "zzzzqqqqxxxx",
    "supercalifragilisticexpialidocious",
];

fn reference() -> Tokenizer {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../models/starter-encoder/tokenizer.json"
    );
    Tokenizer::from_file(file).unwrap()
}

fn assert_same(encoder: &Encoder, reference: &Tokenizer, text: &str) {
    let unknown = reference.token_to_id("[UNK]").unwrap();
    let mut expected = reference.encode(text, false).unwrap().get_ids().to_vec();
    expected.retain(|id| *id != unknown);
    assert_eq!(encoder.token_ids(text), expected, "{text:?}");
}

#[test]
fn words_of_every_kind() {
    let (encoder, reference) = (Encoder::starter().unwrap(), reference());
    for (i, a) in STEMS.iter().enumerate() {
        for b in &STEMS[i % 3..] {
            assert_same(&encoder, &reference, &format!("{a} {b}{a}, ({b})!"));
        }
    }
    for length in [99, 100, 101, 500] {
        assert_same(&encoder, &reference, &"ab".repeat(length));
        assert_same(&encoder, &reference, &"é".repeat(length));
    }
}

/// Blocks long settled: in others the two sides' editions of Unicode may differ.
#[test]
fn every_character_of_settled_blocks() {
    let blocks = [
        '\0'..'\u{250}',
        '\u{2000}'..'\u{2070}',
        '\u{2100}'..'\u{2400}',
        '\u{2460}'..'\u{2700}',
        '\u{3041}'..'\u{3097}',
        '\u{4e00}'..'\u{9fa6}',
        '\u{ac00}'..'\u{d7a4}',
        '\u{ff01}'..'\u{ffdd}',
        '\u{1f300}'..'\u{1f650}',
    ];
    let (encoder, reference) = (Encoder::starter().unwrap(), reference());
    for c in blocks.into_iter().flatten() {
        assert_same(&encoder, &reference, &format!("a{c}b {c}s"));
    }
}

#[test]
fn naughty_strings() {
    let Ok(data) = std::env::var("HANOK_TEST_DATA") else {
        return;
    };
    let (encoder, reference) = (Encoder::starter().unwrap(), reference());
    let folder = Path::new(&data).join("naughty_strings");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for line in String::from_utf8_lossy(&bytes).lines() {
            let short: String = line.chars().take(2_000).collect();
            assert_same(&encoder, &reference, &short);
        }
    }
}
