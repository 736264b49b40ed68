//! The models that ship inside the program.

use std::path::PathBuf;

use hanok_domain::fault::Fault;
use hanok_protocol::model::ModelKind;

/// The name under which the starter encoder is a base model.
pub const STARTER_ENCODER: &str = "hanok-encoder";

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
    vec![StarterFacts {
        name: STARTER_ENCODER.to_owned(),
        kind: ModelKind::Encoder,
        architecture: "hanok".to_owned(),
        context_length: None,
    }]
}

/// The directory of a starter model that the engine reads from one.
///
/// # Errors
/// A name that this build does not ship.
pub fn starter_directory(name: &str) -> Result<PathBuf, Fault> {
    let fault = Fault::invalid(
        "unknown_base_model",
        format!("This build does not ship a model '{name}'."),
    );
    Err(fault
        .field("base_model")
        .remedy("Import a model's directory and name that."))
}
