//! Objects on a real file system: round trips, crashes, full disks, rot.

mod durability;
mod faults;
mod round_trip;

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

/// Every file under `root`.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
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
