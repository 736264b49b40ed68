//! A model's directory as untrusted input: plain files inside it and nothing else is opened.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::ModelError;

/// What a complete directory holds, for messages.
const NEEDED: &str = "a model's directory holds config.json, tokenizer.json and model.safetensors \
    (or model.safetensors.index.json with the files that it names)";
const LINK: &str = "is a link to a file outside the model's directory; copy the directory with its \
    links resolved";

/// The directory, by its real path.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn open(dir: &Path) -> Result<Self, ModelError> {
        let io = |e| ModelError::io(&dir.display().to_string(), e);
        let root = dir.canonicalize().map_err(io)?;
        if !root.is_dir() {
            return Err(io(std::io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root })
    }

    /// Whether there is something of this name, were it a broken link.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.root.join(name).symlink_metadata().is_ok()
    }

    /// The name of the first entry for which this holds, by the alphabet.
    pub(crate) fn find(&self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let entries = std::fs::read_dir(&self.root).ok()?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| matches(name)).min()
    }

    /// Opens a regular file by its name relative to the directory.
    pub(crate) fn file(&self, name: &str) -> Result<File, ModelError> {
        let path = self.regular(name)?;
        File::open(path).map_err(|e| ModelError::io(name, e))
    }

    /// The whole content of a file of at most `cap` bytes.
    pub(crate) fn read(&self, name: &str, cap: u64) -> Result<Vec<u8>, ModelError> {
        let mut bytes = Vec::new();
        let file = self.file(name)?;
        let read = file.take(cap + 1).read_to_end(&mut bytes);
        read.map_err(|e| ModelError::io(name, e))?;
        if bytes.len() as u64 > cap {
            let reason = format!("is larger than {cap} bytes");
            return Err(ModelError::invalid(name, reason));
        }
        Ok(bytes)
    }

    /// As [`Folder::read`], `None` where there is no such file.
    pub(crate) fn read_if_there(
        &self,
        name: &str,
        cap: u64,
    ) -> Result<Option<Vec<u8>>, ModelError> {
        if self.has(name) {
            self.read(name, cap).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The real path of a regular file. What is no regular file is never opened, since opening a
    /// named pipe waits and opening a device can do anything.
    fn regular(&self, name: &str) -> Result<PathBuf, ModelError> {
        let parts = Path::new(name).components();
        let inside = parts.into_iter().all(|c| matches!(c, Component::Normal(_)));
        if name.is_empty() || name.contains(['\\', '\0']) || !inside {
            return Err(ModelError::invalid(
                name,
                "is not a plain file name inside the model's directory",
            ));
        }
        if !self.has(name) {
            return Err(ModelError::Missing {
                file: name.to_owned(),
                needed: NEEDED.to_owned(),
            });
        }
        let path = self.root.join(name).canonicalize();
        let path = path.map_err(|e| ModelError::io(name, e))?;
        if !path.starts_with(&self.root) {
            return Err(ModelError::invalid(name, LINK));
        }
        let meta = path.metadata().map_err(|e| ModelError::io(name, e))?;
        if !meta.is_file() {
            return Err(ModelError::invalid(name, "is not a regular file"));
        }
        Ok(path)
    }
}
