//! Models and adapters that are written and read back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hanok_models::hf::{
    self, Adapter, AdapterTask, FloatType, WeightNames, Weights, copy_companions, write_tensors,
};
use hanok_models::{LoraConfig, LoraWeights};
use serde_json::{Value, json};

use crate::tiny::{llama, llama_tensors, values, write};

fn adapter(task: AdapterTask) -> Adapter {
    let layers = match task {
        AdapterTask::Generate => [
            "model.layers.0.self_attn.q_proj",
            "model.layers.1.mlp.up_proj",
        ],
        AdapterTask::Classify => [
            "encoder.layer.0.attention.self.query",
            "encoder.layer.0.output.dense",
        ],
    };
    let weights = |at: usize| (vec![at as f32 + 0.5; 2 * 8], vec![-(at as f32); 12 * 2]);
    let classifier = ("classifier.weight".to_owned(), (vec![3, 8], vec![0.25; 24]));
    Adapter {
        task,
        base_model: "org/base".to_owned(),
        lora: LoraWeights {
            config: LoraConfig {
                rank: 2,
                alpha: 4.0,
                targets: vec!["q_proj".to_owned()],
            },
            layers: layers
                .iter()
                .map(|n| (*n).to_owned())
                .zip((0..).map(weights))
                .collect(),
        },
        saved: match task {
            AdapterTask::Generate => BTreeMap::new(),
            AdapterTask::Classify => BTreeMap::from([classifier]),
        },
    }
}

#[test]
fn adapters_come_back_as_they_were() {
    for task in [AdapterTask::Generate, AdapterTask::Classify] {
        let dir = tempfile::tempdir().unwrap();
        let written = adapter(task);
        written.save(dir.path()).unwrap();
        assert_eq!(Adapter::load(dir.path()).unwrap(), written);
    }
    let dir = tempfile::tempdir().unwrap();
    let mut all_layers = adapter(AdapterTask::Classify);
    all_layers.lora.config.targets.clear();
    all_layers.save(dir.path()).unwrap();
    let config: Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("adapter_config.json")).unwrap())
            .unwrap();
    assert_eq!(
        config["target_modules"],
        json!(["attention.self.query", "output.dense"])
    );
    assert_eq!(config["modules_to_save"], json!(["classifier"]));
    let weights = Weights::open(dir.path(), WeightNames::Plain);
    assert!(weights.is_err(), "an adapter is no model");
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

#[test]
fn what_the_reference_libraries_write_opens_and_is_written_alike() {
    for (name, architecture, has_adapter) in [
        ("llama_a", "LlamaForCausalLM", true),
        ("llama_b", "LlamaForCausalLM", false),
        ("qwen2", "Qwen2ForCausalLM", false),
        ("mistral", "MistralForCausalLM", false),
        ("bert", "BertForSequenceClassification", true),
    ] {
        let facts = hf::check(&fixture(name)).unwrap();
        assert_eq!(facts.architecture, architecture);
        if !has_adapter {
            continue;
        }
        let from = fixture(name).join("adapter");
        let adapter = Adapter::load(&from).unwrap();
        let to = tempfile::tempdir().unwrap();
        adapter.save(to.path()).unwrap();
        assert_eq!(Adapter::load(to.path()).unwrap(), adapter);
        let tensors = |dir: &Path| {
            let bytes = std::fs::read(dir.join("adapter_model.safetensors")).unwrap();
            let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
            let all = file
                .iter()
                .map(|(name, view)| (name.to_owned(), view.data().to_vec()));
            all.collect::<BTreeMap<_, _>>()
        };
        assert_eq!(tensors(&from), tensors(to.path()));
    }
}

#[test]
fn adapters_that_are_something_else() {
    let cases = [
        ("peft_type", json!("IA3"), "IA3"),
        ("use_dora", json!(true), "use_dora"),
        ("use_rslora", json!(true), "use_rslora"),
        ("bias", json!("all"), "bias all"),
        ("rank_pattern", json!({"q_proj": 4}), "rank_pattern"),
        ("kasa_config", json!({"beta": 1.0}), "kasa_config"),
        ("layers_to_transform", json!([1]), "layers_to_transform"),
        ("task_type", json!("TOKEN_CLS"), "TOKEN_CLS"),
        ("r", json!(3), "lora_A"),
        ("r", json!(0), "rank"),
        ("r", Value::Null, "r is missing"),
        ("lora_alpha", json!(-1.0), "alpha"),
    ];
    let dir = tempfile::tempdir().unwrap();
    adapter(AdapterTask::Generate).save(dir.path()).unwrap();
    let config = std::fs::read(dir.path().join("adapter_config.json")).unwrap();
    for (field, value, part) in cases {
        let mut changed: Value = serde_json::from_slice(&config).unwrap();
        changed[field] = value;
        write(dir.path(), "adapter_config.json", changed.to_string());
        let error = Adapter::load(dir.path()).unwrap_err().to_string();
        assert!(error.contains(part), "{error} lacks {part}");
    }
    write(dir.path(), "adapter_config.json", &config);
    let file = dir.path().join("adapter_model.safetensors");
    let alone = |name: &str, shape: Vec<usize>| {
        let list = [(format!("base_model.model.model.layers.0.{name}"), shape)];
        write_tensors(&file, FloatType::F32, &list, values(&list).into_iter()).unwrap();
        Adapter::load(dir.path()).unwrap_err().to_string()
    };
    assert!(alone("q_proj.lora_A.weight", vec![2, 8]).contains("lora_B.weight is missing"));
    assert!(alone("q_proj.lora_B.weight", vec![8, 2]).contains("does not belong"));
    assert!(alone("q_proj.lora_magnitude_vector", vec![8]).contains("magnitude"));
    std::fs::remove_file(&file).unwrap();
    write(dir.path(), "adapter_model.bin", "x");
    assert_eq!(
        Adapter::load(dir.path()).unwrap_err().code(),
        "unsafe_format"
    );
}

#[test]
fn a_written_model_opens_again_and_keeps_its_companions() {
    let (from, to) = (llama(), tempfile::tempdir().unwrap());
    write(from.path(), "chat_template.jinja", "x");
    write(from.path(), "modeling.py", "import os");
    copy_companions(from.path(), to.path()).unwrap();
    assert!(!to.path().join("modeling.py").exists());
    let list = llama_tensors();
    let path = to.path().join("model.safetensors");
    write_tensors(&path, FloatType::Bf16, &list, values(&list).into_iter()).unwrap();
    hf::set_float_type(to.path(), FloatType::Bf16).unwrap();
    let facts = hf::check(to.path()).unwrap();
    assert!(facts.has_chat_template && facts.bytes < 3 * facts.parameters);
    let bytes = std::fs::read(&path).unwrap();
    let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(read.len(), list.len());
    let config = std::fs::read_to_string(to.path().join("config.json")).unwrap();
    assert!(config.contains("bfloat16"));
}

#[test]
fn what_cannot_be_written_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.safetensors");
    let list = [("a".to_owned(), vec![2])];
    let try_with = |values: Vec<Vec<f32>>| {
        let result = write_tensors(&path, FloatType::F32, &list, values.into_iter());
        result.unwrap_err().to_string()
    };
    assert!(try_with(vec![vec![1.0]]).contains("1 numbers for a"));
    assert!(try_with(vec![vec![1.0, f32::NAN]]).contains("NaN"));
    assert!(try_with(Vec::new()).contains("0 of 1"));
}
