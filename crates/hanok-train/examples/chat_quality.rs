//! What LoRA makes of the text generator that ships, on conversations in a JSONL file: the loss on
//! every fifth of them, held out, before and after, and some answers.
//!
//! `cargo run --release -p hanok-train --example chat_quality [FILE [ROWS [RATE ...]]]`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use hanok_models::{ChatMessage, LanguageModel, starter_decoder};
use hanok_train::Flow;
use hanok_train::sft::{self, SftConfig};
use serde::Deserialize;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Deserialize)]
struct Line {
    messages: Vec<ChatMessage>,
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = file.map_or(root.join("examples/support-chats/chats.jsonl"), Into::into);
    let count = arguments
        .next()
        .map_or(Ok(usize::MAX), |text| text.parse())?;
    let rates = arguments.map(|text| text.parse().map(Some));
    let mut rates = rates.collect::<Result<Vec<Option<f32>>, _>>()?;
    if rates.is_empty() {
        rates.push(None);
    }

    let (mut rows, mut held_out) = (Vec::new(), Vec::new());
    for (index, line) in std::fs::read_to_string(file)?.lines().enumerate() {
        let line: Line = serde_json::from_str(line)?;
        match index % 5 {
            4 => held_out.push(line.messages),
            _ => rows.push(line.messages),
        }
    }
    rows.truncate(count);
    let scratch = tempfile::tempdir()?;
    let (base, out) = (scratch.path().join("base"), scratch.path().join("adapter"));
    starter_decoder(&base)?;
    let model = LanguageModel::load(&base, None)?;
    let before = judge("before", &model, &held_out)?;
    samples(&model, &held_out)?;
    for learning_rate in rates {
        let config = SftConfig {
            learning_rate,
            ..SftConfig::default()
        };
        let begun = Instant::now();
        let report = sft::train(&base, &rows, &[], &config, &out, &mut |_| Flow::Continue)?;
        println!(
            "\n{} rows, {} steps, {} tokens, rate {:.2e}: {:.1} s",
            report.rows,
            report.steps,
            report.tokens,
            report.learning_rate,
            begun.elapsed().as_secs_f32()
        );
        let tuned = LanguageModel::load(&base, Some(&out))?;
        let after = judge("after", &tuned, &held_out)?;
        samples(&tuned, &held_out)?;
        println!("loss {before:.3} to {after:.3}");
    }
    Ok(())
}

fn judge(when: &str, model: &LanguageModel, rows: &[Vec<ChatMessage>]) -> Outcome<f64> {
    let judged = sft::evaluate(model, rows, &mut |_| true)?;
    let tokens: usize = judged.iter().map(|row| row.tokens).sum();
    let correct: usize = judged.iter().map(|row| row.correct).sum();
    let loss = judged.iter().map(|row| row.loss).sum::<f64>() / tokens as f64;
    let likeliest = correct as f64 / tokens as f64;
    println!(
        "{when}: {} rows, loss {loss:.4}, likeliest {likeliest:.3}",
        judged.len()
    );
    Ok(loss)
}

/// The first answers of some held-out conversations.
fn samples(model: &LanguageModel, rows: &[Vec<ChatMessage>]) -> Outcome<()> {
    for row in rows.iter().take(3) {
        let asked = &row[..1];
        let prompt = model.template.encode(&model.tokenizer, asked, true)?;
        let mut cache = model.decoder.cache();
        let mut logits = model.decoder.read(&prompt, &mut cache);
        let mut drawn = Vec::new();
        while drawn.len() < 80 {
            let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
            let token = best.unwrap_or_default() as u32;
            if model.decoder.config.eos_ids.contains(&token) {
                break;
            }
            drawn.push(token);
            logits = model.decoder.read(&[token], &mut cache);
        }
        let text = model.tokenizer.decode(&drawn, true)?;
        println!(
            "  {}\n    {}",
            asked[0].content,
            text.replace('\n', "\n    ")
        );
    }
    Ok(())
}
