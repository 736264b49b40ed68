//! Models on this machine's disk: those that ship, and copies of a project's objects as directories that
//! the engine reads. It loads none into memory.

mod directories;
mod starter;

pub use directories::Directories;
pub use starter::{STARTER_ENCODER, StarterFacts, starters};

use hanok_domain::fault::Fault;
use hanok_models::ModelError;

/// A fault for files that cannot be used; it names the file and the reason.
pub fn unusable(error: &ModelError) -> Fault {
    let fault = Fault::invalid(error.code(), format!("The model cannot be used: {error}."));
    match error {
        ModelError::UnsafeFormat { .. } => {
            fault.remedy("Save the weights as safetensors and import those.")
        }
        _ => fault,
    }
}
