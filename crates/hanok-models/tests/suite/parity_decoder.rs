//! Decoders against Transformers and PEFT: logits, loss, each gradient, greedy tokens, a loss curve.

use hanok_models::hf::Adapter;
use hanok_models::{Batch, LanguageModel};
use hanok_nn::{AdamW, Moments, squared_norm};
use serde_json::Value;

use super::reference::{Table, Tensors, folder};

const DECODERS: [&str; 4] = ["llama_a", "llama_b", "qwen2", "mistral"];

fn load(fixture: &str) -> LanguageModel {
    LanguageModel::load(&folder(fixture), None).expect("the fixture loads")
}

/// The rows of a reference without their padding, and where they are in the padded tensors.
fn batch(reference: &Tensors) -> (Batch, Vec<usize>) {
    let shape = reference.shape("input_ids");
    let (ids, labels) = (reference.ids("input_ids"), reference.ids("labels"));
    let mask = reference.ids("attention_mask");
    let (mut batch, mut places) = (Batch::default(), Vec::new());
    for row in 0..shape[0] {
        let real = (0..shape[1])
            .map(|i| row * shape[1] + i)
            .filter(|i| mask[*i] == 1);
        let real: Vec<usize> = real.collect();
        let tokens: Vec<u32> = real.iter().map(|i| ids[*i] as u32).collect();
        let counts: Vec<bool> = real.iter().map(|i| labels[*i] >= 0).collect();
        batch.push(&tokens, &counts);
        places.extend(real);
    }
    (batch, places)
}

fn picked(padded: &[f32], places: &[usize], width: usize) -> Vec<f32> {
    let rows = places
        .iter()
        .flat_map(|place| &padded[place * width..][..width]);
    rows.copied().collect()
}

fn mean_loss(losses: &[hanok_nn::RowLoss]) -> f32 {
    losses.iter().map(|row| row.loss).sum::<f32>() / losses.len() as f32
}

#[test]
fn logits_loss_and_every_gradient() {
    for fixture in DECODERS {
        let reference = Tensors::read(fixture, "reference.safetensors");
        let (batch, places) = batch(&reference);
        let mut model = load(fixture);
        let mut table = Table::new(fixture);
        let vocab = model.decoder.config.vocab_size;
        let expected = picked(reference.get("logits"), &places, vocab);
        table.check("logits", &model.decoder.logits(&batch), &expected);
        model.decoder.set_trained(true);
        let losses = model.decoder.backward(&batch, 1.0 / batch.counted() as f32);
        table.check("loss", &[mean_loss(&losses)], reference.get("loss"));
        let mut names = reference.under("grad.");
        for (name, param) in model.decoder.trained() {
            let grad = param.grad.as_ref().expect("it is trained");
            table.check(
                &format!("gradient of {name}"),
                grad,
                reference.get(&format!("grad.{name}")),
            );
            names.retain(|other| *other != name);
        }
        assert!(names.is_empty(), "{fixture}: no gradient of {names:?}");
        table.print();
    }
}

#[test]
fn greedy_tokens_with_a_cache() {
    for fixture in DECODERS {
        let reference = Tensors::read(fixture, "reference.safetensors");
        let model = load(fixture).decoder;
        let prompt: Vec<u32> = reference
            .ids("greedy.prompt")
            .iter()
            .map(|id| *id as u32)
            .collect();
        let mut cache = model.cache();
        let mut logits = model.read(&prompt, &mut cache);
        for expected in reference.ids("greedy.tokens") {
            let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
            assert_eq!(best, Some(expected as usize), "{fixture}");
            logits = model.read(&[expected as u32], &mut cache);
        }
        println!("| {fixture} | 32 greedy tokens | equal |");
    }
}

#[test]
fn an_adapter_of_peft() {
    let reference = Tensors::read("llama_a", "lora.safetensors");
    let (batch, places) = batch(&reference);
    let model = LanguageModel::load(&folder("llama_a"), Some(&folder("llama_a/adapter")));
    let mut decoder = model.expect("both load").decoder;
    let mut table = Table::new("llama_a, adapter");
    let expected = picked(
        reference.get("lora.logits"),
        &places,
        decoder.config.vocab_size,
    );
    table.check("logits", &decoder.logits(&batch), &expected);
    decoder.train_lora();
    let losses = decoder.backward(&batch, 1.0 / batch.counted() as f32);
    table.check("loss", &[mean_loss(&losses)], reference.get("lora.loss"));
    let trained = decoder.trained();
    assert_eq!(trained.len(), reference.under("lora.grad.").len());
    for (name, param) in trained {
        let grad = param.grad.as_ref().expect("it is trained");
        let expected = reference.get(&format!("lora.grad.base_model.model.{name}"));
        table.check(&format!("gradient of {name}"), grad, expected);
    }
    table.print();
}

#[test]
fn fifty_steps_of_lora_as_peft_takes_them() {
    let curve = std::fs::read(folder("llama_a").join("lora_curve.json")).expect("the curve");
    let curve: Value = serde_json::from_slice(&curve).expect("JSON");
    let numbers = |value: &Value| -> Vec<f32> {
        serde_json::from_value(value.clone()).expect("a list of numbers")
    };
    let model = LanguageModel::load(&folder("llama_a"), Some(&folder("llama_a/adapter")));
    let mut decoder = model.expect("both load").decoder;
    decoder.train_lora();
    let batches: Vec<Batch> = curve["micro_batches"]
        .as_array()
        .expect("batches")
        .iter()
        .map(rows)
        .collect();
    let (rates, expected) = (numbers(&curve["rates"]), numbers(&curve["losses"]));
    let mut moments: Vec<Moments> = Vec::new();
    let mut worst = 0.0f32;
    for (step, (rate, expected)) in rates.iter().zip(&expected).enumerate() {
        let pair = [2 * step, 2 * step + 1].map(|i| &batches[i % batches.len()]);
        let counted: usize = pair.iter().map(|batch| batch.counted()).sum();
        let losses = pair.map(|batch| decoder.backward(batch, 1.0 / counted as f32));
        let loss = mean_loss(&losses.concat());
        worst = worst.max((loss - expected).abs());
        println!("{step},{loss},{expected}");
        assert!(
            (loss - expected).abs() <= 1e-3,
            "step {step}: {loss} is not {expected}"
        );
        let trained = decoder.trained();
        moments.resize(trained.len(), Moments::default());
        let squares = trained
            .iter()
            .filter_map(|(_, p)| p.grad.as_ref())
            .map(|g| squared_norm(g));
        let norm = squares.sum::<f64>().sqrt() as f32;
        let factor = (1.0 / (norm + 1e-6)).min(1.0);
        for ((_, param), moments) in trained.into_iter().zip(&mut moments) {
            AdamW::default().step(param, moments, step as u64 + 1, *rate, factor);
        }
    }
    assert_eq!(rates.len(), 50);
    println!(
        "| llama_a | 50 steps of LoRA beside PEFT, worst difference of the loss | {worst:.1e} |"
    );
}

fn rows(batch: &Value) -> Batch {
    let mut all = Batch::default();
    for row in batch.as_array().expect("rows") {
        let ids: Vec<u32> = serde_json::from_value(row["ids"].clone()).expect("ids");
        let labels: Vec<i64> = serde_json::from_value(row["labels"].clone()).expect("labels");
        let counts: Vec<bool> = labels.iter().map(|label| *label >= 0).collect();
        all.push(&ids, &counts);
    }
    all
}

#[test]
fn a_saved_adapter_and_a_saved_model_come_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let base = folder("qwen2");
    let mut model = load("qwen2");
    let lora = hanok_models::LoraConfig {
        rank: 3,
        ..Default::default()
    };
    model.decoder.add_lora(&lora, 5).expect("fits");
    for (_, param) in model.decoder.trained() {
        param
            .value
            .iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x += (i % 7) as f32 * 0.01);
    }
    let reference = Tensors::read("qwen2", "reference.safetensors");
    let (batch, _) = batch(&reference);
    let adapter = dir.path().join("adapter");
    model.save_adapter(&adapter, &lora).expect("saves");
    assert_eq!(Adapter::load(&adapter).expect("loads").lora.config.rank, 3);
    let again = LanguageModel::load(&base, Some(&adapter)).expect("loads");
    assert_eq!(
        again.decoder.logits(&batch)[..],
        model.decoder.logits(&batch)[..]
    );

    let mut model = load("qwen2");
    model.decoder.set_trained(true);
    for (_, param) in model.decoder.trained() {
        param
            .value
            .iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x += (i % 7) as f32 * 0.01);
    }
    let whole = dir.path().join("whole");
    model.save(&base, &whole).expect("saves");
    let again = LanguageModel::load(&whole, None).expect("loads");
    assert_eq!(
        again.decoder.logits(&batch)[..],
        model.decoder.logits(&batch)[..]
    );
}
