//! A real trained model against logits and greedy tokens computed elsewhere in f64. The files come from
//! `HANOK_TEST_DATA`; without it there are no cases.

use std::path::PathBuf;

use hanok_models::hf::{ModelConfig, ModelDir};
use hanok_models::{Batch, Decoder};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("HANOK_TEST_DATA")?;
    let folder = PathBuf::from(data).join("checkpoints_tiny/aidreams260K");
    folder.is_dir().then_some(folder)
}

fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).expect("token ids")
}

#[test]
fn a_trained_llama_gives_its_golden_logits_and_tokens() {
    let Some(folder) = folder() else { return };
    let golden = std::fs::read(folder.join("golden_greedy.json")).expect("the golden file");
    let golden: Value = serde_json::from_slice(&golden).expect("JSON");
    let mut dir = ModelDir::open(&folder.join("hf")).expect("opens");
    let ModelConfig::Decoder(config) = dir.config else {
        panic!("a decoder")
    };
    let model = Decoder::load(config, &mut dir.weights).expect("loads");

    let expected = ids(&golden["greedy_ids"]);
    let first: Vec<Vec<f32>> =
        serde_json::from_value(golden["logits_first8"].clone()).expect("rows");
    let mut batch = Batch::default();
    batch.push(&expected[..first.len()], &vec![true; first.len()]);
    let logits = model.logits(&batch);
    for (found, expected) in logits.chunks_exact(model.config.vocab_size).zip(&first) {
        for (found, expected) in found.iter().zip(expected) {
            // The golden numbers are rounded to five places.
            assert!((found - expected).abs() < 5e-5, "{found} is not {expected}");
        }
    }

    let mut cache = model.cache();
    let mut tokens = ids(&golden["prompt_ids"]);
    let mut logits = model.read(&tokens, &mut cache);
    while tokens.len() < expected.len() {
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        tokens.push(best.expect("a token") as u32);
        logits = model.read(&tokens[tokens.len() - 1..], &mut cache);
    }
    assert_eq!(tokens, expected);
}
