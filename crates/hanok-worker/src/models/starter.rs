//! The models that ship inside the program.

use std::path::{Path, PathBuf};

use hanok_domain::fault::Fault;
use hanok_models::ModelError;
pub use hanok_models::STARTER_DECODER;
use hanok_protocol::model::ModelKind;

/// The name under which the starter encoder is a base model.
pub const STARTER_ENCODER: &str = "hanok-encoder";

/// Tokens that the starter decoder reads.
const CONTEXT: u64 = 512;

/// A model that ships, as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarterFacts {
    /// The name to call it by.
    pub name: String,
    /// What it does.
    pub kind: ModelKind,
    /// For example `llama`.
    pub architecture: String,
    /// Tokens that it reads at most, where it is bounded.
    pub context_length: Option<u64>,
}

/// The models that this build has.
pub fn starters() -> Vec<StarterFacts> {
    let decoder = StarterFacts {
        name: STARTER_DECODER.to_owned(),
        kind: ModelKind::Decoder,
        architecture: "llama".to_owned(),
        context_length: Some(CONTEXT),
    };
    let encoder = StarterFacts {
        name: STARTER_ENCODER.to_owned(),
        kind: ModelKind::Encoder,
        architecture: "hanok".to_owned(),
        context_length: None,
    };
    vec![encoder, decoder]
}

/// The directory of a starter model that the engine reads from one, made under `root` if need be.
///
/// # Errors
/// A name that this build does not ship; a disk that is full.
pub(super) fn starter_directory(root: &Path, name: &str) -> Result<PathBuf, Fault> {
    if name != STARTER_DECODER {
        let fault = Fault::invalid(
            "unknown_base_model",
            format!("This build does not ship a model '{name}'."),
        );
        return Err(fault
            .field("base_model")
            .remedy("Import a model's directory and name that."));
    }
    let dir = root.join(name);
    hanok_models::starter_decoder(&dir).map_err(|error| match &error {
        ModelError::Io { source, .. } => super::directories::failed(&dir, source),
        _ => super::unusable(&error),
    })?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_decoder_is_so() {
        let root = tempfile::tempdir().expect("a directory");
        let dir = starter_directory(root.path(), STARTER_DECODER).expect("it ships");
        let facts = hanok_models::hf::check(&dir).expect("it is whole");
        let said = starters().pop().expect("two starters");
        let class = facts.architecture.to_lowercase();
        assert!(class.starts_with(&said.architecture), "{class}");
        assert_eq!(said.context_length, Some(facts.context_length as u64));
        assert!(starter_directory(root.path(), "hanok-other").is_err());
    }
}
