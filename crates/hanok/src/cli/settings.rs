//! Settings as a command sees them: its flags, the environment, `hanok.toml` in the working
//! directory, the defaults. What the names mean stands in `hanok-config`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hanok_config::{Resolved, Settings, resolve};

use super::{Access, CliError};

/// What the command line said, by name of the setting.
#[derive(Debug, Clone, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// Adds a flag if it was given.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.0.insert(name, value.to_string());
        }
        self
    }

    /// Adds a directory, made absolute so that child processes read it alike.
    #[must_use]
    pub fn with_dir(self, name: &'static str, value: Option<&Path>) -> Self {
        let absolute = value.map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()));
        self.with(name, absolute.map(|dir| dir.display().to_string()))
    }

    /// The flags that choose a server.
    pub fn of_access(access: &Access) -> Self {
        Self::default()
            .with_dir("HANOK_DATA", access.data.as_deref())
            .with("HANOK_URL", access.url.as_ref())
            .with("HANOK_KEY", access.key.as_ref())
            .with("HANOK_PROJECT", access.project.as_ref())
    }
}

/// Reads the settings of this process.
pub fn load(flags: &Flags) -> Result<Settings, CliError> {
    let resolved = resolve_all(flags)?;
    let home = std::env::var("HOME").ok();
    let mut settings = Settings::from_resolved(&resolved, home.as_deref())
        .map_err(|error| CliError::usage(error.to_string()))?;
    if let Ok(absolute) = std::path::absolute(&settings.data) {
        settings.data = absolute;
    }
    Ok(settings)
}

/// Reads the settings as text only: what does not parse can still be shown.
pub fn resolve_all(flags: &Flags) -> Result<Vec<Resolved>, CliError> {
    let file = Some(PathBuf::from("hanok.toml")).filter(|path| path.is_file());
    let environment = |name: &str| std::env::var(name).ok();
    resolve(&flags.0, &environment, file.as_deref())
        .map_err(|error| CliError::usage(error.to_string()))
}
