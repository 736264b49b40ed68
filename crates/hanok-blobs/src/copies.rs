//! Local copies of objects that do not lie in files of their own: made once, checked when made,
//! kept while there is room. Copies are plain content, also of sealed objects: they stand in the
//! data directory under `cache/objects`, for their owner alone, and no backup takes them.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::address::check_project;
use crate::folder::{idle_of, paths_in};
use crate::objects::private_folder;
use crate::staged::temporary_name;
use crate::{ObjectError, Objects, ProjectKey};

/// The file whose lock keeps one process from removing what another is handing out.
const LOCK: &str = "lock";

pub(crate) struct Copies {
    folder: PathBuf,
    budget: u64,
    grace: Duration,
}

struct Copy {
    path: PathBuf,
    size: u64,
    idle: Duration,
}

impl Copies {
    pub(crate) fn new(root: &Path, budget: u64, grace: Duration) -> Self {
        Self {
            folder: root.join("cache").join("objects"),
            budget,
            grace,
        }
    }

    pub(crate) fn get(
        &self,
        objects: &Objects,
        project: &ProjectKey,
        hash: &str,
    ) -> Result<PathBuf, ObjectError> {
        let folder = self.folder.join(&project.id);
        let path = folder.join(hash);
        private_folder(&self.folder, true)?;
        if self.touch(&path)? {
            return Ok(path);
        }
        private_folder(&folder, true)?;
        let content = objects.read(project, hash)?;
        let temps = objects.temps();
        objects.disk().admit(&temps, content.size())?;
        let temp = temps.join(temporary_name()?);
        crate::copy::write_new(content, &temp)?;
        if let Err(error) = place(&temp, &path) {
            let _ = fs::remove_file(&temp);
            return Err(ObjectError::io("place copy", &path, error));
        }
        self.trim(&path)?;
        Ok(path)
    }

    /// Removes the copy of an object that is gone.
    pub(crate) fn remove(&self, project_id: &str, hash: &str) {
        // Without a copy there is nothing to do; one that stays is content that nobody names.
        let _ = fs::remove_file(self.folder.join(project_id).join(hash));
    }

    /// Notes that somebody asks for a copy; false if there is none.
    fn touch(&self, path: &Path) -> Result<bool, ObjectError> {
        let _lock = self.lock(File::lock_shared)?;
        let touched = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
        match touched {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(ObjectError::io("open copy", path, error)),
        }
    }

    /// Removes copies, those nobody has asked for the longest first, until the rest fits.
    fn trim(&self, keep: &Path) -> Result<(), ObjectError> {
        let _lock = self.lock(File::lock)?;
        let mut copies = self.all()?;
        let mut held: u64 = copies.iter().map(|copy| copy.size).sum();
        copies.sort_by_key(|copy| std::cmp::Reverse(copy.idle));
        for copy in copies {
            if held <= self.budget || copy.idle < self.grace {
                break;
            }
            if copy.path != keep && fs::remove_file(&copy.path).is_ok() {
                held -= copy.size;
            }
        }
        Ok(())
    }

    fn all(&self) -> Result<Vec<Copy>, ObjectError> {
        let mut copies = Vec::new();
        for folder in paths_in(&self.folder)? {
            if !folder.is_dir() {
                continue;
            }
            for path in paths_in(&folder)? {
                if let Ok(found) = fs::symlink_metadata(&path) {
                    copies.push(Copy {
                        size: found.len(),
                        idle: idle_of(&found),
                        path,
                    });
                }
            }
        }
        Ok(copies)
    }

    fn lock(&self, take: fn(&File) -> std::io::Result<()>) -> Result<File, ObjectError> {
        let path = self.folder.join(LOCK);
        let opened = File::options().create(true).append(true).open(&path);
        opened
            .and_then(|file| take(&file).map(|()| file))
            .map_err(|error| ObjectError::io("lock", &path, error))
    }
}

/// Flushed first: a copy that has its name is whole, also after a crash.
fn place(temp: &Path, path: &Path) -> std::io::Result<()> {
    fs::set_permissions(temp, Permissions::from_mode(0o600))?;
    File::open(temp)?.sync_all()?;
    fs::rename(temp, path)
}

impl Objects {
    /// Removes the local copies of a project's objects, as its erasure must; blocks.
    pub fn forget_copies(&self, project_id: &str) -> Result<(), ObjectError> {
        check_project(project_id)?;
        let folder = self.copies().folder.join(project_id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ObjectError::io("remove", &folder, error))
            }
            _ => Ok(()),
        }
    }
}
