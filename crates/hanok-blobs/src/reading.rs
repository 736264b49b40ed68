//! Stored bytes turned into content and checked: who has seen the end without an error has seen
//! what was stored.

use bytes::Bytes;

use crate::address::Addresser;
use crate::backend::Source;
use crate::seal::{Opener, ProjectSeal};
use crate::{ObjectError, ProjectKey};

/// What is done with an object's bytes on their way out.
pub(crate) struct Reading {
    project_id: String,
    hash: String,
    opener: Option<Opener>,
    addresser: Addresser,
}

impl Reading {
    pub(crate) fn plain(project: &ProjectKey, hash: &str) -> Self {
        Self {
            project_id: project.id.clone(),
            hash: hash.to_string(),
            opener: None,
            addresser: Addresser::new(project),
        }
    }

    pub(crate) fn sealed(project: &ProjectKey, hash: &str, keys: Vec<ProjectSeal>) -> Self {
        Self {
            opener: Some(Opener::new(keys, hash)),
            ..Self::plain(project, hash)
        }
    }

    fn take(&mut self, stored: Bytes) -> Result<Bytes, ObjectError> {
        let content = match &mut self.opener {
            None => stored,
            Some(opener) => opener.update(&stored)?.into(),
        };
        self.addresser.update(&content);
        Ok(content)
    }

    /// The last of the content, once all of it is known to be what the address says.
    fn end(mut self) -> Result<Bytes, ObjectError> {
        let content = match &mut self.opener {
            None => Bytes::new(),
            Some(opener) => opener.finish()?.into(),
        };
        self.addresser.update(&content);
        if self.addresser.finish() == self.hash {
            return Ok(content);
        }
        Err(ObjectError::Corrupt { hash: self.hash })
    }
}

/// An object's content, part by part; the last part comes only if the whole is right.
pub(crate) struct Checked {
    source: Source,
    reading: Option<Reading>,
    size: u64,
}

impl Checked {
    pub(crate) fn new(source: Source, reading: Reading, size: u64) -> Self {
        Self {
            source,
            reading: Some(reading),
            size,
        }
    }

    /// Bytes of content that there should be.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The next part, never empty; none at the end. After an error there is nothing more.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, ObjectError> {
        while let Some(mut reading) = self.reading.take() {
            let (hash, project) = (reading.hash.clone(), reading.project_id.clone());
            let content = match self.source.next()? {
                Some(stored) => {
                    let content = reading.take(stored);
                    self.reading = content.is_ok().then_some(reading);
                    content
                }
                None => reading.end(),
            };
            let content = content.inspect_err(|error| {
                tracing::error!(hash, project, %error, "an object cannot be read");
            })?;
            if !content.is_empty() {
                return Ok(Some(content));
            }
        }
        Ok(None)
    }
}
