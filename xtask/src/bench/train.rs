//! Training steps beside PyTorch and PEFT.

use std::process::Command;

use anyhow::Result;

use super::peers::{must, python, script};
use super::{alternate, build_example, folder, number, table};

const STEPS: &str = "5";

pub fn run() -> Result<String> {
    let program = build_example("hanok-train", "bench_train")?;
    let python = python()?;
    let model = folder().join("train-model");
    if !model.join("tokenizer.json").is_file() {
        must(script(&python, "make_model.py").arg(&model))?;
    }
    let mut lines = Vec::new();
    for (method, work) in [("lora", "LoRA step, f32 base"), ("full", "full step")] {
        let arguments = [model.as_os_str(), method.as_ref(), STEPS.as_ref()];
        let ours = || {
            let mut command = Command::new(&program);
            command.args(arguments);
            Ok(command)
        };
        let peer = || {
            let mut command = script(&python, "train.py");
            command.args(arguments);
            Ok(command)
        };
        let rounds = alternate(ours, peer)?;
        let losses = |side: &[serde_json::Value]| {
            let value = side.first().cloned().unwrap_or_default();
            let (first, last) = (number(&value, "first_loss"), number(&value, "last_loss"));
            format!("{first:.4} → {last:.4}")
        };
        let (ours, peers) = (losses(&rounds.ours), losses(&rounds.peers));
        let quality = format!("loss {ours}, peer {peers}");
        if lines.is_empty() {
            lines.push(table::head("Training", "tokens/s", &rounds));
        }
        lines.push(table::row(work, &rounds, "tokens_per_s", &quality));
    }
    Ok(lines.join("\n"))
}
