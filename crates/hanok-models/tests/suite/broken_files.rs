//! Files that are cut, changed or made up: an error that names the file, never a panic.

use hanok_models::{Encoder, Head, HeadParts, ModelError};
use serde_json::{Value, json};

fn shipped(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/starter-encoder/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn small_config() -> Value {
    let mut config: Value = serde_json::from_slice(&shipped("config.json")).unwrap();
    config["dim"] = json!(2);
    config["vocab_size"] = json!(3);
    config
}

fn small_tokenizer() -> Value {
    let mut file: Value = serde_json::from_slice(&shipped("tokenizer.json")).unwrap();
    file["model"]["vocab"] = json!({"a": 0, "##b": 1, "[UNK]": 2});
    file
}

/// A safetensors file with the shapes of `small_config`.
fn small_weights() -> Vec<u8> {
    let header = json!({
        "embeddings": {"dtype": "I8", "shape": [3, 2], "data_offsets": [12, 18]},
        "scales": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
    });
    let mut data: Vec<u8> = [1.0_f32; 3].iter().flat_map(|v| v.to_le_bytes()).collect();
    data.extend([3, 4, 0, 0, 0, 0]);
    file(&header.to_string(), &data)
}

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), data].concat()
}

fn build(config: &Value, tokenizer: &Value, weights: &[u8]) -> Result<Encoder, ModelError> {
    Encoder::from_bytes(
        config.to_string().as_bytes(),
        tokenizer.to_string().as_bytes(),
        weights,
    )
}

fn assert_refused(result: Result<Encoder, ModelError>, name: &str, reason: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.starts_with(name), "{error} does not name {name}");
    assert!(error.contains(reason), "{error} lacks {reason}");
}

#[test]
fn the_small_encoder_itself_is_sound() {
    let encoder = build(&small_config(), &small_tokenizer(), &small_weights()).unwrap();
    assert_eq!(encoder.token_ids("A ab b"), [0, 0, 1]);
    assert_eq!(encoder.embed("a"), [0.6, 0.8]);
}

#[test]
fn configs_out_of_bounds() {
    let changes = [
        ("/dim", json!(0), "dim"),
        ("/vocab_size", json!(1e12 as u64), "vocab_size"),
        ("/max_chars", json!(0), "max_chars"),
        ("/max_tokens", json!(0), "max_tokens"),
        ("/hash_buckets", json!(1000), "power of two"),
        ("/hash_buckets", json!(1 << 30), "power of two"),
        ("/format", json!("hanok-encoder/9"), "format"),
        ("/ngrams/word_max", json!(99), "word_max"),
        ("/ngrams/char_max", json!(1), "char_m"),
        ("/ngrams/char_weight", json!(-1.0), "weights"),
        ("/dim", json!("two"), "expected"),
    ];
    for (path, value, reason) in changes {
        let mut config = small_config();
        *config.pointer_mut(path).unwrap() = value;
        let result = build(&config, &small_tokenizer(), &small_weights());
        assert_refused(result, "config.json", reason);
    }
}

#[test]
fn tokenizers_of_another_kind() {
    let changes = [
        ("/model/type", json!("BPE"), "WordPiece"),
        ("/model/vocab/a", json!(3), "beyond vocab_size"),
        ("/model/vocab/a", json!(-1), "invalid"),
        ("/model/continuing_subword_prefix", json!("@"), "##"),
        ("/model/max_input_chars_per_word", json!(0), "max_input"),
        ("/normalizer/normalizers", json!([]), "normalizer"),
        ("/normalizer", Value::Null, "normalizer"),
        ("/pre_tokenizer/pattern/Regex", json!("(a+)+b"), "pattern"),
    ];
    for (path, value, reason) in changes {
        let mut tokenizer = small_tokenizer();
        *tokenizer.pointer_mut(path).unwrap() = value;
        let result = build(&small_config(), &tokenizer, &small_weights());
        assert_refused(result, "tokenizer.json", reason);
    }
}

#[test]
fn weights_that_do_not_fit() {
    let whole = small_weights();
    for cut in [0, 4, 8, 40, whole.len() - 1] {
        let result = build(&small_config(), &small_tokenizer(), &whole[..cut]);
        assert_refused(result, "model.safetensors", "");
    }
    let nan = json!({
        "embeddings": {"dtype": "I8", "shape": [3, 2], "data_offsets": [12, 18]},
        "scales": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
    });
    let headers = [
        (nan.to_string(), "NaN"),
        (nan.to_string().replace("scales", "scale"), "scales"),
        (nan.to_string().replace("[3,2]", "[2,3]"), "embeddings"),
        (nan.to_string().replace("\"I8\"", "\"U8\""), "embeddings"),
        (nan.to_string().replace("18", "1800000000000"), ""),
        ("{".repeat(60), ""),
    ];
    for (header, reason) in headers {
        let weights = file(&header, &[255; 18]);
        let result = build(&small_config(), &small_tokenizer(), &weights);
        assert_refused(result, "model.safetensors", reason);
    }
    let huge = [u64::MAX.to_le_bytes().as_slice(), b"{}"].concat();
    let result = build(&small_config(), &small_tokenizer(), &huge);
    assert_refused(result, "model.safetensors", "");
}

#[test]
fn a_folder_without_files() {
    let folder = tempfile::tempdir().unwrap();
    let error = Encoder::load(folder.path()).unwrap_err();
    assert!(matches!(error, ModelError::Io { .. }));
    assert!(error.to_string().contains("config.json"));
}

#[test]
fn heads_with_any_byte_changed_do_not_panic() {
    let head = Head::new(HeadParts {
        encoder: "e".to_owned(),
        labels: vec!["a".to_owned(), "b".to_owned()],
        dim: 1,
        hash_buckets: 8,
        dense: vec![1.0, 2.0],
        buckets: vec![1],
        sparse: vec![1.0, 2.0],
        bias: vec![0.0, 0.0],
    });
    let bytes = head.unwrap().to_safetensors().unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        for value in [0, b'9', 0xff] {
            let mut broken = bytes.clone();
            broken[at] = value;
            refused += usize::from(Head::from_safetensors(&broken).is_err());
        }
        assert!(Head::from_safetensors(&bytes[..at]).is_err());
    }
    assert!(refused > bytes.len());
}
