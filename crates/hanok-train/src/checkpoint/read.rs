//! Finds the checkpoint to go on from. What has no marker was never finished; what does not agree with
//! its manifest is put aside and told of.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hanok_nn::Moments;
use safetensors::SafeTensors;

use super::keeper::Stored;
use super::write::{COMPLETE, MANIFEST, Manifest, NUMBERS, STATE, VERSION, facts, sha256};
use crate::TrainError;

/// Names of folders that were put aside begin so.
const BROKEN: &str = "broken-";
/// A manifest or marker larger than this is none.
const MAX_MANIFEST: u64 = 1 << 20;

/// Numbers as they were written down.
pub(super) struct Numbers {
    pub weights: BTreeMap<String, Vec<f32>>,
    pub moments: BTreeMap<String, Moments>,
}

/// What there is to go on from.
pub(super) struct Found {
    /// The newest checkpoint that is whole.
    pub newest: Option<(Stored, Numbers)>,
    /// Checkpoints that are not, and why.
    pub broken: Vec<String>,
}

/// Looks through the folders of all attempts.
pub(super) fn newest(run: &Path, fingerprint: &str) -> Result<Found, TrainError> {
    let mut found = Found {
        newest: None,
        broken: Vec::new(),
    };
    let mut all = Vec::new();
    for attempt in folders(run)? {
        for checkpoint in folders(&attempt)? {
            let name = name_of(&checkpoint);
            if name.starts_with(BROKEN) {
                found.broken.push(format!("{name} was put aside before"));
            } else if let Some(step) = name.strip_prefix("step-").and_then(|s| s.parse().ok()) {
                let step: usize = step;
                all.push((step, checkpoint));
            }
        }
    }
    all.sort();
    while let Some((step, place)) = all.pop() {
        // No marker: whoever wrote it died before it was one.
        if place.join(COMPLETE).symlink_metadata().is_err() {
            continue;
        }
        match read(&place, fingerprint) {
            Ok(read) => {
                found.newest = Some(read);
                break;
            }
            Err(reason) => {
                found.broken.push(format!("step {step}: {reason}"));
                put_aside(&place)?;
            }
        }
    }
    Ok(found)
}

/// The folders in a folder; a link in the place of one is refused.
fn folders(place: &Path) -> Result<Vec<PathBuf>, TrainError> {
    let failed = |e: std::io::Error| {
        TrainError::checkpoint(format!("cannot be read at {}: {e}", place.display()))
    };
    match place.symlink_metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed(e)),
        Ok(facts) if facts.is_symlink() => return Err(link(place)),
        Ok(_) => {}
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(place).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_symlink() {
            return Err(link(&entry.path()));
        }
        if kind.is_dir() {
            all.push(entry.path());
        }
    }
    all.sort();
    Ok(all)
}

pub(super) fn link(place: &Path) -> TrainError {
    TrainError::checkpoint(format!(
        "{} is a link, which is not followed; remove it",
        place.display()
    ))
}

fn put_aside(place: &Path) -> Result<(), TrainError> {
    let name = format!("{BROKEN}{}", name_of(place));
    let aside = place.with_file_name(name);
    let _ = fs::remove_dir_all(&aside);
    fs::rename(place, &aside)
        .map_err(|e| TrainError::checkpoint(format!("a broken one cannot be put aside: {e}")))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Reads one whole checkpoint, or says what is wrong with it.
fn read(place: &Path, fingerprint: &str) -> Result<(Stored, Numbers), String> {
    let manifest = small(place, MANIFEST)?;
    let marker = small(place, COMPLETE)?;
    if marker != sha256(&manifest).as_bytes() {
        return Err("the marker is of another manifest".to_owned());
    }
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|e| format!("{MANIFEST}: {e}"))?;
    if manifest.version != VERSION {
        return Err(format!("version {} is not known", manifest.version));
    }
    if manifest.fingerprint != fingerprint {
        return Err("it belongs to other settings or rows".to_owned());
    }
    for (name, expected) in &manifest.files {
        let path = plain(place, name)?;
        let found = facts(&path).map_err(|e| format!("{name}: {e}"))?;
        if found != *expected {
            return Err(format!(
                "{name} has {} bytes that are not those of the manifest ({})",
                found.bytes, expected.bytes
            ));
        }
    }
    let state = small(place, STATE)?;
    let state: Stored = serde_json::from_slice(&state).map_err(|e| format!("{STATE}: {e}"))?;
    let numbers = fs::read(plain(place, NUMBERS)?).map_err(|e| format!("{NUMBERS}: {e}"))?;
    Ok((state, decode(&numbers)?))
}

/// A file's path, if it is a file and no link.
fn plain(place: &Path, name: &str) -> Result<PathBuf, String> {
    let path = place.join(name);
    let facts = path
        .symlink_metadata()
        .map_err(|e| format!("{name}: {e}"))?;
    match facts.is_file() && name == name_of(&path) {
        true => Ok(path),
        false => Err(format!("{name} is not a plain file")),
    }
}

fn small(place: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = plain(place, name)?;
    let failed = |e: std::io::Error| format!("{name}: {e}");
    if path.metadata().map_err(failed)?.len() > MAX_MANIFEST {
        return Err(format!("{name} is too large"));
    }
    fs::read(path).map_err(failed)
}

fn decode(bytes: &[u8]) -> Result<Numbers, String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| format!("{NUMBERS}: {e}"))?;
    let mut numbers = Numbers {
        weights: BTreeMap::new(),
        moments: BTreeMap::new(),
    };
    for (name, tensor) in tensors.iter() {
        let (values, _) = tensor.data().as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|b| f32::from_le_bytes(*b)).collect();
        match name.rsplit_once('#') {
            Some((name, part)) => {
                let moments = numbers.moments.entry(name.to_owned()).or_default();
                match part {
                    "first" => moments.first = values,
                    _ => moments.second = values,
                }
            }
            None => {
                numbers.weights.insert(name.to_owned(), values);
            }
        }
    }
    Ok(numbers)
}
