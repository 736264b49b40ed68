//! Our side of `cargo xtask bench train`: `bench_train MODEL lora|full STEPS`. Prints one line of JSON.

use std::path::Path;
use std::time::Instant;

use hanok_models::{Batch, LanguageModel, LoraConfig};
use hanok_nn::{AdamW, Moments};

const SEQUENCES: usize = 4;
const LENGTH: usize = 256;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, directory, method, steps] = args.as_slice() else {
        panic!("bench_train MODEL lora|full STEPS");
    };
    let steps: usize = steps.parse().expect("a number of steps");
    let mut model = LanguageModel::load(Path::new(directory), None).expect("the model loads");
    match method.as_str() {
        "full" => model.decoder.set_trained(true),
        _ => model
            .decoder
            .add_lora(&LoraConfig::default(), 0)
            .expect("the adapter fits"),
    }
    let batch = batch(model.decoder.config.vocab_size);
    let mut moments: Vec<Moments> = Vec::new();
    let (mut losses, mut seconds) = (Vec::new(), Vec::new());
    for step in 1..=steps + 2 {
        let start = Instant::now();
        losses.push(take_step(&mut model, &batch, &mut moments, step));
        seconds.push(start.elapsed().as_secs_f64());
    }
    let mut seconds = seconds.split_off(2);
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let line = serde_json::json!({
        "tokens_per_s": (SEQUENCES * LENGTH) as f64 / median,
        "peak_mb": peak_mb(),
        "first_loss": losses.first(),
        "last_loss": losses.last(),
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

fn batch(vocabulary: usize) -> Batch {
    let mut batch = Batch::default();
    for row in 0..SEQUENCES {
        let token = |i: usize| ((row * 7919 + i * 104_729) % vocabulary) as u32;
        let tokens: Vec<u32> = (0..LENGTH).map(token).collect();
        batch.push(&tokens, &[true; LENGTH]);
    }
    batch
}

fn take_step(
    model: &mut LanguageModel,
    batch: &Batch,
    moments: &mut Vec<Moments>,
    step: usize,
) -> f64 {
    let weight = 1.0 / batch.counted() as f32;
    let losses = model.decoder.backward(batch, weight);
    let trained = model.decoder.trained();
    moments.resize(trained.len(), Moments::default());
    for ((_, param), moments) in trained.into_iter().zip(moments) {
        AdamW::default().step(param, moments, step as u64, 1e-4, 1.0);
    }
    losses.iter().map(|row| f64::from(row.loss)).sum::<f64>() * f64::from(weight)
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}
