//! Getting content out of the store: whole, as a stream, as a file.

use std::path::PathBuf;

use bytes::Bytes;

use crate::address::{Form, Name};
use crate::backend::{Backend, Found};
use crate::objects::blocking;
use crate::reading::{Checked, Reading};
use crate::{ObjectError, ObjectReader, Objects, ProjectKey, seal};

impl Objects {
    /// Reads an object and checks it; blocks.
    pub fn get_blocking(&self, project: &ProjectKey, hash: &str) -> Result<Bytes, ObjectError> {
        let mut content = self.read(project, hash)?;
        let length = usize::try_from(content.size()).unwrap_or(0);
        let mut whole = Vec::with_capacity(length);
        while let Some(part) = content.next()? {
            whole.extend_from_slice(&part);
        }
        Ok(whole.into())
    }

    /// Reads an object and checks it.
    pub async fn get_bytes(&self, project: &ProjectKey, hash: &str) -> Result<Bytes, ObjectError> {
        let (objects, project, hash) = (self.clone(), project.clone(), hash.to_string());
        blocking(move || objects.get_blocking(&project, &hash)).await
    }

    /// Opens an object for streaming; the reader checks it at the end.
    pub async fn get(&self, project: &ProjectKey, hash: &str) -> Result<ObjectReader, ObjectError> {
        let (objects, project, hash) = (self.clone(), project.clone(), hash.to_string());
        let content = blocking(move || objects.read(&project, &hash)).await?;
        Ok(ObjectReader::new(content))
    }

    /// Path of an object that lies in a file as it is, to be read only; its content is not
    /// checked. Objects in a bucket and sealed ones do not lie so: see [`Objects::get_file`].
    pub fn get_path(&self, project_id: &str, hash: &str) -> Result<PathBuf, ObjectError> {
        let plain = Name::new(project_id, hash, Form::Plain)?;
        let Backend::Disk(folder) = self.backend() else {
            return Err(ObjectError::NoFile { hash: plain.hash });
        };
        if folder.look(&plain)?.is_some() {
            return Ok(folder.path_of(&plain));
        }
        match self.find(project_id, hash)? {
            Some(_) => Err(ObjectError::NoFile { hash: plain.hash }),
            None => Err(ObjectError::NotFound { hash: plain.hash }),
        }
    }

    /// A file with the object's content, to be read only: where the object itself is none, a
    /// local copy that was checked when it was made. Open it soon: copies go when they have not
    /// been asked for in a while and room is needed. Blocks.
    pub fn get_file(&self, project: &ProjectKey, hash: &str) -> Result<PathBuf, ObjectError> {
        match self.get_path(&project.id, hash) {
            Err(ObjectError::NoFile { .. }) => self.copies().get(self, project, hash),
            found => found,
        }
    }

    /// Whether the object is stored.
    pub fn exists(&self, project_id: &str, hash: &str) -> Result<bool, ObjectError> {
        Ok(self.find(project_id, hash)?.is_some())
    }

    /// Opens an object in the form in which it is stored.
    pub(crate) fn read(&self, project: &ProjectKey, hash: &str) -> Result<Checked, ObjectError> {
        for form in self.forms() {
            let name = Name::new(&project.id, hash, form)?;
            let Some((source, length)) = self.backend().open(&name)? else {
                continue;
            };
            let size = content_length(&name, length)?;
            let reading = match (form, self.opening_seals(project)) {
                (Form::Plain, _) => Reading::plain(project, hash),
                (Form::Sealed, Some(key)) => Reading::sealed(project, hash, key),
                (Form::Sealed, None) => return Err(ObjectError::Locked { hash: name.hash }),
            };
            return Ok(Checked::new(source, reading, size));
        }
        let hash = hash.to_string();
        Err(ObjectError::NotFound { hash })
    }

    /// The form in which an object is stored, and what is known without reading it.
    pub(crate) fn find(
        &self,
        project_id: &str,
        hash: &str,
    ) -> Result<Option<(Name, Found)>, ObjectError> {
        for form in self.forms() {
            let name = Name::new(project_id, hash, form)?;
            if let Some(found) = self.backend().look(&name)? {
                return Ok(Some((name, found)));
            }
        }
        Ok(None)
    }

    /// The likelier form first.
    pub(crate) fn forms(&self) -> [Form; 2] {
        if self.seals() {
            [Form::Sealed, Form::Plain]
        } else {
            [Form::Plain, Form::Sealed]
        }
    }
}

/// The content's length, from that of what is stored.
pub(crate) fn content_length(name: &Name, length: u64) -> Result<u64, ObjectError> {
    let size = match name.form {
        Form::Plain => Some(length),
        Form::Sealed => seal::plain_length(length),
    };
    size.ok_or_else(|| ObjectError::Corrupt {
        hash: name.hash.clone(),
    })
}
