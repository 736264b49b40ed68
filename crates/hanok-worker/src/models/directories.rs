//! A model's objects as a directory: copied once, checked by their addresses, under a name that follows
//! from the content. Several workers may do so at once; a directory appears whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::id;
use hanok_protocol::model::ModelFile;
use sha2::{Digest, Sha256};

/// Directories that stay whatever their age.
const KEPT: usize = 8;
/// Those beyond are removed when nobody has asked for them for so long.
const UNUSED: Duration = Duration::from_secs(3600);

/// Directories of models under one folder.
#[derive(Clone)]
pub struct Directories {
    objects: Objects,
    root: PathBuf,
    starters: PathBuf,
}

impl Directories {
    /// In `models` beside the objects.
    pub fn new(objects: &Objects, data: &Path) -> Self {
        Self {
            objects: objects.clone(),
            root: data.join("models").join("loaded"),
            starters: data.join("models").join("starters"),
        }
    }

    /// The directory of a model that ships, made if it is not there; blocks.
    pub fn starter(&self, name: &str) -> Result<PathBuf, Fault> {
        super::starter::starter_directory(&self.starters, name)
    }

    /// The directory of these files, made if it is not there; blocks.
    pub fn get(&self, project: &ProjectKey, files: &[ModelFile]) -> Result<PathBuf, Fault> {
        let dir = self.root.join(name_of(project, files));
        if dir.is_dir() {
            // Its time says when it was last wanted.
            let _ = fs::File::open(&dir).and_then(|d| d.set_modified(SystemTime::now()));
            return Ok(dir);
        }
        self.sweep();
        let draft = self.root.join(id::new("part"));
        let made = self.fill(&draft, project, files);
        let named = made.and_then(|()| match fs::rename(&draft, &dir) {
            Ok(()) => Ok(()),
            // Another worker was faster; what it made is the same.
            Err(_) if dir.is_dir() => Err(None),
            Err(error) => Err(Some(failed(&dir, &error))),
        });
        match named {
            Ok(()) => Ok(dir),
            Err(fault) => {
                let _ = fs::remove_dir_all(&draft);
                fault.map_or(Ok(dir), Err)
            }
        }
    }

    /// Forgets the directory of these files: the next who asks makes it anew, from objects that are checked.
    /// Readers that have a file open keep it.
    pub fn discard(&self, project: &ProjectKey, files: &[ModelFile]) {
        let away = self.root.join(id::new("part"));
        if fs::rename(self.root.join(name_of(project, files)), &away).is_ok() {
            let _ = fs::remove_dir_all(&away);
        }
    }

    fn fill(
        &self,
        draft: &Path,
        project: &ProjectKey,
        files: &[ModelFile],
    ) -> Result<(), Option<Fault>> {
        make(draft).map_err(|error| Some(failed(draft, &error)))?;
        for file in files {
            if !ModelFile::is_valid_path(&file.path) {
                let text = format!("'{}' is no path inside a model's directory.", file.path);
                return Err(Some(Fault::invalid("invalid_path", text)));
            }
            let path = draft.join(&file.path);
            if let Some(folder) = path.parent() {
                make(folder).map_err(|error| Some(failed(folder, &error)))?;
            }
            self.objects
                .copy_blocking(project, &file.object.hash, &path)
                .map_err(|error| Some(super::unreadable(error)))?;
        }
        Ok(())
    }

    /// Removes what has not been wanted for long, oldest first. Readers that have a file open keep it.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return;
        };
        let mut found: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        found.sort();
        let surplus = found.len().saturating_sub(KEPT);
        for (modified, path) in found.into_iter().take(surplus) {
            let unused = modified.elapsed().unwrap_or_default();
            if unused < UNUSED {
                break;
            }
            if let Err(error) = fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), %error, "a cached model stays");
            }
        }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

fn name_of(project: &ProjectKey, files: &[ModelFile]) -> String {
    let mut digest = Sha256::new();
    digest.update(project.id.as_bytes());
    for file in files {
        digest.update(format!("\0{}\0{}", file.path, file.object.hash));
    }
    let digest = digest.finalize();
    digest[..16].iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn failed(path: &Path, error: &io::Error) -> Fault {
    let full = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    let text = format!("cannot write {}: {error}", path.display());
    match full {
        true => Fault::new(FaultKind::StorageFull, "storage_full", text),
        false => Fault::internal(text),
    }
}

#[cfg(test)]
mod tests {
    use hanok_protocol::job::ObjectName;

    use super::*;

    fn project() -> ProjectKey {
        ProjectKey {
            id: "proj_a".to_owned(),
            key: [7; 32],
        }
    }

    fn file(objects: &Objects, path: &str, content: &str) -> ModelFile {
        let stored = objects
            .put_blocking(&project(), content.as_bytes())
            .unwrap();
        ModelFile {
            path: path.to_owned(),
            object: ObjectName {
                hash: stored.hash,
                size: stored.size,
            },
        }
    }

    #[test]
    fn objects_become_a_directory_once() {
        let data = tempfile::tempdir().unwrap();
        let objects = Objects::open(data.path()).unwrap();
        let directories = Directories::new(&objects, data.path());
        let files = [
            file(&objects, "config.json", "{}"),
            file(&objects, "1_Pooling/config.json", "[]"),
        ];
        let dir = directories.get(&project(), &files).unwrap();
        let read = |path: &str| fs::read_to_string(dir.join(path)).unwrap();
        assert_eq!(
            (read("config.json"), read("1_Pooling/config.json")),
            ("{}".into(), "[]".into())
        );
        assert_eq!(directories.get(&project(), &files).unwrap(), dir);
        assert_ne!(directories.get(&project(), &files[..1]).unwrap(), dir);
        let left = fs::read_dir(data.path().join("models/loaded"))
            .unwrap()
            .count();
        assert_eq!(left, 2);
    }

    #[test]
    fn a_path_that_leaves_and_rotten_bytes_make_nothing() {
        let data = tempfile::tempdir().unwrap();
        let objects = Objects::open(data.path()).unwrap();
        let directories = Directories::new(&objects, data.path());
        let good = file(&objects, "config.json", "{}");
        let outside = ModelFile {
            path: "../config.json".to_owned(),
            ..good.clone()
        };
        let refused = directories.get(&project(), &[outside]).unwrap_err();
        assert_eq!(refused.code, "invalid_path");
        let place = objects.get_path("proj_a", &good.object.hash).unwrap();
        fs::write(place, "rotten").unwrap();
        assert!(directories.get(&project(), &[good]).is_err());
        let left = fs::read_dir(data.path().join("models/loaded"))
            .unwrap()
            .count();
        assert_eq!(left, 0);
    }
}
