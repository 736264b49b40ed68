//! The tensors of a model's directory, found by name and read one by one into f32.
//!
//! Files are read, never mapped: a file that someone can change must not change under a running model.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::Dtype;

use super::fields::Fields;
use super::folder::Folder;
use super::header::{self, Entry};
use crate::ModelError;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const MAX_INDEX: u64 = 16 << 20;
const MAX_SHARDS: usize = 1_000;
/// Bytes read at a time; a multiple of every element's size.
const CHUNK: usize = 1 << 20;

/// Whose names the tensors have; each family has prefixes that files may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightNames {
    /// All but `lm_head` is under `model.`, also where the file leaves it out.
    Decoder,
    /// Nothing is under `bert.`, also where the file has it; `gamma` and `beta` are `weight` and `bias`.
    Bert,
    /// As they are in the file.
    Plain,
}

/// The tensors of one or more safetensors files.
#[derive(Debug)]
pub struct Weights {
    files: Vec<(String, File)>,
    /// By the family's name; the first number says in which file.
    tensors: BTreeMap<String, (usize, Entry)>,
    bytes: u64,
}

impl Weights {
    /// Opens `model.safetensors`, or the files that `model.safetensors.index.json` names, and reads
    /// their headers.
    pub fn open(dir: &Path, names: WeightNames) -> Result<Self, ModelError> {
        Self::of_model(&Folder::open(dir)?, names)
    }

    pub(super) fn of_model(folder: &Folder, names: WeightNames) -> Result<Self, ModelError> {
        if folder.has(SINGLE) || !folder.has(INDEX) {
            refuse_pickles(folder)?;
            return Self::of_files(folder, &[SINGLE.to_owned()], names);
        }
        let index = Fields::parse(INDEX, &folder.read(INDEX, MAX_INDEX)?)?;
        let map = index.object("weight_map")?;
        let map = index.required("weight_map", map)?;
        let mut files: Vec<String> = Vec::new();
        for tensor in map.names() {
            let file = map.required(tensor, map.text(tensor)?)?;
            if !file.ends_with(".safetensors") || file.contains('/') {
                let reason =
                    format!("names {file:?} for {tensor}, not a .safetensors file beside it");
                return Err(ModelError::invalid(INDEX, reason));
            }
            files.push(file.to_owned());
        }
        files.sort_unstable();
        files.dedup();
        if files.is_empty() || files.len() > MAX_SHARDS {
            let reason = format!("names {} files, not 1 to {MAX_SHARDS}", files.len());
            return Err(ModelError::invalid(INDEX, reason));
        }
        Self::of_files(folder, &files, names)
    }

    /// The tensors of these files of the directory.
    pub(super) fn of_files(
        folder: &Folder,
        files: &[String],
        names: WeightNames,
    ) -> Result<Self, ModelError> {
        let mut all = Self {
            files: Vec::new(),
            tensors: BTreeMap::new(),
            bytes: 0,
        };
        for name in files {
            let mut file = folder.file(name)?;
            for entry in header::read(name, &mut file)? {
                let own_name = names.own_name(&entry.name);
                let at = (all.files.len(), entry);
                if let Some((_, twice)) = all.tensors.insert(own_name, at) {
                    let reason = format!("tensor {} is there twice", twice.name);
                    return Err(ModelError::invalid(name, reason));
                }
            }
            let meta = file.metadata().map_err(|e| ModelError::io(name, e))?;
            all.bytes += meta.len();
            all.files.push((name.clone(), file));
        }
        Ok(all)
    }

    /// Whether there is a tensor of this name that was not taken yet.
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The shape of a tensor that was not taken yet.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        let (_, entry) = self.tensors.get(name)?;
        Some(&entry.shape)
    }

    /// Names of the tensors that were not taken yet, by the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Size of all files together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Checks that these tensors and no others are there, without reading them; returns the number of
    /// elements. `allowed` are beginnings of names that may be there besides.
    pub fn check(
        &self,
        expected: &[(String, Vec<usize>)],
        allowed: &[&str],
    ) -> Result<u64, ModelError> {
        let mut elements = 0;
        for (name, shape) in expected {
            self.find(name, shape)?;
            elements += shape.iter().map(|n| *n as u64).product::<u64>();
        }
        let known: std::collections::HashSet<&str> =
            expected.iter().map(|(name, _)| name.as_str()).collect();
        let others = self.names().filter(|name| !known.contains(name));
        self.refuse_unexpected(others, allowed)?;
        Ok(elements)
    }

    /// Reads a tensor as f32 (from f64, f32, f16 or bf16), row by row; it can be taken once.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let (index, entry) = self.find(name, shape)?.clone();
        self.tensors.remove(name);
        let (file_name, file) = &mut self.files[index];
        let values = read_floats(file, &entry).map_err(|e| ModelError::io(file_name, e))?;
        if values.iter().any(|v| !v.is_finite()) {
            let reason = format!("tensor {} holds NaN or infinity", entry.name);
            return Err(ModelError::invalid(file_name, reason));
        }
        Ok(values)
    }

    /// Refuses tensors that nobody took; `allowed` are beginnings of names that may be left.
    pub fn finish(self, allowed: &[&str]) -> Result<(), ModelError> {
        self.refuse_unexpected(self.names(), allowed)
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<&(usize, Entry), ModelError> {
        let Some(found) = self.tensors.get(name) else {
            let reason = format!("tensor {name} is missing");
            return Err(ModelError::invalid(&self.files[0].0, reason));
        };
        let (index, entry) = found;
        let file = &self.files[*index].0;
        if entry.shape != shape {
            return Err(ModelError::Shape {
                file: file.clone(),
                tensor: entry.name.clone(),
                found: entry.shape.clone(),
                expected: shape.to_vec(),
            });
        }
        if element_size(entry.dtype).is_none() {
            let found = format!("the type {:?} of tensor {}", entry.dtype, entry.name);
            let supported = "F32, F16, BF16 and F64 are";
            return Err(ModelError::unsupported(file, found, supported));
        }
        Ok(found)
    }

    fn refuse_unexpected<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        allowed: &[&str],
    ) -> Result<(), ModelError> {
        let buffers = [
            "rotary_emb.inv_freq",
            "embeddings.position_ids",
            ".masked_bias",
        ];
        let is_known = |name: &str| {
            allowed.iter().any(|begin| name.starts_with(begin))
                || buffers.iter().any(|end| name.ends_with(end))
        };
        let mut unexpected = names.filter(|name| !is_known(name));
        let Some(first) = unexpected.next() else {
            return Ok(());
        };
        let more = unexpected.count();
        let reason = format!("tensor {first} does not belong to this architecture ({more} more)");
        Err(ModelError::invalid(&self.files[0].0, reason))
    }
}

impl WeightNames {
    fn own_name(self, name: &str) -> String {
        match self {
            Self::Decoder if name.starts_with("model.") || name.starts_with("lm_head.") => {
                name.to_owned()
            }
            Self::Decoder => format!("model.{name}"),
            Self::Bert => {
                let name = name.strip_prefix("bert.").unwrap_or(name);
                let norm = |old: &str, new: &str| {
                    let base = name.strip_suffix(old)?;
                    base.ends_with("LayerNorm").then(|| format!("{base}{new}"))
                };
                let renamed = norm(".gamma", ".weight").or_else(|| norm(".beta", ".bias"));
                renamed.unwrap_or_else(|| name.to_owned())
            }
            Self::Plain => name.to_owned(),
        }
    }
}

/// Where there is no safetensors file, pickles are the likely reason.
fn refuse_pickles(folder: &Folder) -> Result<(), ModelError> {
    let is_pickle = |name: &str| {
        let ends = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".bin.index.json"];
        ends.iter().any(|end| name.ends_with(end)) && name != "training_args.bin"
    };
    match folder.find(is_pickle) {
        Some(name) if !folder.has(SINGLE) => Err(header::pickle(&name)),
        _ => Ok(()),
    }
}

fn element_size(dtype: Dtype) -> Option<usize> {
    match dtype {
        Dtype::F16 | Dtype::BF16 => Some(2),
        Dtype::F32 => Some(4),
        Dtype::F64 => Some(8),
        _ => None,
    }
}

fn read_floats(file: &mut File, entry: &Entry) -> std::io::Result<Vec<f32>> {
    let elements: usize = entry.shape.iter().product();
    let mut left = elements * element_size(entry.dtype).unwrap_or(0);
    let mut values = Vec::new();
    values.try_reserve_exact(elements)?;
    let mut buffer = vec![0; CHUNK.min(left)];
    file.seek(SeekFrom::Start(entry.start))?;
    while left > 0 {
        let part = &mut buffer[..CHUNK.min(left)];
        file.read_exact(part)?;
        super::floats::decode(entry.dtype, part, &mut values);
        left -= part.len();
    }
    Ok(values)
}
