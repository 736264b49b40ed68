//! The model before training: its sizes, its tokenizer, its chat template and random weights.

use std::path::Path;

use hanok_models::ChatMessage;
use hanok_models::hf::{
    DecoderArch, DecoderConfig, FloatType, RopeScaling, decoder_tensors, write_tensors,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, NormalizerWrapper, PostProcessorWrapper, TokenizerBuilder};

use crate::Outcome;

const VOCABULARY: usize = 1024;
/// The control tokens by their ids.
const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const TEMPLATE: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n\
    {{ message.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}\n";

fn sizes() -> DecoderConfig {
    DecoderConfig {
        arch: DecoderArch::Llama,
        vocab_size: VOCABULARY,
        hidden_size: 96,
        intermediate_size: 208,
        layers: 4,
        heads: 4,
        kv_heads: 2,
        head_dim: 24,
        max_positions: 512,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        rope_scaling: RopeScaling::None,
        qkv_bias: false,
        o_bias: false,
        mlp_bias: false,
        tie_word_embeddings: true,
        bos_id: Some(1),
        eos_ids: vec![2],
        pad_id: Some(0),
    }
}

/// Writes a model that knows nothing yet, but whose tokenizer fits these conversations.
pub fn write_fresh(dir: &Path, rows: &[Vec<ChatMessage>], seed: u64) -> Outcome<()> {
    std::fs::create_dir_all(dir)?;
    let sizes = sizes();
    let ends = json!({"bos_token_id": 1, "eos_token_id": [2, 0], "pad_token_id": 0});
    let names = json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": sizes.max_positions,
        "bos_token": CONTROL[1], "eos_token": CONTROL[2], "pad_token": CONTROL[0],
        "clean_up_tokenization_spaces": false,
    });
    let written: [(&str, &Value); 3] = [
        ("config.json", &config(&sizes)),
        ("generation_config.json", &ends),
        ("tokenizer_config.json", &names),
    ];
    for (name, value) in written {
        std::fs::write(dir.join(name), format!("{value:#}\n"))?;
    }
    std::fs::write(dir.join("chat_template.jinja"), TEMPLATE)?;
    std::fs::write(dir.join("tokenizer.json"), tokenizer(rows)?)?;
    let tensors = decoder_tensors(&sizes);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights = tensors
        .iter()
        .map(|(name, shape)| random(&mut rng, name, shape, &sizes));
    write_tensors(
        &dir.join("model.safetensors"),
        FloatType::F32,
        &tensors,
        weights,
    )?;
    Ok(())
}

fn config(sizes: &DecoderConfig) -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": sizes.vocab_size,
        "hidden_size": sizes.hidden_size,
        "intermediate_size": sizes.intermediate_size,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "head_dim": sizes.head_dim,
        "max_position_embeddings": sizes.max_positions,
        "rms_norm_eps": f64::from(sizes.rms_norm_eps),
        "rope_theta": sizes.rope_theta,
        "hidden_act": "silu",
        "attention_bias": false,
        "mlp_bias": false,
        "tie_word_embeddings": sizes.tie_word_embeddings,
        "bos_token_id": sizes.bos_id,
        "eos_token_id": sizes.eos_ids[0],
        "pad_token_id": sizes.pad_id,
    })
}

/// Pairs of bytes, merged by frequency; each digit is a token of its own, so that sums can be learnt.
fn tokenizer(rows: &[Vec<ChatMessage>]) -> Outcome<String> {
    let bytes = ByteLevel::new(false, true, true);
    let before = Sequence::new(vec![Digits::new(true).into(), bytes.into()]);
    let built =
        TokenizerBuilder::<BPE, NormalizerWrapper, Sequence, PostProcessorWrapper, ByteLevel>::new(
        )
        .with_model(BPE::default())
        .with_pre_tokenizer(Some(before))
        .with_decoder(Some(bytes))
        .build();
    let mut tokenizer = built.map_err(|e| e.to_string())?;
    let control = CONTROL.map(|name| AddedToken::from(name, true));
    let mut trainer = BpeTrainerBuilder::new()
        .vocab_size(VOCABULARY)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(control.to_vec())
        .show_progress(false)
        .build();
    let texts = rows
        .iter()
        .flatten()
        .flat_map(|turn| [turn.role.as_str(), turn.content.as_str()]);
    let trained = tokenizer.train(&mut trainer, texts);
    let trained = trained.map_err(|e| e.to_string())?;
    Ok(trained.to_string(false).map_err(|e| e.to_string())?)
}

/// Ones for norms, else normal numbers: rows of the embedding of length about one, layers that keep the
/// size of what passes through, and those that add to the residual the smaller the more of them do
/// (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019). With the customary
/// 0.02 a model this narrow has attention that hardly sees, and learns to copy many times later.
fn random(rng: &mut ChaCha8Rng, name: &str, shape: &[usize], sizes: &DecoderConfig) -> Vec<f32> {
    let count = shape.iter().product();
    if name.contains("norm") {
        return vec![1.0; count];
    }
    let keeps = 1.0 / (shape[1] as f32).sqrt();
    let adds = name.contains("o_proj") || name.contains("down_proj");
    let spread = match adds {
        true => keeps / (2.0 * sizes.layers as f32).sqrt(),
        false => keeps,
    };
    (0..count).map(|_| normal(rng) * spread).collect()
}

/// Box and Muller (1958).
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let (a, b): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    ((-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()) as f32
}
