//! The header of a safetensors file, checked against the file's size before anything is allocated.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::ModelError;

/// The format allows 100 MB; the largest supported model needs 2.
const MAX_HEADER: u64 = 16 << 20;
const MAX_TENSORS: usize = 100_000;
const CONVERT: &str = "load it with torch.load(file, weights_only=True) where it comes from and save \
    it with safetensors.torch.save_file as model.safetensors";

/// Where a tensor lies in its file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    /// Offset of its first byte from the beginning of the file.
    pub(super) start: u64,
}

/// The error for a file that is, or by its name would be, a pickle.
pub(super) fn pickle(file: &str) -> ModelError {
    ModelError::UnsafeFormat {
        file: file.to_owned(),
        remedy: CONVERT.to_owned(),
    }
}

/// Reads and checks the header; afterwards every entry lies within the file.
pub(super) fn read(name: &str, file: &mut File) -> Result<Vec<Entry>, ModelError> {
    let io = |e| ModelError::io(name, e);
    let size = file.metadata().map_err(io)?.len();
    let mut begin = [0; 9];
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let got = read_up_to(file, &mut begin).map_err(io)?;
    refuse_other_formats(name, &begin[..got])?;
    let length = u64::from_le_bytes(begin[..8].try_into().unwrap_or([0; 8]));
    if got < 9 || length > size - 8 {
        return Err(ModelError::invalid(
            name,
            "is cut off or no safetensors file: its header is longer than the file",
        ));
    }
    if length > MAX_HEADER {
        let reason = format!("its header has {length} bytes, at most {MAX_HEADER} are read");
        return Err(ModelError::invalid(name, reason));
    }
    let mut header = vec![0; length as usize];
    file.seek(SeekFrom::Start(8)).map_err(io)?;
    file.read_exact(&mut header).map_err(io)?;
    entries(name, &header, size)
}

fn entries(name: &str, header: &[u8], size: u64) -> Result<Vec<Entry>, ModelError> {
    let wrong = |e: &dyn fmt::Display| ModelError::invalid(name, format!("its header: {e}"));
    let Tensors(mut tensors) = serde_json::from_slice(header).map_err(|e| wrong(&e))?;
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    let meta = Metadata::new(None, tensors.clone()).map_err(|e| wrong(&e))?;
    let data = 8 + header.len() as u64;
    let expected = data + meta.data_len() as u64;
    if expected != size {
        let reason = format!("has {size} bytes, by its header {expected}; copy it again");
        return Err(ModelError::invalid(name, reason));
    }
    let entry = |(name, info): (String, TensorInfo)| Entry {
        name,
        dtype: info.dtype,
        shape: info.shape,
        start: data + info.data_offsets.0 as u64,
    };
    Ok(tensors.into_iter().map(entry).collect())
}

fn refuse_other_formats(name: &str, begin: &[u8]) -> Result<(), ModelError> {
    let json = begin.get(8) == Some(&b'{');
    let pickled = matches!(begin, [0x80, 2..=5, ..]) || begin.starts_with(b"PK\x03\x04");
    if pickled && !json {
        return Err(pickle(name));
    }
    if begin.starts_with(b"version ") {
        let reason = "is the pointer of a large file that was not fetched; run git lfs pull";
        return Err(ModelError::invalid(name, reason));
    }
    Ok(())
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..])? {
            0 => break,
            n => got += n,
        }
    }
    Ok(got)
}

/// The tensors of a header; a name that occurs twice is an error.
struct Tensors(Vec<(String, TensorInfo)>);

impl<'de> Deserialize<'de> for Tensors {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(TensorsVisitor)
    }
}

struct TensorsVisitor;

impl<'de> Visitor<'de> for TensorsVisitor {
    type Value = Tensors;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tensors, A::Error> {
        let (mut tensors, mut seen) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format!("{name} occurs twice")));
            }
            if seen.len() > MAX_TENSORS {
                return Err(A::Error::custom("more than 100000 tensors"));
            }
            if name == "__metadata__" {
                map.next_value::<HashMap<String, String>>()?;
            } else {
                tensors.push((name, map.next_value()?));
            }
        }
        Ok(Tensors(tensors))
    }
}
