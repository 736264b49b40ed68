//! The ACME server for tests: found, never installed. Tests start one each, to end it as they like.

use super::{Lack, Ready, State};
use crate::workspace;

pub fn find() -> State {
    match workspace::find_program(&["pebble"]) {
        Some(path) => Ready::found(path.to_string_lossy()),
        None => Lack::of("no pebble on PATH", "apt-get install pebble"),
    }
}
