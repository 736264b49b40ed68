//! The BERT encoder against Transformers and PEFT: scores, loss, each gradient, sentence vectors.

use hanok_models::hf::Pooling;
use hanok_models::{EncoderModel, Texts};

use super::reference::{Table, Tensors, folder};

fn load() -> EncoderModel {
    EncoderModel::load(&folder("bert"), None).expect("the fixture loads")
}

fn texts(reference: &Tensors) -> (Texts, Vec<u32>) {
    let width = reference.shape("input_ids")[1];
    let (ids, types) = (reference.ids("input_ids"), reference.ids("token_type_ids"));
    let mask = reference.ids("attention_mask");
    let mut texts = Texts::default();
    for row in 0..reference.shape("input_ids")[0] {
        let start = texts.tokens.len();
        for i in (row * width..(row + 1) * width).filter(|i| mask[*i] == 1) {
            texts.tokens.push(ids[i] as u32);
            texts.types.push(types[i] as u32);
        }
        texts.sequences.push(start..texts.tokens.len());
    }
    let classes = reference
        .ids("labels")
        .iter()
        .map(|id| *id as u32)
        .collect();
    (texts, classes)
}

fn mean_loss(losses: &[hanok_nn::RowLoss]) -> f32 {
    losses.iter().map(|row| row.loss).sum::<f32>() / losses.len() as f32
}

#[test]
fn scores_loss_and_every_gradient() {
    let reference = Tensors::read("bert", "reference.safetensors");
    let (texts, classes) = texts(&reference);
    let mut model = load();
    let mut table = Table::new("bert");
    let logits = model.bert.logits(&texts).expect("a classifier");
    table.check("logits", &logits, reference.get("logits"));
    model.bert.set_trained(true);
    let losses = model
        .bert
        .backward(&texts, &classes, 1.0 / classes.len() as f32);
    let losses = losses.expect("a classifier");
    table.check("loss", &[mean_loss(&losses)], reference.get("loss"));
    let mut names = reference.under("grad.");
    let stored = |name: &str| match name.starts_with("classifier") {
        true => name.to_owned(),
        false => format!("bert.{name}"),
    };
    for (name, param) in model.bert.trained() {
        let grad = param.grad.as_ref().expect("it is trained");
        let name = stored(&name);
        // A bias of the keys shifts every score of a row alike: its gradient is zero but for rounding.
        if name.ends_with("attention.self.key.bias") {
            assert!(grad.iter().all(|g| g.abs() < 1e-6), "{name}");
        } else {
            let expected = reference.get(&format!("grad.{name}"));
            table.check(&format!("gradient of {name}"), grad, expected);
        }
        names.retain(|other| *other != name);
    }
    assert!(names.is_empty(), "no gradient of {names:?}");
    table.print();
}

#[test]
fn other_activations() {
    let reference = Tensors::read("bert", "reference.safetensors");
    let (texts, _) = texts(&reference);
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["model.safetensors", "tokenizer.json"] {
        std::fs::copy(folder("bert").join(name), dir.path().join(name)).expect("copied");
    }
    let config = std::fs::read_to_string(folder("bert").join("config.json")).expect("a config");
    let mut table = Table::new("bert, other activations");
    for act in ["gelu_new", "relu"] {
        let changed = config.replace(
            "\"hidden_act\": \"gelu\"",
            &format!("\"hidden_act\": \"{act}\""),
        );
        assert_ne!(changed, config);
        std::fs::write(dir.path().join("config.json"), changed).expect("written");
        let model = EncoderModel::load(dir.path(), None).expect("loads");
        let logits = model.bert.logits(&texts).expect("a classifier");
        table.check(
            &format!("logits with {act}"),
            &logits,
            reference.get(&format!("logits.{act}")),
        );
    }
    table.print();
}

#[test]
fn an_adapter_of_peft() {
    let reference = Tensors::read("bert", "lora.safetensors");
    let (texts, classes) = texts(&reference);
    let model = EncoderModel::load(&folder("bert"), Some(&folder("bert/adapter")));
    let mut bert = model.expect("both load").bert;
    let mut table = Table::new("bert, adapter");
    let logits = bert.logits(&texts).expect("a classifier");
    table.check("logits", &logits, reference.get("lora.logits"));
    bert.train_lora();
    let losses = bert
        .backward(&texts, &classes, 1.0 / classes.len() as f32)
        .expect("a classifier");
    table.check("loss", &[mean_loss(&losses)], reference.get("lora.loss"));
    let trained = bert.trained();
    assert_eq!(trained.len(), reference.under("lora.grad.").len());
    for (name, param) in trained {
        let grad = param.grad.as_ref().expect("it is trained");
        let stored = match name.starts_with("classifier") {
            true => format!("lora.grad.base_model.model.{name}"),
            false => format!("lora.grad.base_model.model.bert.{name}"),
        };
        table.check(&format!("gradient of {name}"), grad, reference.get(&stored));
    }
    table.print();
}

#[test]
fn sentence_vectors() {
    let reference = Tensors::read("bert", "reference.safetensors");
    let texts_file = std::fs::read(folder("bert").join("texts.json")).expect("the texts");
    let texts: Vec<String> = serde_json::from_slice(&texts_file).expect("JSON");
    let mut model = load();
    let mut all = Texts::default();
    for text in &texts {
        all.push(&model.tokenizer.encode_to(text, 32).expect("tokens").ids);
    }
    let mut table = Table::new("bert, sentence vectors");
    let poolings = [
        ("mean", Pooling::Mean, false),
        ("cls", Pooling::Cls, false),
        ("max", Pooling::Max, false),
        ("normalized", Pooling::Mean, true),
    ];
    for (name, pooling, normalize) in poolings {
        model.bert.config.pooling = pooling;
        model.bert.config.normalize = normalize;
        let vectors = model.bert.embed(&all).concat();
        table.check(name, &vectors, reference.get(&format!("texts.{name}")));
    }
    table.print();
}
