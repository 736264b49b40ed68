//! Small made-up rows, and the split that the product uses.

use std::sync::Arc;

use hanok_models::Encoder;
use hanok_train::head::Example;
use hanok_train::{Flow, TrainEvent};
use sha2::{Digest, Sha256};

pub type Row = (String, usize);

pub fn encoder() -> Arc<Encoder> {
    Encoder::starter().expect("the starter encoder loads")
}

/// Rows about three topics whose words overlap.
pub fn rows(count: usize) -> Vec<Row> {
    const TOPICS: [[&str; 4]; 3] = [
        [
            "the invoice is wrong",
            "I was charged twice",
            "refund my card",
            "the price went up",
        ],
        [
            "the parcel is late",
            "the box came broken",
            "where is my parcel",
            "the driver was rude",
        ],
        [
            "I cannot log in",
            "reset my password",
            "the code never comes",
            "my account is locked",
        ],
    ];
    const ASIDES: [&str; 5] = [
        "hello",
        "please help",
        "since Monday",
        "it is urgent",
        "thank you",
    ];
    (0..count)
        .map(|i| {
            let label = i % 3;
            let phrase = TOPICS[label][i / 3 % 4];
            let (before, after) = (ASIDES[i / 7 % 5], ASIDES[i / 11 % 5]);
            (format!("{before}, {phrase} {after} {i}"), label)
        })
        .collect()
}

pub fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn topics() -> Vec<String> {
    labels(&["billing", "delivery", "account"])
}

pub fn examples(rows: &[Row]) -> Vec<Example> {
    let encoder = encoder();
    let example = |(text, label): &Row| Example {
        features: encoder.features(text),
        label: *label,
    };
    rows.iter().map(example).collect()
}

pub fn go_on(_: &TrainEvent) -> Flow {
    Flow::Continue
}

pub fn argmax(scores: &[f32]) -> usize {
    (1..scores.len()).fold(0, |best, c| if scores[c] > scores[best] { c } else { best })
}

/// The rule of `hanok-data`, which this crate may not use; a fifth of the rows.
pub fn held_out(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let digest = Sha256::new()
        .chain_update(b"hanok held-out\0")
        .chain_update(words.join(" "))
        .finalize();
    let first = digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    ((first >> 11) as f64 / (1_u64 << 53) as f64) < 0.2
}
