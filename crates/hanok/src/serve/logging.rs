//! The log: lines on standard error, as text or JSON, and the same lines in the data directory.

use std::borrow::Cow;
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
        let line = one_line(bytes);
        if let Some(file) = &mut self.0 {
            // A full disk must not silence standard error.
            let _ = file.write_all(&line);
        }
        io::stderr().write_all(&line)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// An event on one line, whatever is in it: what breaks lines, moves a terminal's cursor or colours it is
/// written as JSON writes it, which a text can be read with as well. Events come here whole.
fn one_line(event: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(event);
    let body = text.strip_suffix('\n').unwrap_or(&text);
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !body.contains(breaks) {
        return Cow::Borrowed(event);
    }
    let mut line = String::with_capacity(event.len() + 16);
    for c in body.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            c if breaks(c) => line.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => line.push(c),
        }
    }
    line.push('\n');
    Cow::Owned(line.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c09_an_event_is_one_line_without_a_sign_that_acts() {
        let line = |text: &str| String::from_utf8(one_line(text.as_bytes()).into_owned()).unwrap();
        assert_eq!(line("all is well\n"), "all is well\n");
        assert_eq!(
            line("a\r\nb\x1b[31m\u{85}\u{2028}\u{2029}\0\x7f\u{9b}c\n"),
            "a\\u000d\\nb\\u001b[31m\\u0085\\u2028\\u2029\\u0000\\u007f\\u009bc\n"
        );
        let json = line("{\"a\":\"x\u{2028}y\"}\n");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["a"], "x\u{2028}y");
    }
}
