//! Directories in the layout of Hugging Face: reading them as untrusted input, and writing them.
//!
//! Owns names and shapes of tensors per family, and what is refused. Knows nothing of arithmetic.

mod adapter;
mod bert_config;
mod decoder_config;
mod dir;
mod facts;
mod family;
mod fields;
mod floats;
mod folder;
mod header;
mod rope;
mod save;
mod sentence;
mod tensors;
mod weights;

pub use adapter::{Adapter, AdapterTask};
pub use bert_config::{BertAct, BertConfig, Pooling};
pub use decoder_config::{DecoderArch, DecoderConfig};
pub use dir::ModelDir;
pub use facts::{ModelFacts, ModelKind, check};
pub use family::ModelConfig;
pub(crate) use fields::Fields;
pub use floats::FloatType;
pub(crate) use folder::Folder;
pub use hanok_nn::RopeScaling;
pub(crate) use save::write_file;
pub use save::{
    bert_stored_tensors, copy_companions, create, make_classifier_config, set_float_type,
    write_tensors,
};
pub use tensors::{bert_stored_name, bert_tensors, decoder_tensors};
pub use weights::{WeightNames, Weights};

use crate::ModelError;

const CONFIG: &str = "config.json";
/// Longest context that is believed, in tokens.
const MAX_POSITIONS: usize = 16 << 20;

fn refuse_quantised(config: &Fields) -> Result<(), ModelError> {
    let Some(quantised) = config.object("quantization_config")? else {
        return Ok(());
    };
    let method = quantised.text("quant_method")?.unwrap_or("unknown");
    Err(config.unsupported(
        format!("quantization_config {method}"),
        "weights in F32, F16 or BF16 are",
    ))
}
