//! Models on this machine's disk: those that ship, and copies of a project's objects as directories that
//! the engine reads. It loads none into memory.

mod directories;
mod starter;

pub use directories::Directories;
pub use starter::{STARTER_ENCODER, StarterFacts, starters};

use hanok_blobs::ObjectError;
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

/// A fault for an object of a model: one that is gone or rotten makes the model unusable, any other failure
/// says nothing of the model.
pub fn unreadable(error: ObjectError) -> Fault {
    if !matches!(
        error,
        ObjectError::Corrupt { .. } | ObjectError::NotFound { .. }
    ) {
        return error.into();
    }
    Fault::invalid(
        "invalid_model",
        format!("The model cannot be used: {error}."),
    )
    .remedy("Restore its files from a backup and run 'hanok fsck --repair', or import them again.")
}
