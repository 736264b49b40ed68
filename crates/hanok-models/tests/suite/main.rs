//! What the crate promises, on the encoder that ships and on broken files.

mod broken_files;
mod features;
mod golden;
mod golden_decoder;
mod heads;
mod parity;
