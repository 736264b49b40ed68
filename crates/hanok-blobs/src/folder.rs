//! Objects as files: `objects/<project>/<aa>/<address>`, durable before they have their names.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::ObjectError;
use crate::address::{Name, check_project, parse_file};
use crate::backend::{Entry, Found};
use crate::disk::Disk;

#[derive(Clone)]
pub(crate) struct Folder {
    objects: PathBuf,
    disk: Arc<Disk>,
}

impl Folder {
    pub(crate) fn new(root: &Path, disk: &Arc<Disk>) -> Self {
        Self {
            objects: root.join("objects"),
            disk: Arc::clone(disk),
        }
    }

    pub(crate) fn path_of(&self, name: &Name) -> PathBuf {
        self.folder_of(name).join(name.file())
    }

    fn folder_of(&self, name: &Name) -> PathBuf {
        self.objects.join(&name.project).join(name.shard())
    }

    pub(crate) fn look(&self, name: &Name) -> Result<Option<Found>, ObjectError> {
        let path = self.path_of(name);
        match fs::metadata(&path) {
            Ok(found) => Ok(Some(found_of(&found))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ObjectError::io("look at", &path, error)),
        }
    }

    pub(crate) fn open(&self, name: &Name) -> Result<Option<(File, u64)>, ObjectError> {
        let path = self.path_of(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ObjectError::io("open", &path, error)),
        };
        let length = file
            .metadata()
            .map_err(|error| ObjectError::io("ask for the size of", &path, error))?
            .len();
        Ok(Some((file, length)))
    }

    /// Data, fsync, rename, fsync of every folder that changed: in this order.
    pub(crate) fn publish(&self, file: &File, path: &Path, name: &Name) -> Result<(), ObjectError> {
        self.disk.sync_file(file, path)?;
        let project = self.objects.join(&name.project);
        let folder = self.folder_of(name);
        self.disk.ensure_folder(&project, &self.objects)?;
        self.disk.ensure_folder(&folder, &project)?;
        // Over an existing object of the same content as well: it may have rotted on disk.
        self.disk.publish(path, &folder, &folder.join(name.file()))
    }

    pub(crate) fn remove_idle(&self, name: &Name, idle: Duration) -> Result<bool, ObjectError> {
        let folder = self.folder_of(name);
        self.disk
            .remove_if(&folder, &self.path_of(name), |found| idle_of(found) >= idle)
    }

    pub(crate) fn entries(&self, project: &str) -> Result<Vec<Entry>, ObjectError> {
        let mut found = Vec::new();
        for folder in paths_in(&self.objects.join(project))? {
            for path in paths_in(&folder)? {
                let file = path.file_name().and_then(|name| name.to_str());
                if let (Some((hash, form)), Ok(metadata)) =
                    (file.and_then(parse_file), fs::metadata(&path))
                {
                    found.push(Entry {
                        hash: hash.to_string(),
                        form,
                        found: found_of(&metadata),
                    });
                }
            }
        }
        Ok(found)
    }

    pub(crate) fn projects(&self) -> Result<Vec<String>, ObjectError> {
        let folders = paths_in(&self.objects)?.into_iter();
        let names = folders.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
        Ok(names.filter(|name| check_project(name).is_ok()).collect())
    }
}

fn found_of(metadata: &Metadata) -> Found {
    Found {
        length: metadata.len(),
        idle: idle_of(metadata),
    }
}

/// What is from the future (the clock went back) counts as fresh.
pub(crate) fn idle_of(found: &Metadata) -> Duration {
    let modified = found.modified().unwrap_or_else(|_| SystemTime::now());
    modified.elapsed().unwrap_or_default()
}

/// Paths in a folder; none if it does not exist.
pub(crate) fn paths_in(folder: &Path) -> Result<Vec<PathBuf>, ObjectError> {
    let failed = |error| ObjectError::io("list folder", folder, error);
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = Vec::new();
    for entry in listing {
        paths.push(entry.map_err(failed)?.path());
    }
    Ok(paths)
}
