//! What a run leaves behind: an adapter's directory or a whole model's.

use std::path::{Path, PathBuf};

use hanok_models::LanguageModel;

use super::config::{Method, SftConfig};
use crate::TrainError;

/// Where results go, and of what kind they are.
pub(super) struct Saver<'a> {
    pub base: &'a Path,
    pub out: &'a Path,
    pub config: &'a SftConfig,
}

impl Saver<'_> {
    /// Writes the result.
    pub fn result(&self, model: &LanguageModel) -> Result<(), TrainError> {
        self.write(model, self.out)
    }

    /// Writes a checkpoint beside the result; it is removed when the guard is dropped.
    pub fn checkpoint(&self, model: &LanguageModel, step: usize) -> Result<Passing, TrainError> {
        let mut name = self.out.file_name().unwrap_or_default().to_owned();
        name.push(format!("-step-{step}"));
        let passing = Passing(self.out.with_file_name(name));
        self.write(model, &passing.0)?;
        Ok(passing)
    }

    fn write(&self, model: &LanguageModel, dir: &Path) -> Result<(), TrainError> {
        let written = match self.config.method {
            Method::Lora => model.save_adapter(dir, &self.config.lora),
            Method::Full => model.save(self.base, dir),
        };
        written.map_err(TrainError::model)
    }
}

/// A directory that is removed when this is dropped.
pub(super) struct Passing(pub PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // What is left is in the run's own scratch space.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
