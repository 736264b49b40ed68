//! What a `config.json` may say, and what is refused by name.

use hanok_models::hf::{DecoderArch, RopeScaling};
use serde_json::{Value, json};

use crate::model_files::{assert_refused, decoder, with_config};
use crate::tiny::write;

#[test]
fn configs_that_are_not_supported_are_named() {
    let cases = [
        (
            "architectures",
            json!(["MambaForCausalLM"]),
            "MambaForCausalLM",
        ),
        (
            "architectures",
            json!(["LlamaForSequenceClassification"]),
            "LlamaForCausalLM, Qwen2",
        ),
        ("model_type", json!("qwen2"), "qwen2"),
        ("hidden_act", json!("gelu"), "gelu"),
        (
            "rope_scaling",
            json!({"rope_type": "yarn", "factor": 4.0}),
            "yarn",
        ),
        (
            "rope_scaling",
            json!({"type": "dynamic", "factor": 4.0}),
            "dynamic",
        ),
        (
            "rope_parameters",
            json!({"rope_type": "longrope", "rope_theta": 1e4}),
            "longrope",
        ),
        ("partial_rotary_factor", json!(0.5), "partial_rotary_factor"),
        (
            "quantization_config",
            json!({"quant_method": "gptq"}),
            "gptq",
        ),
    ];
    for (field, value, name) in cases {
        assert_refused(
            &with_config(&[(field, value)]),
            "unsupported_model",
            &["config.json", name],
        );
    }
}

#[test]
fn configs_out_of_bounds() {
    let cases = [
        ("vocab_size", json!(0)),
        ("vocab_size", json!(1e18 as u64)),
        ("hidden_size", json!(-8)),
        ("hidden_size", json!(u64::MAX)),
        ("num_hidden_layers", json!(4_000_000_000_u64)),
        ("num_attention_heads", json!(0)),
        ("num_key_value_heads", json!(0)),
        ("num_key_value_heads", json!(3)),
        ("head_dim", json!(5)),
        ("intermediate_size", json!("12")),
        ("max_position_embeddings", json!(0)),
        ("rms_norm_eps", json!(0)),
        ("rope_theta", json!(-1)),
        ("rope_scaling", json!({"rope_type": "linear", "factor": 0})),
        (
            "rope_scaling",
            json!({"rope_type": "llama3", "factor": 8.0}),
        ),
        ("eos_token_id", json!([257, 270])),
        ("eos_token_id", json!("</s>")),
        ("tie_word_embeddings", json!("no")),
        ("num_hidden_layers", Value::Null),
    ];
    for (field, value) in cases {
        let dir = with_config(&[(field, value)]);
        assert_refused(&dir, "invalid_model", &["config.json"]);
    }
    let dir = with_config(&[]);
    write(dir.path(), "config.json", "[".repeat(100_000));
    assert_refused(&dir, "invalid_model", &["config.json", "JSON"]);
    write(dir.path(), "config.json", " ".repeat(5 << 20));
    assert_refused(&dir, "invalid_model", &["config.json", "larger"]);
}

#[test]
fn rope_in_both_forms_and_windows() {
    let llama3 = json!({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 32, "rope_theta": 5e5});
    let old = decoder(&with_config(&[
        ("rope_scaling", llama3.clone()),
        ("rope_theta", json!(5e5)),
    ]));
    let new = decoder(&with_config(&[("rope_parameters", llama3)]));
    assert_eq!(
        (old.rope_theta, old.rope_scaling),
        (new.rope_theta, new.rope_scaling)
    );
    assert_eq!(old.rope_theta, 5e5);
    let RopeScaling::Llama3 {
        factor,
        original_max_position,
        ..
    } = new.rope_scaling
    else {
        panic!("{:?}", new.rope_scaling);
    };
    assert_eq!((factor, original_max_position), (8.0, 32));

    let mistral = |window: Value| {
        let dir = with_config(&[
            ("architectures", json!(["MistralForCausalLM"])),
            ("model_type", json!("mistral")),
            ("sliding_window", window),
        ]);
        let config = decoder(&dir);
        assert_eq!(config.arch, DecoderArch::Mistral);
        config.max_positions
    };
    assert_eq!(mistral(Value::Null), 64);
    assert_eq!(mistral(json!(4096)), 64);
    assert_eq!(mistral(json!(16)), 16);
}

#[test]
fn ends_of_an_answer_from_both_files() {
    let dir = with_config(&[("eos_token_id", json!([259, 257]))]);
    write(
        dir.path(),
        "generation_config.json",
        json!({"eos_token_id": [257, 258]}).to_string(),
    );
    assert_eq!(decoder(&dir).eos_ids, [257, 258, 259]);
}
