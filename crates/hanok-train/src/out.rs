//! Where the result of a training goes, and how much of it is in memory at once on the way.

use std::path::Path;

use crate::Checkpoints;

/// Tokens that are read at once unless something else is said.
pub const MOST_TOKENS: usize = 4096;

/// Where the result of a training goes.
#[derive(Debug, Clone, Copy)]
pub struct Out<'a> {
    /// The model's directory.
    pub model: &'a Path,
    /// With them, the training goes on where an earlier attempt was.
    pub checkpoints: Option<&'a Checkpoints>,
    /// Tokens that are read at once, at most; a batch with more is taken in parts, to the same gradient.
    /// Fewer need less memory.
    pub most_tokens: usize,
}

impl<'a, P: AsRef<Path> + ?Sized> From<&'a P> for Out<'a> {
    fn from(model: &'a P) -> Self {
        Self {
            model: model.as_ref(),
            checkpoints: None,
            most_tokens: MOST_TOKENS,
        }
    }
}
