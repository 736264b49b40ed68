//! Directories of BERT models: names of older files, classifiers, pooling.

use hanok_models::ModelError;
use hanok_models::hf::{
    self, BertAct, BertConfig, ModelConfig, ModelDir, ModelKind, Pooling, bert_stored_tensors,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tiny::{bert_config, model, write, write_weights};

fn config(dir: &TempDir) -> BertConfig {
    match ModelDir::open(dir.path()).unwrap().config {
        ModelConfig::Bert(config) => config,
        ModelConfig::Decoder(_) => panic!("is a decoder"),
    }
}

/// The tensors of the classifier of `bert_config`, as the reference writes them.
fn classifier_tensors() -> Vec<(String, Vec<usize>)> {
    let mut all = vec![
        (
            "bert.embeddings.word_embeddings.weight".to_owned(),
            vec![270, 8],
        ),
        (
            "bert.embeddings.position_embeddings.weight".to_owned(),
            vec![32, 8],
        ),
        (
            "bert.embeddings.token_type_embeddings.weight".to_owned(),
            vec![2, 8],
        ),
    ];
    let mut pair = |name: &str, shape: Vec<usize>| {
        all.push((format!("bert.{name}.bias"), vec![shape[0]]));
        all.push((format!("bert.{name}.weight"), shape));
    };
    pair("embeddings.LayerNorm", vec![8]);
    for name in ["self.query", "self.key", "self.value", "output.dense"] {
        pair(&format!("encoder.layer.0.attention.{name}"), vec![8, 8]);
    }
    pair("encoder.layer.0.attention.output.LayerNorm", vec![8]);
    pair("encoder.layer.0.intermediate.dense", vec![12, 8]);
    pair("encoder.layer.0.output.dense", vec![8, 12]);
    pair("encoder.layer.0.output.LayerNorm", vec![8]);
    pair("pooler.dense", vec![8, 8]);
    all.push(("classifier.weight".to_owned(), vec![3, 8]));
    all.push(("classifier.bias".to_owned(), vec![3]));
    all
}

fn encoder_only() -> (Value, Vec<(String, Vec<usize>)>) {
    let mut config = bert_config();
    config["architectures"] = json!(["BertModel"]);
    let kept = |(name, shape): (String, Vec<usize>)| {
        let name = name.strip_prefix("bert.")?;
        (!name.starts_with("pooler")).then(|| (name.to_owned(), shape))
    };
    (
        config,
        classifier_tensors().into_iter().filter_map(kept).collect(),
    )
}

#[test]
fn a_classifier_with_its_labels() {
    let dir = model(&bert_config(), &classifier_tensors());
    let facts = hf::check(dir.path()).unwrap();
    assert_eq!(facts.kind, ModelKind::Encoder);
    assert_eq!(facts.labels, ["no", "yes", "maybe"]);
    let config = config(&dir);
    assert!(config.pooler);
    assert_eq!((config.hidden_act, config.head_dim()), (BertAct::Gelu, 4));
    let mut stored = bert_stored_tensors(&config);
    let mut expected = classifier_tensors();
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected);
}

#[test]
fn names_of_older_files_and_heads_of_the_pretraining() {
    let (_, tensors) = encoder_only();
    let mut config_json = bert_config();
    config_json["architectures"] = json!(["BertForMaskedLM"]);
    let old = |(name, shape): (String, Vec<usize>)| {
        let name = name
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        (format!("bert.{name}"), shape)
    };
    let mut tensors: Vec<_> = tensors.into_iter().map(old).collect();
    tensors.push(("cls.predictions.bias".to_owned(), vec![270]));
    tensors.push(("bert.embeddings.position_ids".to_owned(), vec![1, 32]));
    let dir = model(&config_json, &tensors);
    let config = config(&dir);
    assert!(config.labels.is_empty() && !config.pooler);
    assert_eq!((config.pooling, config.normalize), (Pooling::Mean, false));
    assert_eq!(config.max_seq_length, 32);
}

#[test]
fn pooling_as_sentence_transformers_writes_it() {
    let (config_json, tensors) = encoder_only();
    let dir = model(&config_json, &tensors);
    let pool = dir.path().join("1_Pooling");
    std::fs::create_dir(&pool).unwrap();
    let modules = |last: &str| {
        json!([
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Last", "type": format!("sentence_transformers.models.{last}")},
        ])
        .to_string()
    };
    let set = |mean: bool, cls: bool| {
        let config = json!({"pooling_mode_mean_tokens": mean, "pooling_mode_cls_token": cls,
            "word_embedding_dimension": 8});
        write(&pool, "config.json", config.to_string());
    };
    write(dir.path(), "modules.json", modules("Normalize"));
    write(
        dir.path(),
        "sentence_bert_config.json",
        json!({"max_seq_length": 20}).to_string(),
    );
    set(false, true);
    let found = config(&dir);
    assert_eq!(
        (found.pooling, found.normalize, found.max_seq_length),
        (Pooling::Cls, true, 20)
    );
    assert_eq!(hf::check(dir.path()).unwrap().context_length, 20);
    let refused = |parts: &[&str]| {
        let error: ModelError = hf::check(dir.path()).unwrap_err();
        let text = error.to_string();
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    };
    set(true, true);
    refused(&["1_Pooling/config.json", "cls_token with mean_tokens"]);
    set(true, false);
    write(dir.path(), "modules.json", modules("Dense"));
    refused(&["modules.json", "Dense"]);
    write(
        dir.path(),
        "modules.json",
        modules("Normalize").replace("1_Pooling", "../1_Pooling"),
    );
    refused(&["plain file name"]);
}

#[test]
fn classifiers_that_are_none() {
    let tensors = classifier_tensors();
    let cases = [
        ("id2label", json!({"0": "one"})),
        ("id2label", json!({"1": "a", "2": "b"})),
        ("id2label", json!(["a", "b"])),
        ("problem_type", json!("regression")),
        ("position_embedding_type", json!("relative_key")),
        ("num_attention_heads", json!(3)),
        ("pad_token_id", json!(999)),
        ("hidden_act", json!("swiglu")),
    ];
    for (field, value) in cases {
        let mut config = bert_config();
        config[field] = value;
        let error = hf::check(model(&config, &tensors).path()).unwrap_err();
        assert!(error.to_string().starts_with("config.json"), "{error}");
    }
    let dir = model(&bert_config(), &tensors);
    let mut fewer = bert_config();
    fewer["id2label"] = json!({"0": "a", "1": "b"});
    write(dir.path(), "config.json", fewer.to_string());
    let error = hf::check(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("classifier") && error.contains("[3, 8]"),
        "{error}"
    );
    write_weights(
        &dir.path().join("model.safetensors"),
        &tensors[..tensors.len() - 2],
    );
    let error = hf::check(dir.path()).unwrap_err().to_string();
    assert!(error.contains("classifier.weight is missing"), "{error}");
}
