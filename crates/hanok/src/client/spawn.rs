//! Brings a server up as a detached child, with its output in the data directory's log.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use super::{Bind, ClientError};

/// A log larger than this is put aside before the next server writes to it.
const LOG_LIMIT: u64 = 10 << 20;
/// Lines of the log that a failed start shows.
const SHOWN: usize = 12;

/// The server process and the place in the log where its words begin.
pub struct Child {
    process: std::process::Child,
    status: Option<ExitStatus>,
    log: PathBuf,
    from: u64,
}

/// Starts `hanok serve` for this data directory, out of reach of this terminal's Ctrl-C.
pub fn spawn(data: &Path, bind: &Bind) -> Result<Child, ClientError> {
    let failed = |what: &str, error: std::io::Error| ClientError::Start {
        message: format!("cannot bring up a server: {what}: {error}"),
        remedy: "Check the disk and the rights of the data directory, or name another with --data."
            .to_owned(),
    };
    let logs = data.join("logs");
    let log = logs.join("hanok.log");
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&logs)
        .map_err(|e| failed(&logs.display().to_string(), e))?;
    let (out, from) = open_log(&log).map_err(|e| failed(&log.display().to_string(), e))?;
    let err = out
        .try_clone()
        .map_err(|e| failed(&log.display().to_string(), e))?;
    let program = std::env::current_exe().map_err(|e| failed("this program", e))?;
    let process = Command::new(&program)
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--host", &bind.host, "--port", &bind.port.to_string()])
        .arg("--ephemeral")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .process_group(0)
        .spawn()
        .map_err(|e| failed(&program.display().to_string(), e))?;
    Ok(Child {
        process,
        status: None,
        log,
        from,
    })
}

fn open_log(path: &Path) -> std::io::Result<(File, u64)> {
    if std::fs::metadata(path).is_ok_and(|m| m.len() > LOG_LIMIT) {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let from = file.seek(SeekFrom::End(0))?;
    Ok((file, from))
}

impl Child {
    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.process.try_wait().ok().flatten();
        }
        self.status.is_some()
    }

    /// Whether it said that another server holds the data directory.
    pub fn lost_the_lock(&self) -> bool {
        self.said().contains("is in use by another server")
    }

    /// Why it ended before it was ready.
    pub fn failure(&self) -> ClientError {
        let how = self.status.map_or_else(String::new, |s| format!(" ({s})"));
        self.start_error(format!("the server ended before it was ready{how}"))
    }

    /// It runs, but is not ready.
    pub fn too_slow(&self) -> ClientError {
        self.start_error("the server did not become ready in time".to_owned())
    }

    fn start_error(&self, what: String) -> ClientError {
        let said = self.said();
        let lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(SHOWN)..];
        let mut message = what;
        if !last.is_empty() {
            message.push_str(". Its last words:");
            for line in last {
                message.push_str("\n  | ");
                message.push_str(&crate::terminal::one_line(line));
            }
        }
        ClientError::Start {
            message,
            remedy: format!("The whole log is {}.", self.log.display()),
        }
    }

    /// What was written to the log since this start.
    fn said(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            file.seek(SeekFrom::Start(self.from))?;
            let mut bytes = Vec::new();
            file.take(1 << 20).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }
}
