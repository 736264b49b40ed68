//! What a job's code receives: the objects of its project, a reporter, its grant of threads.

use std::fs::File;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_protocol::job::{CheckpointOrders, ObjectName};
use hanok_protocol::lease::Assignment;
use hanok_protocol::model::{ModelFile, ModelRef};
use hanok_train::Checkpoints;

use super::Stop;
use crate::host::directories_of;
use crate::models::Directories;
use crate::report::Reporter;
use crate::{WorkerConfig, WorkerError};

/// A job's surroundings. Its methods are called from the job's own thread and may block.
pub struct Context {
    objects: Objects,
    directories: Directories,
    project: ProjectKey,
    /// Folder for what is written before it becomes objects.
    pub scratch: PathBuf,
    /// Folder of the run's checkpoints, and the name of this attempt in it.
    run: (PathBuf, String),
    /// Compute threads granted, at least one.
    pub threads: usize,
    /// What the job tells.
    pub reporter: Reporter,
}

impl Context {
    /// For one assignment.
    pub fn new(
        config: &WorkerConfig,
        objects: &Objects,
        assignment: &Assignment,
        reporter: Reporter,
    ) -> Result<Self, WorkerError> {
        Ok(Self {
            objects: objects.clone(),
            directories: Directories::new(objects, &config.objects),
            scratch: config.objects.join("cache").join("runs"),
            run: (
                config.runs.join(&assignment.subject),
                format!("{}-e{}", assignment.job, assignment.epoch),
            ),
            project: project_key(&assignment.project)?,
            threads: config.threads.max(1),
            reporter,
        })
    }

    /// An object's bytes, verified against its address.
    pub fn get(&self, name: &ObjectName) -> Result<Bytes, Stop> {
        Ok(self.objects.get_blocking(&self.project, &name.hash)?)
    }

    /// A file with an object's content, for code that reads files.
    pub fn path(&self, name: &ObjectName) -> Result<PathBuf, Stop> {
        Ok(self.objects.get_file(&self.project, &name.hash)?)
    }

    /// The directory of a model's files.
    pub fn directory(&self, files: &[ModelFile]) -> Result<PathBuf, Stop> {
        Ok(self.directories.get(&self.project, files)?)
    }

    /// Stores bytes as an object.
    pub fn put(&self, bytes: &[u8]) -> Result<ObjectName, Stop> {
        let stored = self.objects.put_blocking(&self.project, bytes)?;
        Ok(ObjectName {
            hash: stored.hash,
            size: stored.size,
        })
    }

    /// The directory of a model to tune.
    pub fn base(&self, model: &ModelRef) -> Result<PathBuf, Stop> {
        let (dir, _) = directories_of(&self.directories, &self.project, model)?;
        Ok(dir)
    }

    /// The directory of a model and that of its adapter, if it has one.
    pub fn model(&self, model: &ModelRef) -> Result<(PathBuf, Option<PathBuf>), Stop> {
        Ok(directories_of(&self.directories, &self.project, model)?)
    }

    /// Stores every file of a directory; files are named by their paths inside it.
    pub fn put_directory(&self, dir: &Path) -> Result<Vec<ModelFile>, Stop> {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::new()];
        let broken =
            |e: std::io::Error| Fault::internal(format!("what was trained cannot be read: {e}"));
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(dir.join(&folder)).map_err(broken)? {
                let entry = entry.map_err(broken)?;
                let path = folder.join(entry.file_name());
                if entry.file_type().map_err(broken)?.is_dir() {
                    folders.push(path);
                    continue;
                }
                let mut content = File::open(entry.path()).map_err(broken)?;
                let stored =
                    self.objects
                        .put_reader_blocking(&self.project, &mut content, u64::MAX)?;
                files.push(ModelFile {
                    path: path.to_string_lossy().into_owned(),
                    object: ObjectName {
                        hash: stored.hash,
                        size: stored.size,
                    },
                });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Where the run's checkpoints are, by what its order says of them.
    pub fn checkpoints(&self, orders: &CheckpointOrders) -> Checkpoints {
        let (run, attempt) = &self.run;
        let mut checkpoints = Checkpoints::new(run.clone(), attempt.clone());
        checkpoints.every_steps = orders.steps;
        checkpoints.keep = orders.keep.unwrap_or(checkpoints.keep);
        checkpoints.from_zero = orders.from_zero;
        checkpoints
    }

    /// Ends the job when somebody cancelled it.
    pub fn check(&self) -> Result<(), Stop> {
        if self.reporter.is_asked_to_stop() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

/// The key that addresses a project's objects.
pub fn project_key(
    project: &hanok_protocol::job::ProjectAccess,
) -> Result<ProjectKey, WorkerError> {
    Ok(ProjectKey::from_hex(&project.id, &project.object_key)?)
}

/// A result of ours that could not be written as JSON: a mistake in the program.
pub fn unwritable(error: serde_json::Error) -> Fault {
    Fault::internal(format!("a result could not be written: {error}"))
}
