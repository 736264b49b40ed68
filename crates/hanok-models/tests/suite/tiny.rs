//! Models of a few hundred numbers, written to temporary directories.

use std::path::Path;

use hanok_models::Tokenizer;
use hanok_models::hf::{FloatType, write_tensors};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

pub const SPECIALS: [&str; 6] = [
    "<s>",
    "</s>",
    "<|im_start|>",
    "<|im_end|>",
    "[INST]",
    "[/INST]",
];

pub fn llama_config() -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 270,
        "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 6, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
        "tie_word_embeddings": false, "hidden_act": "silu", "bos_token_id": 256, "eos_token_id": 257,
    })
}

pub fn bert_config() -> Value {
    json!({
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": 270,
        "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2,
        "max_position_embeddings": 32, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
        "hidden_act": "gelu", "pad_token_id": 0, "id2label": {"0": "no", "1": "yes", "2": "maybe"},
    })
}

/// One token a byte, and six control tokens from 256 on; `<s>` in front of a text.
pub fn tokenizer_json() -> Value {
    let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    alphabet.sort_unstable();
    let vocab: serde_json::Map<String, Value> = alphabet
        .iter()
        .enumerate()
        .map(|(id, c)| (c.to_string(), json!(id)))
        .collect();
    let added = |(i, name): (usize, &&str)| {
        json!({"id": 256 + i, "content": name, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true})
    };
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true});
    json!({
        "version": "1.0", "truncation": {"direction": "Right", "max_length": 4,
            "strategy": "LongestFirst", "stride": 0}, "padding": null,
        "added_tokens": SPECIALS.iter().enumerate().map(added).collect::<Vec<_>>(),
        "normalizer": null, "pre_tokenizer": bytes.clone(), "decoder": bytes,
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [256], "tokens": ["<s>"]}}},
        "model": {"type": "BPE", "vocab": vocab, "merges": []},
    })
}

pub fn tokenizer() -> Tokenizer {
    Tokenizer::from_bytes(tokenizer_json().to_string().as_bytes()).unwrap()
}

/// Names and shapes of the Llama of [`llama_config`], written out.
pub fn llama_tensors() -> Vec<(String, Vec<usize>)> {
    let mut all = vec![("model.embed_tokens.weight".to_owned(), vec![270, 8])];
    for layer in 0..2 {
        for (name, shape) in [
            ("input_layernorm", vec![8]),
            ("post_attention_layernorm", vec![8]),
            ("self_attn.q_proj", vec![12, 8]),
            ("self_attn.k_proj", vec![6, 8]),
            ("self_attn.v_proj", vec![6, 8]),
            ("self_attn.o_proj", vec![8, 12]),
            ("mlp.gate_proj", vec![12, 8]),
            ("mlp.up_proj", vec![12, 8]),
            ("mlp.down_proj", vec![8, 12]),
        ] {
            all.push((format!("model.layers.{layer}.{name}.weight"), shape));
        }
    }
    all.push(("model.norm.weight".to_owned(), vec![8]));
    all.push(("lm_head.weight".to_owned(), vec![270, 8]));
    all
}

/// Numbers that say which tensor they are from and that 16 bits hold exactly.
pub fn values(tensors: &[(String, Vec<usize>)]) -> Vec<Vec<f32>> {
    let fill = |(at, (_, shape)): (usize, &(String, Vec<usize>))| {
        let count: usize = shape.iter().product();
        (0..count)
            .map(|i| at as f32 + (i % 4) as f32 / 4.0)
            .collect()
    };
    tensors.iter().enumerate().map(fill).collect()
}

pub fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), content).unwrap();
}

pub fn write_weights(path: &Path, tensors: &[(String, Vec<usize>)]) {
    write_tensors(path, FloatType::F32, tensors, values(tensors).into_iter()).unwrap();
}

pub fn model(config: &Value, tensors: &[(String, Vec<usize>)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "config.json", config.to_string());
    write(dir.path(), "tokenizer.json", tokenizer_json().to_string());
    write_weights(&dir.path().join("model.safetensors"), tensors);
    dir
}

pub fn llama() -> TempDir {
    model(&llama_config(), &llama_tensors())
}
