//! Our side of `cargo xtask bench embed`: `bench_embed MODEL SENTENCES ROUNDS`. Prints one line of JSON.

use std::path::Path;
use std::time::Instant;

use hanok_infer::EmbedModel;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, directory, file, rounds] = args.as_slice() else {
        panic!("bench_embed MODEL SENTENCES ROUNDS");
    };
    let rounds: usize = rounds.parse().expect("a number of rounds");
    let model = EmbedModel::load(Path::new(directory)).expect("the model loads");
    let text = std::fs::read_to_string(file).expect("the sentences can be read");
    let sentences: Vec<&str> = text.lines().collect();
    let (mut vectors, mut seconds) = (Vec::new(), Vec::new());
    for _ in 0..=rounds {
        let start = Instant::now();
        vectors.clear();
        for batch in sentences.chunks(32) {
            vectors.extend(model.embed(batch).expect("texts are tokenised").vectors);
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    let mut seconds = seconds.split_off(1);
    seconds.sort_by(f64::total_cmp);
    let line = serde_json::json!({
        "sentences_per_s": sentences.len() as f64 / seconds[seconds.len() / 2],
        "peak_mb": peak_mb(),
        "vectors": &vectors[..vectors.len().min(8)],
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}
