//! Objects on a real file system and in a bucket: round trips, crashes, full disks, rot, services
//! that fail.

mod copies;
mod durability;
mod fake;
mod faults;
mod round_trip;
mod sealed;
mod service;
mod worlds;

use std::path::{Path, PathBuf};

use hanok_blobs::{Fault, Objects, ProjectKey, Settings};

/// A project with a key of one repeated byte.
fn project(id: &str, byte: u8) -> ProjectKey {
    ProjectKey {
        id: id.to_string(),
        key: [byte; 32],
    }
}

/// Objects in a fresh folder, without a reserve: the machine that tests may be nearly full.
fn fresh() -> (tempfile::TempDir, Objects) {
    with_fault(None)
}

fn with_fault(fault: Option<Fault>) -> (tempfile::TempDir, Objects) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        reserve_bytes: 0,
        fault,
        ..Settings::default()
    };
    let objects = Objects::open_with(folder.path(), settings).unwrap();
    (folder, objects)
}

/// Content that does not repeat, so that a part in a wrong place shows.
fn content(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        bytes.extend_from_slice(&(state >> 16).to_le_bytes()[..6]);
    }
    bytes.truncate(length);
    bytes
}

/// Every file under `root`.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}
