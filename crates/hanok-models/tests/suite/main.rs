//! What the crate promises, on the encoder that ships and on broken files.

mod adapters;
mod bert_files;
mod broken_files;
mod features;
mod golden;
mod golden_decoder;
mod heads;
mod model_configs;
mod model_files;
mod parity;
mod parity_bert;
mod parity_decoder;
mod reference;
mod starter_decoder;
mod template_attacks;
mod templates;
mod tiny;
mod tokenizers;
