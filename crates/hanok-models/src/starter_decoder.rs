//! The text generator that ships inside the program, and how its files get into a directory.
//!
//! Knows nothing of what is in the files; [`crate::LanguageModel::load`] reads them.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{ModelError, hf};

/// The name of the text generator that ships inside the program.
pub const STARTER_DECODER: &str = "hanok-decoder";

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../models/starter-decoder/", $name)).as_slice(),
        )
    };
}

/// `config.json` is last: without it a directory is no model, so half of one is never taken for whole.
const FILES: [(&str, &[u8]); 6] = [
    file!("model.safetensors"),
    file!("tokenizer.json"),
    file!("tokenizer_config.json"),
    file!("chat_template.jinja"),
    file!("generation_config.json"),
    file!("config.json"),
];

/// Writes the text generator that ships inside the program into a directory, which is made if need be.
/// Files that are there already are compared and left alone, or replaced if they differ; each appears
/// under its name only when it is whole, so that several processes may do this at once.
///
/// # Errors
/// [`ModelError::Io`] with the file's path.
pub fn starter_decoder(dir: &Path) -> Result<(), ModelError> {
    hf::create(dir)?;
    let mut changed = false;
    for (name, bytes) in FILES {
        let path = dir.join(name);
        let io = |e| ModelError::io(&path.display().to_string(), e);
        if !holds(&path, bytes).map_err(io)? {
            place(&path, bytes).map_err(io)?;
            changed = true;
        }
    }
    if changed {
        let synced = File::open(dir).and_then(|dir| dir.sync_all());
        synced.map_err(|e| ModelError::io(&dir.display().to_string(), e))?;
    }
    Ok(())
}

/// Whether the file is there and has exactly these bytes.
fn holds(path: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut found = Vec::with_capacity(bytes.len());
    file.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
    Ok(found == bytes)
}

/// Writes beside the path and renames.
fn place(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let (mut file, passing) = passing(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| std::fs::rename(&passing, path));
    if placed.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&passing);
    }
    placed
}

/// A new file beside the path; a name that someone else has, or left behind, is passed over.
fn passing(path: &Path) -> std::io::Result<(File, PathBuf)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{process}-{next}.part"));
        let passing = PathBuf::from(name);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&passing)
        {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            file => return Ok((file?, passing)),
        }
    }
}
