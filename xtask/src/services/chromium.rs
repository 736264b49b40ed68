//! The browser for page tests: found, never installed.

use super::{Lack, Ready, State};
use crate::workspace;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

pub fn find() -> State {
    match workspace::find_program(&NAMES) {
        Some(path) => Ready::found(path.to_string_lossy()),
        None => Lack::of("no Chromium on PATH", "apt-get install chromium"),
    }
}
