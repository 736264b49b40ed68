//! What a job's code receives: the objects of its project, a reporter, its grant of threads.

use std::path::PathBuf;

use bytes::Bytes;
use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::ObjectName;
use hanok_protocol::lease::Assignment;

use super::Stop;
use crate::report::Reporter;
use crate::{WorkerConfig, WorkerError};

/// A job's surroundings. Its methods are called from the job's own thread and may block.
pub struct Context {
    objects: Objects,
    project: ProjectKey,
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
            project: project_key(&assignment.project)?,
            threads: config.threads.max(1),
            reporter,
        })
    }

    /// An object's bytes, verified against its address.
    pub fn get(&self, name: &ObjectName) -> Result<Bytes, Stop> {
        Ok(self.objects.get_blocking(&self.project, &name.hash)?)
    }

    /// Where an object lies, for code that reads files.
    pub fn path(&self, name: &ObjectName) -> Result<PathBuf, Stop> {
        Ok(self.objects.get_path(&self.project.id, &name.hash)?)
    }

    /// Stores bytes as an object.
    pub fn put(&self, bytes: &[u8]) -> Result<ObjectName, Stop> {
        let stored = self.objects.put_blocking(&self.project, bytes)?;
        Ok(ObjectName {
            hash: stored.hash,
            size: stored.size,
        })
    }

    /// Ends the job when somebody cancelled it.
    pub fn check(&self) -> Result<(), Stop> {
        if self.reporter.is_cancelled() {
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
    Fault::new(
        FaultKind::Internal,
        "internal",
        format!("a result could not be written: {error}"),
    )
}
