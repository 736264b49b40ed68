//! What a worker writes to standard error: through a file onto that of the server. A pipe would break when
//! the server dies, and workers outlive it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use hanok_studio::workers::Death;

use super::oom;

/// Bytes passed on at a time.
const AT_ONCE: usize = 64 << 10;
/// A file longer than this begins anew.
const MOST: u64 = 8 << 20;
/// Bytes of the last words.
const LAST: u64 = 4096;
/// Lines of the last words.
const LINES: usize = 12;

/// The standard error of the workers of one place in the pool, one after the other.
pub struct Words {
    path: PathBuf,
    reader: Option<File>,
    /// Processes that the kernel had ended for want of memory when this worker began.
    oom_kills: Option<u64>,
}

impl Words {
    /// For the place with this number.
    pub fn new(data: &Path, number: usize) -> Self {
        let path = data.join("logs").join(format!("worker-{number}.log"));
        Self {
            path,
            reader: None,
            oom_kills: None,
        }
    }

    /// Where the next worker of this place writes; what the one before wrote is gone.
    pub fn begin(&mut self) -> std::io::Result<File> {
        self.pass_on();
        // A worker of an earlier server may still write into the old file, which then has no name.
        let _ = std::fs::remove_file(&self.path);
        let mut options = File::options();
        let file = options
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)?;
        self.reader = Some(File::open(&self.path)?);
        self.oom_kills = oom::kills();
        Ok(file)
    }

    /// Copies what is new to our own standard error.
    pub fn pass_on(&mut self) {
        let Some(reader) = &mut self.reader else {
            return;
        };
        let mut part = vec![0; AT_ONCE];
        while let Ok(count @ 1..) = reader.read(&mut part) {
            // Nobody may be listening; the file still has it.
            let _ = std::io::stderr().write_all(&part[..count]);
        }
        let length = reader.metadata().map_or(0, |facts| facts.len());
        if length > MOST {
            // Workers append: the next line is the first.
            let emptied = File::options().write(true).open(&self.path);
            if emptied.and_then(|file| file.set_len(0)).is_ok() {
                let _ = reader.rewind();
            }
        }
    }

    /// How the worker that wrote here ended.
    pub fn death(&mut self, pid: u32, status: ExitStatus) -> Death {
        self.pass_on();
        let last_words = self.last_words();
        let no_memory = match status.signal() {
            Some(libc::SIGABRT) => last_words.contains("memory allocation of"),
            Some(libc::SIGKILL) => self.oom_kills < oom::kills(),
            _ => false,
        };
        Death {
            pid,
            how: status.to_string(),
            out_of_memory: no_memory,
            last_words,
        }
    }

    fn last_words(&mut self) -> String {
        let Some(reader) = &mut self.reader else {
            return String::new();
        };
        let mut bytes = Vec::new();
        let length = reader.metadata().map_or(0, |facts| facts.len());
        let from = SeekFrom::Start(length.saturating_sub(LAST));
        if reader.seek(from).is_ok() {
            let _ = reader.take(LAST).read_to_end(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}
