//! Names and shapes of the tensors of each family: the one list for loader, checker and saver.
//!
//! Weights of linear layers are `[outputs, inputs]`.

use super::bert_config::BertConfig;
use super::decoder_config::DecoderConfig;

/// Every tensor of a text generator, embedding first; `lm_head.weight` only if it is not tied.
pub fn decoder_tensors(config: &DecoderConfig) -> Vec<(String, Vec<usize>)> {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let query = config.heads * config.head_dim;
    let key = config.kv_heads * config.head_dim;
    let table = vec![config.vocab_size, hidden];
    let mut all = vec![("model.embed_tokens.weight".to_owned(), table.clone())];
    let linears = [
        ("self_attn.q_proj", query, hidden, config.qkv_bias),
        ("self_attn.k_proj", key, hidden, config.qkv_bias),
        ("self_attn.v_proj", key, hidden, config.qkv_bias),
        ("self_attn.o_proj", hidden, query, config.o_bias),
        ("mlp.gate_proj", inner, hidden, config.mlp_bias),
        ("mlp.up_proj", inner, hidden, config.mlp_bias),
        ("mlp.down_proj", hidden, inner, config.mlp_bias),
    ];
    for layer in 0..config.layers {
        let at = format!("model.layers.{layer}");
        all.push((format!("{at}.input_layernorm.weight"), vec![hidden]));
        all.push((
            format!("{at}.post_attention_layernorm.weight"),
            vec![hidden],
        ));
        for (name, outputs, inputs, bias) in linears {
            linear(&mut all, &format!("{at}.{name}"), outputs, inputs, bias);
        }
    }
    all.push(("model.norm.weight".to_owned(), vec![hidden]));
    if !config.tie_word_embeddings {
        all.push(("lm_head.weight".to_owned(), table));
    }
    all
}

/// Every tensor of a BERT encoder, without the `bert.` in front; pooler and classifier where the
/// config has them.
pub fn bert_tensors(config: &BertConfig) -> Vec<(String, Vec<usize>)> {
    let (hidden, inner) = (config.hidden_size, config.intermediate_size);
    let mut all = Vec::new();
    let tables = [
        ("word_embeddings", config.vocab_size),
        ("position_embeddings", config.max_positions),
        ("token_type_embeddings", config.type_vocab_size),
    ];
    for (name, rows) in tables {
        all.push((format!("embeddings.{name}.weight"), vec![rows, hidden]));
    }
    norm(&mut all, "embeddings.LayerNorm", hidden);
    for layer in 0..config.layers {
        let at = format!("encoder.layer.{layer}");
        let mut add = |name: &str, outputs: usize, inputs: usize| {
            linear(&mut all, &format!("{at}.{name}"), outputs, inputs, true);
        };
        for name in ["self.query", "self.key", "self.value", "output.dense"] {
            add(&format!("attention.{name}"), hidden, hidden);
        }
        add("intermediate.dense", inner, hidden);
        add("output.dense", hidden, inner);
        norm(
            &mut all,
            &format!("{at}.attention.output.LayerNorm"),
            hidden,
        );
        norm(&mut all, &format!("{at}.output.LayerNorm"), hidden);
    }
    if config.pooler {
        linear(&mut all, "pooler.dense", hidden, hidden, true);
    }
    if !config.labels.is_empty() {
        linear(&mut all, "classifier", config.labels.len(), hidden, true);
    }
    all
}

/// The name under which a tensor of [`bert_tensors`] is written: a classifier's encoder is under `bert.`.
pub fn bert_stored_name(config: &BertConfig, name: &str) -> String {
    if config.labels.is_empty() || name.starts_with("classifier.") {
        name.to_owned()
    } else {
        format!("bert.{name}")
    }
}

fn linear(
    all: &mut Vec<(String, Vec<usize>)>,
    name: &str,
    outputs: usize,
    inputs: usize,
    bias: bool,
) {
    all.push((format!("{name}.weight"), vec![outputs, inputs]));
    if bias {
        all.push((format!("{name}.bias"), vec![outputs]));
    }
}

fn norm(all: &mut Vec<(String, Vec<usize>)>, name: &str, size: usize) {
    all.push((format!("{name}.weight"), vec![size]));
    all.push((format!("{name}.bias"), vec![size]));
}
