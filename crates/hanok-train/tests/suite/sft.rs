//! Supervised fine-tuning on the tiny random models of the parity fixtures.

use std::path::{Path, PathBuf};

use hanok_models::{ChatMessage, LanguageModel, LoraConfig};
use hanok_train::sft::{self, Method, Overlong, SftConfig};
use hanok_train::{Flow, TrainError, TrainEvent};

pub fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hanok-models/tests/fixtures/llama_a")
}

fn turn(role: &str, content: &str) -> ChatMessage {
    ChatMessage::new(role, content)
}

/// Questions whose answer follows from one word.
pub fn rows(count: usize) -> Vec<Vec<ChatMessage>> {
    let row = |i: usize| {
        let (asked, answer) = [("w10", "w20 w21"), ("w11", "w30 w31 w32"), ("w12", "w40")][i % 3];
        let question = format!("w{} {asked} w{}", 50 + i % 7, 60 + i % 5);
        vec![turn("user", &question), turn("assistant", answer)]
    };
    (0..count).map(row).collect()
}

pub fn config(method: Method) -> SftConfig {
    SftConfig {
        method,
        epochs: 6,
        batch_size: 6,
        learning_rate: Some(0.02),
        lora: LoraConfig {
            rank: 4,
            alpha: 8.0,
            targets: Vec::new(),
        },
        ..SftConfig::default()
    }
}

fn mean_loss(model: &LanguageModel, rows: &[Vec<ChatMessage>]) -> f64 {
    let judged = sft::evaluate(model, rows, &mut |_| true).expect("judged");
    let tokens: usize = judged.iter().map(|row| row.tokens).sum();
    judged.iter().map(|row| row.loss).sum::<f64>() / tokens as f64
}

#[test]
fn both_methods_learn_save_and_come_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let (rows, unseen) = (rows(36), rows(41).split_off(36));
    let before = mean_loss(&LanguageModel::load(&base(), None).expect("loads"), &unseen);
    for method in [Method::Lora, Method::Full] {
        let out = dir.path().join(format!("{method:?}"));
        let (mut losses, mut checkpoints) = (Vec::new(), Vec::new());
        let report = sft::train(
            &base(),
            &rows,
            &unseen,
            &config(method),
            &out,
            &mut |event| {
                match event {
                    TrainEvent::Step { loss, .. } => losses.push(*loss),
                    TrainEvent::Checkpoint { step, dir, .. } => {
                        assert!(dir.is_dir(), "it lives while it is told of");
                        checkpoints.push((*step, dir.clone()));
                    }
                    _ => {}
                }
                Flow::Continue
            },
        );
        let report = report.expect("trains");
        assert_eq!((report.steps, losses.len(), report.rows), (36, 36, 36));
        let steps: Vec<usize> = checkpoints.iter().map(|(step, _)| *step).collect();
        assert_eq!(steps, [6, 12, 18, 24, 30]);
        assert!(checkpoints.iter().all(|(_, dir)| !dir.exists()));
        let model = match method {
            Method::Lora => LanguageModel::load(&base(), Some(&out)),
            Method::Full => LanguageModel::load(&out, None),
        };
        let after = mean_loss(&model.expect("loads"), &unseen);
        assert!(after < 0.5 * before, "{method:?}: {before} -> {after}");
        let told = report.validation_loss.expect("there are validation rows");
        assert!(
            (f64::from(told) - after).abs() < 1e-4,
            "{told} is not {after}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_on_every_number_of_threads() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |name: &str, threads: usize| {
        let out = dir.path().join(name);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        let config = SftConfig {
            epochs: 1,
            ..config(Method::Lora)
        };
        pool.install(|| {
            sft::train(&base(), &rows(20), &[], &config, &out, &mut |_| {
                Flow::Continue
            })
        })
        .expect("trains");
        std::fs::read(out.join("adapter_model.safetensors")).expect("the adapter")
    };
    let one = run("one", 1);
    assert_eq!(run("two", 2), one);
    assert_eq!(run("three", 3), one);
}

#[test]
fn a_step_in_parts_is_the_step_in_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |name: &str, batch_size: usize, gradient_accumulation: usize| {
        let config = SftConfig {
            batch_size,
            gradient_accumulation,
            max_steps: Some(4),
            ..config(Method::Full)
        };
        let mut losses = Vec::new();
        let observe = &mut |event: &TrainEvent| {
            if let TrainEvent::Step { loss, .. } = event {
                losses.push(*loss);
            }
            Flow::Continue
        };
        sft::train(
            &base(),
            &rows(36),
            &[],
            &config,
            &dir.path().join(name),
            observe,
        )
        .expect("trains");
        losses
    };
    assert_eq!(run("whole", 12, 1), run("parts", 3, 4));
}

#[test]
fn rows_that_cannot_be_used_are_counted_and_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut bad = rows(6);
    bad[1] = vec![];
    bad[2] = vec![turn("user", "w1")];
    bad[3][1].content = "  ".to_owned();
    bad[4][0].role = "wizard".to_owned();
    bad[5][1].content = "w7 ".repeat(80);
    let mut told = Vec::new();
    let out = dir.path().join("out");
    let report = sft::train(
        &base(),
        &bad,
        &[],
        &config(Method::Lora),
        &out,
        &mut |event| {
            if let TrainEvent::Skipped { row, .. } = event {
                told.push(*row);
            }
            Flow::Continue
        },
    );
    let report = report.expect("one row is left");
    assert_eq!((report.rows, told), (1, vec![1, 2, 3, 4, 5]));
    let codes: Vec<&str> = report.skipped.iter().map(|row| row.code).collect();
    assert_eq!(codes[0], "empty_conversation");
    assert_eq!(codes[4], "too_long");

    let refuse = SftConfig {
        overlong: Overlong::Refuse,
        ..config(Method::Lora)
    };
    let error = sft::train(&base(), &bad, &[], &refuse, &out, &mut |_| Flow::Continue);
    assert!(error.expect_err("refused").to_string().contains("row 6"));
    let cut = SftConfig {
        overlong: Overlong::Truncate,
        ..config(Method::Lora)
    };
    let report = sft::train(&base(), &bad, &[], &cut, &out, &mut |_| Flow::Continue);
    assert_eq!(report.expect("trains").rows, 2);
    let none = sft::train(&base(), &bad[1..2], &[], &cut, &out, &mut |_| {
        Flow::Continue
    });
    assert!(
        matches!(none, Err(TrainError::NoRows { rows: 1, .. })),
        "{none:?}"
    );
}

#[test]
fn stopping_and_nonsense_leave_no_result() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("out");
    let stopped = sft::train(
        &base(),
        &rows(36),
        &[],
        &config(Method::Lora),
        &out,
        &mut |event| match event {
            TrainEvent::Checkpoint { .. } => Flow::Stop,
            _ => Flow::Continue,
        },
    );
    assert_eq!(stopped, Err(TrainError::Stopped { step: 6 }));
    let hot = SftConfig {
        learning_rate: Some(1.0),
        max_grad_norm: 1e9,
        weight_decay: 1.0,
        ..config(Method::Full)
    };
    let wrong = [
        SftConfig {
            epochs: 0,
            ..hot.clone()
        },
        SftConfig {
            warmup_ratio: f32::NAN,
            ..hot.clone()
        },
        SftConfig {
            lora: LoraConfig {
                rank: 0,
                ..LoraConfig::default()
            },
            ..hot.clone()
        },
        SftConfig {
            method: Method::Lora,
            lora: LoraConfig {
                targets: vec!["c_attn".to_owned()],
                ..LoraConfig::default()
            },
            ..hot
        },
    ];
    for config in wrong {
        let refused = sft::train(&base(), &rows(3), &[], &config, &out, &mut |_| {
            Flow::Continue
        });
        let error = refused.expect_err("refused");
        assert!(!error.to_string().is_empty());
    }
    let left: Vec<_> = std::fs::read_dir(dir.path()).expect("lists").collect();
    assert!(left.is_empty(), "{left:?}");
}
