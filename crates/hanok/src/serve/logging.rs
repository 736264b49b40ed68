//! The log: lines on standard error, as text or JSON, and the same lines in the data directory.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::log_file::LogFile;

static FILE: OnceLock<Mutex<LogFile>> = OnceLock::new();

/// Starts the log. A filter that does not parse is reported and `info` used.
pub fn start(level: &str, json: bool) {
    let parsed = EnvFilter::try_new(level);
    let wrong = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Both)
        .with_ansi(false);
    let started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.try_init()
    };
    if let Err(error) = started {
        eprintln!("the log could not be started: {error}");
    }
    if let Some(wrong) = wrong {
        tracing::warn!(level, wrong, "LOG_LEVEL is not understood; 'info' is used");
    }
}

/// Keeps the lines from here on in a file as well.
pub fn keep(path: &Path) {
    match LogFile::open(path) {
        Ok(file) => drop(FILE.set(Mutex::new(file))),
        Err(error) => {
            let path = path.display();
            tracing::warn!(%path, %error, "the log's file cannot be written");
        }
    }
}

/// Standard error, and the file once there is one.
struct Both;

/// A line on its way to both.
struct Line<'a>(Option<MutexGuard<'a, LogFile>>);

impl<'a> MakeWriter<'a> for Both {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        let file = FILE.get();
        Line(file.map(|file| file.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.0 {
            // A full disk must not silence standard error.
            let _ = file.write_all(bytes);
        }
        io::stderr().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
