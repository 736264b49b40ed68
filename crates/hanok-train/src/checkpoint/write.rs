//! Writes a checkpoint: into a temporary folder, each file and the folder made durable, then the name,
//! then the marker. Whoever dies in between leaves nothing that is taken for one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use hanok_models::hf::{FloatType, write_tensors};
use hanok_nn::{Moments, Named};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::TrainError;

/// Raised when an older version would misread the files.
pub(super) const VERSION: u32 = 1;
pub(super) const NUMBERS: &str = "numbers.safetensors";
pub(super) const STATE: &str = "state.json";
pub(super) const MANIFEST: &str = "manifest.json";
/// The marker: it holds the hash of the manifest.
pub(super) const COMPLETE: &str = "complete";

/// What the files must be.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub version: u32,
    /// Of settings and rows: a checkpoint of others does not fit.
    pub fingerprint: String,
    pub files: BTreeMap<String, FileFacts>,
}

/// Length and SHA-256 of a file.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(super) struct FileFacts {
    pub bytes: u64,
    pub sha256: String,
}

/// What is written down.
pub(super) struct Snapshot<'a> {
    pub fingerprint: &'a str,
    /// The training's place and the optimiser's steps, as JSON.
    pub state: Vec<u8>,
    pub weights: Named<'a>,
    pub moments: &'a BTreeMap<String, Moments>,
}

/// Writes a checkpoint as `attempt/name`.
pub(super) fn write(attempt: &Path, name: &str, snapshot: Snapshot<'_>) -> Result<(), TrainError> {
    let failed = |e: io::Error| TrainError::checkpoint(format!("cannot be written: {e}"));
    let passing = attempt.join(format!("tmp-{name}"));
    let place = attempt.join(name);
    for left in [&passing, &place] {
        if left.symlink_metadata().is_ok() {
            fs::remove_dir_all(left).map_err(failed)?;
        }
    }
    fs::create_dir_all(&passing).map_err(failed)?;
    write_numbers(&passing.join(NUMBERS), &snapshot)?;
    put(&passing.join(STATE), &snapshot.state).map_err(failed)?;
    let mut files = BTreeMap::new();
    for file in [NUMBERS, STATE] {
        let facts = facts(&passing.join(file)).map_err(failed)?;
        files.insert(file.to_owned(), facts);
    }
    let manifest = Manifest {
        version: VERSION,
        fingerprint: snapshot.fingerprint.to_owned(),
        files,
    };
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(|e| failed(e.into()))?;
    put(&passing.join(MANIFEST), &manifest).map_err(failed)?;
    sync(&passing).map_err(failed)?;
    fs::rename(&passing, &place).map_err(failed)?;
    sync(attempt).map_err(failed)?;
    // An empty marker would look like a broken checkpoint.
    let marker = place.join("tmp-complete");
    put(&marker, sha256(&manifest).as_bytes()).map_err(failed)?;
    fs::rename(&marker, place.join(COMPLETE)).map_err(failed)?;
    sync(&place).map_err(failed)
}

/// Weights by name, and the moments of each as `name#first` and `name#second`.
fn write_numbers(path: &Path, snapshot: &Snapshot<'_>) -> Result<(), TrainError> {
    let mut list = Vec::new();
    let mut values: Vec<&[f32]> = Vec::new();
    for (name, weight) in &snapshot.weights {
        list.push((name.clone(), vec![weight.value.len()]));
        values.push(&weight.value);
        if let Some(moments) = snapshot.moments.get(name) {
            for (part, numbers) in [("first", &moments.first), ("second", &moments.second)] {
                list.push((format!("{name}#{part}"), vec![numbers.len()]));
                values.push(numbers);
            }
        }
    }
    let values = values.into_iter().map(<[f32]>::to_vec);
    write_tensors(path, FloatType::F32, &list, values)
        .map_err(|e| TrainError::checkpoint(format!("cannot be written: {e}")))
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Length and hash of a file.
pub(super) fn facts(path: &Path) -> io::Result<FileFacts> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut part = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut part)?;
        if count == 0 {
            break;
        }
        hash.update(&part[..count]);
        bytes += count as u64;
    }
    Ok(FileFacts {
        bytes,
        sha256: hex(&hash.finalize()),
    })
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
