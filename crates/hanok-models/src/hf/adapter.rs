//! LoRA adapters in the layout of PEFT: `adapter_config.json` and `adapter_model.safetensors`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::fields::Fields;
use super::floats::FloatType;
use super::folder::Folder;
use super::header;
use super::save::{write_file, write_tensors};
use super::weights::{WeightNames, Weights};
use crate::{LoraConfig, LoraWeights, ModelError};

const CONFIG: &str = "adapter_config.json";
const FILE: &str = "adapter_model.safetensors";
const MAX_CONFIG: u64 = 4 << 20;
const PREFIX: &str = "base_model.model.";

/// What an adapter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdapterTask {
    /// `CAUSAL_LM`: it writes text.
    Generate,
    /// `SEQ_CLS`: it names the class of a text.
    Classify,
}

/// An adapter with all that it brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    /// What it does.
    pub task: AdapterTask,
    /// The base model, by the name or path that was known when it was trained.
    pub base_model: String,
    /// The low-rank weights, by the names of [`super::decoder_tensors`] or [`super::bert_tensors`]
    /// without their endings.
    pub lora: LoraWeights,
    /// Whole tensors that replace the base model's, with their shapes: a classifier.
    pub saved: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Adapter {
    /// Reads and checks an adapter's directory; whether it fits a model shows when it is put on it.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let folder = Folder::open(dir)?;
        let config = Fields::parse(CONFIG, &folder.read(CONFIG, MAX_CONFIG)?)?;
        refuse_variants(&config)?;
        let task = match config.text("task_type")? {
            Some("CAUSAL_LM") => AdapterTask::Generate,
            Some("SEQ_CLS") => AdapterTask::Classify,
            other => {
                let found = format!("the task_type {}", other.unwrap_or("of none"));
                return Err(config.unsupported(found, "CAUSAL_LM and SEQ_CLS are"));
            }
        };
        let lora = LoraConfig {
            rank: config.required("r", config.size("r")?)?,
            alpha: config.required("lora_alpha", config.number("lora_alpha")?)? as f32,
            targets: targets(&config)?,
        };
        lora.check()?;
        if !folder.has(FILE) && folder.has("adapter_model.bin") {
            return Err(header::pickle("adapter_model.bin"));
        }
        let weights = Weights::of_files(&folder, &[FILE.to_owned()], WeightNames::Plain)?;
        let (layers, saved) = read(weights, task, lora.rank)?;
        Ok(Self {
            task,
            base_model: config
                .text("base_model_name_or_path")?
                .unwrap_or_default()
                .to_owned(),
            lora: LoraWeights {
                config: lora,
                layers,
            },
            saved,
        })
    }

    /// Writes the adapter's directory, readable by PEFT.
    pub fn save(&self, dir: &Path) -> Result<(), ModelError> {
        let rank = self.lora.config.rank;
        let (mut list, mut values) = (Vec::new(), Vec::new());
        for (layer, (a, b)) in &self.lora.layers {
            let at = format!("{PREFIX}{}", self.peft_name(layer));
            list.push((format!("{at}.lora_A.weight"), vec![rank, a.len() / rank]));
            values.push(a.clone());
            list.push((format!("{at}.lora_B.weight"), vec![b.len() / rank, rank]));
            values.push(b.clone());
        }
        for (name, (shape, tensor)) in &self.saved {
            list.push((format!("{PREFIX}{}", self.peft_name(name)), shape.clone()));
            values.push(tensor.clone());
        }
        std::fs::create_dir_all(dir).map_err(|e| ModelError::io(FILE, e))?;
        write_tensors(&dir.join(FILE), FloatType::F32, &list, values.into_iter())?;
        write_file(dir, CONFIG, self.config().to_string().as_bytes())
    }

    fn config(&self) -> Value {
        let modules: Vec<&str> = self
            .saved
            .keys()
            .filter_map(|n| n.split('.').next())
            .collect();
        let modules: std::collections::BTreeSet<&str> = modules.into_iter().collect();
        json!({
            "peft_type": "LORA",
            "task_type": match self.task {
                AdapterTask::Generate => "CAUSAL_LM",
                AdapterTask::Classify => "SEQ_CLS",
            },
            "base_model_name_or_path": self.base_model,
            "inference_mode": true,
            "r": self.lora.config.rank,
            "lora_alpha": self.lora.config.alpha,
            "lora_dropout": 0.0,
            "bias": "none",
            "fan_in_fan_out": false,
            "target_modules": self.target_modules(),
            "modules_to_save": if modules.is_empty() { None } else { Some(modules) },
        })
    }

    /// Where no targets were named, those that have weights: PEFT would guess others.
    fn target_modules(&self) -> Vec<String> {
        if !self.lora.config.targets.is_empty() {
            return self.lora.config.targets.clone();
        }
        let layers = self.lora.layers.keys();
        // A BERT layer's last word alone (`dense`) would also name the pooler.
        let after_number = |layer: &String| {
            let words: Vec<&str> = layer.split('.').collect();
            let number = words
                .iter()
                .position(|w| w.bytes().all(|c| c.is_ascii_digit()));
            words[number.map_or(0, |at| at + 1)..].join(".")
        };
        let names: std::collections::BTreeSet<String> = layers.map(after_number).collect();
        names.into_iter().collect()
    }

    /// A classifier's encoder is under `bert.` in the model that PEFT wraps.
    fn peft_name(&self, name: &str) -> String {
        match self.task {
            AdapterTask::Classify if !name.starts_with("classifier") => format!("bert.{name}"),
            _ => name.to_owned(),
        }
    }
}

/// Fields that, where set, ask for more than `x·Wᵀ + alpha/r · x·Aᵀ·Bᵀ`.
const VARIANTS: [&str; 16] = [
    "use_dora",
    "use_rslora",
    "use_qalora",
    "use_bdlora",
    "fan_in_fan_out",
    "lora_bias",
    "rank_pattern",
    "alpha_pattern",
    "layers_to_transform",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "monteclora_config",
];

type Layers = BTreeMap<String, (Vec<f32>, Vec<f32>)>;
type Saved = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn read(
    mut weights: Weights,
    task: AdapterTask,
    rank: usize,
) -> Result<(Layers, Saved), ModelError> {
    let (mut layers, mut saved) = (Layers::new(), Saved::new());
    let names: Vec<String> = weights.names().map(str::to_owned).collect();
    for name in &names {
        let shape = weights.shape(name).unwrap_or_default().to_vec();
        let own = own_name(name, task)?;
        if let Some(layer) = own.strip_suffix(".lora_A.weight") {
            let other = name.replace(".lora_A.", ".lora_B.");
            let outputs = weights
                .shape(&other)
                .and_then(|shape| shape.first().copied());
            let inputs = shape.last().copied().unwrap_or_default();
            let a = weights.take(name, &[rank, inputs])?;
            let b = weights.take(&other, &[outputs.unwrap_or_default(), rank])?;
            layers.insert(layer.to_owned(), (a, b));
        } else if !own.ends_with(".lora_B.weight") {
            let values = weights.take(name, &shape)?;
            saved.insert(own, (shape, values));
        }
    }
    weights.finish(&[])?;
    if layers.is_empty() {
        return Err(ModelError::invalid(FILE, "holds no LoRA weights"));
    }
    Ok((layers, saved))
}

/// The model's own name of a tensor that PEFT wraps.
fn own_name(name: &str, task: AdapterTask) -> Result<String, ModelError> {
    let unknown = || ModelError::invalid(FILE, format!("tensor {name} is not one of a LoRA"));
    let inner = name.strip_prefix(PREFIX).ok_or_else(unknown)?;
    let inner = inner
        .replace(".modules_to_save.default.", ".")
        .replace(".modules_to_save.", ".");
    let inner = match task {
        AdapterTask::Classify => inner.strip_prefix("bert.").unwrap_or(&inner).to_owned(),
        AdapterTask::Generate => inner,
    };
    let known = inner.ends_with(".lora_A.weight")
        || inner.ends_with(".lora_B.weight")
        || (task == AdapterTask::Classify && inner.starts_with("classifier."));
    if known { Ok(inner) } else { Err(unknown()) }
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// Variants of LoRA whose arithmetic is another.
fn refuse_variants(config: &Fields) -> Result<(), ModelError> {
    let kind = config.text("peft_type")?.unwrap_or("none");
    if kind != "LORA" {
        return Err(config.unsupported(format!("the peft_type {kind}"), "LORA is"));
    }
    for field in VARIANTS {
        if config.get(field).is_some_and(is_set) {
            return Err(config.unsupported(field, "plain LoRA on all layers is"));
        }
    }
    match config.text("bias")?.unwrap_or("none") {
        "none" => Ok(()),
        other => Err(config.unsupported(format!("the bias {other}"), "none is")),
    }
}

/// A list of names; a pattern is not followed, since the weights say which layers there are.
fn targets(config: &Fields) -> Result<Vec<String>, ModelError> {
    match config.get("target_modules") {
        Some(value) if value.is_string() => Ok(Vec::new()),
        _ => {
            let names = config.texts("target_modules")?;
            Ok(names.into_iter().map(str::to_owned).collect())
        }
    }
}
