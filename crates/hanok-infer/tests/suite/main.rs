//! Models that answer: on the tiny random models of the parity fixtures.

mod chat;
mod encoders;

use std::path::{Path, PathBuf};

/// A model of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../hanok-models/tests/fixtures")
        .join(name)
}
