//! What a person sees: results on standard output, progress and notes on standard error,
//! colours and live bars only where somebody can see them. It knows nothing of the server.

mod bar;
mod number;
mod paint;
mod table;

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

pub use bar::Bar;
pub use number::{bytes, count, duration, number_of, percent, points, rate, when};
pub use paint::Paint;
pub use table::{Table, cut, one_line};

/// Set once by the command, so that the last error can be a document too.
static JSON: AtomicBool = AtomicBool::new(false);

/// Where one command prints.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Results are documents; text for people goes to standard error.
    pub json: bool,
    /// Standard error is a terminal: bars may move.
    pub live: bool,
    /// Somebody can be asked.
    pub asks: bool,
    /// Colours of the text for people.
    pub paint: Paint,
}

impl Terminal {
    /// Looks at what standard output and error are.
    pub fn new(json: bool) -> Self {
        JSON.store(json, Ordering::Relaxed);
        let live = std::io::stderr().is_terminal();
        let seen = if json {
            live
        } else {
            std::io::stdout().is_terminal()
        };
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        Self {
            json,
            live,
            asks: live && std::io::stdin().is_terminal(),
            paint: Paint::new(seen && !plain),
        }
    }

    /// A line of the result for people; nothing under `--json`, where the document says it.
    pub fn line(&self, text: impl Display) {
        if !self.json {
            print_bytes(format!("{text}\n").as_bytes());
        }
    }

    /// A line of an account of what happens; under `--json` it goes to standard error.
    pub fn tell(&self, text: impl Display) {
        if self.json {
            self.note(text);
        } else {
            self.line(text);
        }
    }

    /// A remark beside the result.
    pub fn note(&self, text: impl Display) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// The result as a document, under `--json`.
    pub fn document(&self, value: &Value) {
        if self.json {
            print_document(value);
        }
    }

    /// A result that is a stream: one document a line, under `--json`.
    pub fn emit(&self, value: &Value) {
        if self.json {
            print_bytes(format!("{value}\n").as_bytes());
        }
    }

    /// A bar on standard error.
    pub fn bar(&self, title: &str) -> Bar {
        Bar::new(title, self.live)
    }
}

/// Whether the command was asked for documents.
pub fn json_wanted() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Writes to standard output; a reader that has gone away is no failure.
pub fn print_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Prints a document, spread out where a person reads it.
pub fn print_document(value: &Value) {
    let text = if std::io::stdout().is_terminal() {
        format!("{value:#}\n")
    } else {
        format!("{value}\n")
    };
    print_bytes(text.as_bytes());
}

/// The last words of a command that failed.
pub fn print_error(text: &str) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let paint = Paint::new(std::io::stderr().is_terminal() && !plain);
    let _ = writeln!(std::io::stderr(), "{} {text}", paint.bad("error:"));
}
