//! Directories of models: what opens, and what is refused by which file and why.

use hanok_models::ModelError;
use hanok_models::hf::{
    self, FloatType, ModelConfig, ModelDir, ModelKind, RopeScaling, WeightNames, Weights,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tiny::{
    llama, llama_config, llama_tensors, model, tokenizer_json, values, write, write_weights,
};

fn refused(dir: &TempDir) -> ModelError {
    match hf::check(dir.path()) {
        Ok(facts) => panic!("was opened: {facts:?}"),
        Err(error) => error,
    }
}

/// The error names the file, says why, and shows no path of this machine.
pub fn assert_refused(dir: &TempDir, code: &str, parts: &[&str]) {
    let error = refused(dir);
    let text = error.to_string();
    assert_eq!(error.code(), code, "{text}");
    for part in parts {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
    let path = dir.path().display().to_string();
    assert!(!text.contains(&path), "{text:?} shows the path");
}

pub fn with_config(changes: &[(&str, Value)]) -> TempDir {
    let mut config = llama_config();
    for (field, value) in changes {
        config[*field] = value.clone();
    }
    model(&config, &llama_tensors())
}

pub fn decoder(dir: &TempDir) -> hf::DecoderConfig {
    match ModelDir::open(dir.path()).unwrap().config {
        ModelConfig::Decoder(config) => config,
        ModelConfig::Bert(_) => panic!("is an encoder"),
    }
}

#[test]
fn the_tiny_model_itself_is_sound() {
    let dir = llama();
    let facts = hf::check(dir.path()).unwrap();
    assert_eq!(facts.architecture, "LlamaForCausalLM");
    assert_eq!(facts.kind, ModelKind::Decoder);
    let numbers: usize = llama_tensors()
        .iter()
        .map(|(_, s)| s.iter().product::<usize>())
        .sum();
    assert_eq!(facts.parameters, numbers as u64);
    assert_eq!((facts.vocab_size, facts.context_length), (270, 64));
    assert_eq!((facts.hidden_size, facts.layers), (8, 2));
    assert!(!facts.has_chat_template && !facts.custom_code && facts.labels.is_empty());
    assert!(facts.bytes > 4 * facts.parameters);
    let config = decoder(&dir);
    assert_eq!((config.heads, config.kv_heads, config.head_dim), (2, 1, 6));
    assert_eq!((config.bos_id, config.eos_ids), (Some(256), vec![257]));
    assert_eq!(config.rope_scaling, RopeScaling::None);
}

#[test]
fn tensors_are_read_by_name_and_the_rest_is_reported() {
    let dir = llama();
    let mut weights = Weights::open(dir.path(), WeightNames::Decoder).unwrap();
    let list = llama_tensors();
    for ((name, shape), expected) in list.iter().zip(values(&list)).skip(1) {
        assert_eq!(weights.take(name, shape).unwrap(), expected, "{name}");
        assert!(!weights.contains(name) && weights.take(name, shape).is_err());
    }
    let error = weights.finish(&[]).unwrap_err().to_string();
    assert!(error.contains("model.embed_tokens.weight"), "{error}");
}

#[test]
fn sixteen_bits_and_names_without_their_prefix() {
    for float in [FloatType::F16, FloatType::Bf16] {
        let dir = llama();
        let bare: Vec<_> = llama_tensors()
            .into_iter()
            .map(|(name, shape)| (name.trim_start_matches("model.").to_owned(), shape))
            .collect();
        let path = dir.path().join("model.safetensors");
        hf::write_tensors(&path, float, &bare, values(&bare).into_iter()).unwrap();
        let mut open = ModelDir::open(dir.path()).unwrap();
        let last = open.weights.take("model.norm.weight", &[8]).unwrap();
        let at = bare.len() - 2;
        assert_eq!(last, values(&bare)[at], "{float:?}");
    }
}

#[test]
fn a_model_in_several_files() {
    let dir = llama();
    let list = llama_tensors();
    let (first, second) = list.split_at(5);
    std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    let mut map = serde_json::Map::new();
    for (file, part) in [("a.safetensors", first), ("b.safetensors", second)] {
        write_weights(&dir.path().join(file), part);
        map.extend(part.iter().map(|(name, _)| (name.clone(), json!(file))));
    }
    let index = |map: &Value| json!({"metadata": {}, "weight_map": map}).to_string();
    let name = "model.safetensors.index.json";
    write(dir.path(), name, index(&json!(map)));
    assert_eq!(
        hf::check(dir.path()).unwrap().parameters,
        hf::check(llama().path()).unwrap().parameters
    );
    for elsewhere in [
        "../b.safetensors",
        "/etc/passwd",
        "x/b.safetensors",
        "b.bin",
        ".safetensors/..",
    ] {
        map.insert("lm_head.weight".to_owned(), json!(elsewhere));
        write(dir.path(), name, index(&json!(map)));
        assert_refused(&dir, "invalid_model", &[name, "lm_head.weight"]);
    }
    map.insert("lm_head.weight".to_owned(), json!("c.safetensors"));
    write(dir.path(), name, index(&json!(map)));
    assert_refused(&dir, "missing_file", &["c.safetensors"]);
    write_weights(&dir.path().join("c.safetensors"), &first[..1]);
    assert_refused(&dir, "invalid_model", &["c.safetensors", "twice"]);
}

#[test]
fn missing_files_are_named_with_what_is_needed() {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let dir = llama();
        std::fs::remove_file(dir.path().join(name)).unwrap();
        assert_refused(
            &dir,
            "missing_file",
            &[name, "config.json, tokenizer.json and model"],
        );
    }
    let dir = llama();
    std::fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
    write(dir.path(), "tokenizer.model", "x");
    assert_refused(
        &dir,
        "missing_file",
        &["tokenizer.model alone", "save_pretrained"],
    );
    std::fs::remove_file(dir.path().join("config.json")).unwrap();
    write(dir.path(), "adapter_config.json", "{}");
    assert_refused(&dir, "invalid_model", &["LoRA adapter", "base model"]);
    assert!(hf::check(std::path::Path::new("/does/not/exist")).is_err());
}

#[test]
fn d08_pickles_are_never_read() {
    for name in [
        "pytorch_model.bin",
        "model.pt",
        "pytorch_model.bin.index.json",
        "x.ckpt",
    ] {
        let dir = llama();
        std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
        write(dir.path(), name, "");
        assert_refused(&dir, "unsafe_format", &[name, "save_file"]);
    }
    for begin in [
        b"PK\x03\x04aaaaaaaaaa".as_slice(),
        b"\x80\x02}q\x00(X\x05\x00\x00\x00hello",
    ] {
        let dir = llama();
        write(dir.path(), "model.safetensors", begin);
        assert_refused(&dir, "unsafe_format", &["model.safetensors", "pickle"]);
    }
    // Beside safetensors they are ignored.
    let dir = llama();
    write(dir.path(), "pytorch_model.bin", "\u{80}\u{2}");
    hf::check(dir.path()).unwrap();
}

#[test]
fn d09_code_of_a_model_is_ignored_and_said() {
    let dir = with_config(&[("auto_map", json!({"AutoModel": "modeling.py--Evil"}))]);
    assert!(hf::check(dir.path()).unwrap().custom_code);
}

#[test]
fn d10_damaged_weights() {
    let whole = std::fs::read(llama().path().join("model.safetensors")).unwrap();
    let dir = llama();
    for cut in [0, 4, 8, 40, whole.len() - 1] {
        write(dir.path(), "model.safetensors", &whole[..cut]);
        assert_refused(&dir, "invalid_model", &["model.safetensors"]);
    }
    write(
        dir.path(),
        "model.safetensors",
        [whole.as_slice(), b"more"].concat(),
    );
    assert_refused(&dir, "invalid_model", &["by its header", "copy it again"]);
    write(
        dir.path(),
        "model.safetensors",
        "version https://git-lfs.github.com/spec/v1\n",
    );
    assert_refused(&dir, "invalid_model", &["git lfs pull"]);
    for length in [u64::MAX, 100_000_001, 1 << 40] {
        write(
            dir.path(),
            "model.safetensors",
            [length.to_le_bytes().as_slice(), b"{}"].concat(),
        );
        assert_refused(&dir, "invalid_model", &["longer than the file"]);
    }
    let norm = r#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let cases = [
        ("not json", "header"),
        (
            r#"{"a":{"dtype":"F9","shape":[2],"data_offsets":[0,8]}}"#,
            "F9",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            "header",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            "header",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[1,18446744073709551615,2],"data_offsets":[0,8]}}"#,
            "header",
        ),
        (&format!("{{{norm},{norm}}}"), "a occurs twice"),
        (
            &format!(
                "{{{norm},{}}}",
                norm.replace('a', "b").replace("dbtb", "data")
            ),
            "header",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            "header",
        ),
        (&"[".repeat(100_000), "header"),
    ];
    for (header, reason) in cases {
        let length = (header.len() as u64).to_le_bytes();
        let bytes = [length.as_slice(), header.as_bytes(), &[0; 8]].concat();
        write(dir.path(), "model.safetensors", bytes);
        assert_refused(&dir, "invalid_model", &["model.safetensors", reason]);
    }
}

#[test]
fn d10_any_byte_of_the_header_changed_does_not_panic() {
    let dir = llama();
    let path = dir.path().join("model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let mut refusals = 0;
    for at in 0..header {
        let mut broken = whole.clone();
        broken[at] = if broken[at] == b'9' { b'1' } else { b'9' };
        std::fs::write(&path, &broken).unwrap();
        let open = Weights::open(dir.path(), WeightNames::Decoder);
        refusals += usize::from(open.is_err());
    }
    assert!(refusals > header / 3, "{refusals} of {header}");
}

#[test]
fn tensors_that_do_not_fit_the_config() {
    let dir = llama();
    let path = dir.path().join("model.safetensors");
    let mut list = llama_tensors();
    list[3].1 = vec![8, 12];
    write_weights(&path, &list);
    assert_refused(
        &dir,
        "invalid_model",
        &["q_proj.weight", "[8, 12]", "[12, 8]"],
    );
    list = llama_tensors();
    let name = list.remove(4).0;
    write_weights(&path, &list);
    assert_refused(&dir, "invalid_model", &[&name, "missing"]);
    list = llama_tensors();
    list.push((
        "model.layers.0.self_attn.rotary_emb.inv_freq".to_owned(),
        vec![3],
    ));
    write_weights(&path, &list);
    hf::check(dir.path()).unwrap();
    list.push(("model.layers.0.self_attn.q_norm.weight".to_owned(), vec![6]));
    write_weights(&path, &list);
    assert_refused(&dir, "invalid_model", &["q_norm.weight", "does not belong"]);
}

#[test]
fn numbers_that_are_none_and_types_that_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = |dtype: &str, data: &[u8]| {
        let header = json!({"a": {"dtype": dtype, "shape": [1], "data_offsets": [0, data.len()]}});
        let header = header.to_string();
        let length = (header.len() as u64).to_le_bytes();
        write(
            dir.path(),
            "model.safetensors",
            [&length, header.as_bytes(), data].concat(),
        );
        Weights::open(dir.path(), WeightNames::Plain)
            .unwrap()
            .take("a", &[1])
    };
    assert_eq!(file("F64", &(-1.5_f64).to_le_bytes()).unwrap(), [-1.5]);
    assert_eq!(file("F16", &[0x00, 0x3e]).unwrap(), [1.5]);
    assert_eq!(file("BF16", &[0xc0, 0x3f]).unwrap(), [1.5]);
    for bad in [f32::NAN, f32::INFINITY] {
        let error = file("F32", &bad.to_le_bytes()).unwrap_err();
        assert!(error.to_string().contains("tensor a holds NaN"), "{error}");
    }
    // Too large for f32.
    assert!(file("F64", &1e300_f64.to_le_bytes()).is_err());
    let error = file("I32", &[0; 4]).unwrap_err();
    assert_eq!(error.code(), "unsupported_model");
    assert!(error.to_string().contains("I32"), "{error}");
}

#[test]
fn a_tokenizer_with_more_tokens_than_the_model() {
    let dir = llama();
    let mut tokenizer = tokenizer_json();
    tokenizer["added_tokens"][5]["id"] = json!(262);
    tokenizer["model"]["vocab"]["zz"] = json!(270);
    write(dir.path(), "tokenizer.json", tokenizer.to_string());
    assert_refused(
        &dir,
        "invalid_model",
        &["tokenizer.json", "270", "vocab_size"],
    );
    write(dir.path(), "tokenizer.json", "{\"model\": 1}");
    assert_refused(&dir, "invalid_model", &["tokenizer.json"]);
}

#[cfg(unix)]
#[test]
fn d01_links_out_of_the_directory_and_files_that_are_none() {
    let (dir, outside) = (llama(), tempfile::tempdir().unwrap());
    let inside = dir.path().join("model.safetensors");
    let name = "config.json";
    let away = outside.path().join(name);
    std::fs::rename(dir.path().join(name), &away).unwrap();
    std::os::unix::fs::symlink(&away, dir.path().join(name)).unwrap();
    assert_refused(&dir, "invalid_model", &[name, "link", "copy"]);
    std::fs::remove_file(dir.path().join(name)).unwrap();
    std::fs::copy(&away, dir.path().join("other.json")).unwrap();
    std::os::unix::fs::symlink("other.json", dir.path().join(name)).unwrap();
    hf::check(dir.path()).unwrap();
    std::fs::remove_file(&inside).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(&inside).unwrap();
    assert_refused(
        &dir,
        "invalid_model",
        &["model.safetensors", "regular file"],
    );
}
