//! Sample data for the pages of models, the playground, and a run that tunes a language model.

use hanok_domain::fault::Fault;

use super::sample::{MINUTE, NOW, run};
use crate::ui::chart::Interval;
use crate::ui::dashboard::view::{Dashboard, LastEvaluation, Outcome};
use crate::ui::models::view::*;
use crate::ui::playground::view::{Playground, Speaker};
use crate::ui::runs::text::{Sample, TextEvaluation, TextFigures, Turn};
use crate::ui::runs::view::{Checkpoint, RunShow};

pub fn model_row(deployed: bool) -> ModelRow {
    ModelRow {
        id: "model_01jb3q8d1vxh2n5c7e9g0k4m6p".to_owned(),
        name: "ft:hanok-encoder:support-messages:a1b2".to_owned(),
        base_model: "hanok-encoder".to_owned(),
        kind: "classifier".to_owned(),
        state: "ready".to_owned(),
        tuned: true,
        labels: 6,
        accuracy: Some(0.936),
        deployed,
        created_at: NOW - 40 * MINUTE,
        ..ModelRow::default()
    }
}

/// An imported language model in some state.
pub fn decoder_row(state: &str) -> ModelRow {
    ModelRow {
        id: "model_01jb3q8d1vxh2n5c7e9g0k4m6q".to_owned(),
        name: "tiny-llama".to_owned(),
        kind: "decoder".to_owned(),
        state: state.to_owned(),
        facts: Facts {
            architecture: "llama".to_owned(),
            parameters: Some(124_439_808),
            context: Some(2048),
        },
        created_at: NOW - 3 * MINUTE,
        ..ModelRow::default()
    }
}

pub fn shipped() -> Vec<ModelRow> {
    let row = |name: &str, kind: &str| ModelRow {
        name: name.to_owned(),
        kind: kind.to_owned(),
        state: "ready".to_owned(),
        ..ModelRow::default()
    };
    vec![
        row("hanok-encoder", "encoder"),
        row("hanok-decoder", "decoder"),
    ]
}

pub fn decoder(state: &str) -> ModelShow {
    let related = |name: &str, step| Related {
        id: format!("model_{}", name.len()),
        name: name.to_owned(),
        step,
    };
    ModelShow {
        row: decoder_row(state),
        format: "hf".to_owned(),
        has_chat_template: true,
        files: vec![
            ("config.json".to_owned(), 812),
            ("model.safetensors".to_owned(), 497_759_232),
        ],
        siblings: vec![related("ft:tiny:ckpt-step-60", Some(60))],
        tuned: vec![related("ft:tiny-llama:personal:chats", None)],
        bytes: 497_760_044,
        may_edit: true,
        ..ModelShow::default()
    }
}

pub fn decoder_failed() -> ModelShow {
    let fault = Fault::invalid(
        "shape_mismatch",
        "model.safetensors: lm_head.weight is [32000, 64], not [32000, 128].",
    )
    .remedy("Download the weights that belong to this config.json.");
    ModelShow {
        fault: Some(fault),
        ..decoder("failed")
    }
}

pub fn model(deployed: bool) -> ModelShow {
    ModelShow {
        row: model_row(deployed),
        format: "head".to_owned(),
        labels: [
            "account",
            "billing",
            "delivery",
            "praise",
            "refund",
            "technical",
        ]
        .map(str::to_owned)
        .to_vec(),
        run: Some(("run_a".to_owned(), "support messages".to_owned())),
        dataset: Some(("ds_a".to_owned(), "support messages".to_owned())),
        bytes: 18_512,
        delta: Some(0.324),
        example: "You charged me twice, and it's \"urgent\"".to_owned(),
        may_edit: true,
        ..ModelShow::default()
    }
}

pub fn playground() -> Playground {
    let speaker = |name: &str, kind: &str| Speaker {
        name: name.to_owned(),
        kind: kind.to_owned(),
    };
    Playground {
        speakers: vec![
            speaker("ft:hanok-encoder:support-messages:a1b2", "classifier"),
            speaker("tiny-llama", "decoder"),
        ],
        model: "tiny-llama".to_owned(),
    }
}

/// A run that tuned a language model, with its checkpoints and both models' answers.
pub fn run_text() -> RunShow {
    let figures = |loss: f64, accuracy| TextFigures {
        loss,
        perplexity: loss.exp(),
        accuracy,
        tokens: 4210,
    };
    let turn = |role: &str, content: &str| Turn {
        role: role.to_owned(),
        content: content.to_owned(),
    };
    let sample = Sample {
        messages: vec![
            turn("system", "Answer in one sentence."),
            turn("user", "<script>alert(1)</script> 택배는 언제 오나요?"),
        ],
        expected: "내일 오후에 도착합니다.".to_owned(),
        base: "The the the of <b>parcel</b>\n\nand so on".to_owned(),
        tuned: "내일 오후에 도착합니다.".to_owned(),
    };
    let checkpoint = |epoch: u64| Checkpoint {
        step: epoch * 60,
        epoch,
        train_loss: Some(2.1 / epoch as f64),
        valid_loss: (epoch > 1).then_some(1.9),
        id: format!("model_{epoch}"),
        name: format!(
            "ft:tiny-llama:personal:chats:01jb3q:ckpt-step-{}",
            epoch * 60
        ),
    };
    RunShow {
        method: "lora".to_owned(),
        base_model: "tiny-llama".to_owned(),
        text_evaluation: Some(TextEvaluation {
            base: figures(2.206, 0.412),
            tuned: figures(1.612, 0.571),
            delta: Interval {
                delta: -0.594,
                low: -0.671,
                high: -0.518,
            },
            rows: 120,
            skipped: 2,
            wins: 117,
            losses: 3,
            samples: vec![sample],
        }),
        checkpoints: vec![checkpoint(1), checkpoint(2)],
        figures: vec![
            ("training_rows", 480.0),
            ("skipped_rows", 3.0),
            ("tokens_per_s", 9_120.4),
        ],
        model: Some((
            "model_b".to_owned(),
            "ft:tiny-llama:personal:chats:01jb3q".to_owned(),
        )),
        ..run("succeeded")
    }
}

/// A dashboard whose last evaluation is of a model that writes text.
pub fn dashboard(lang: crate::ui::lang::Lang) -> Dashboard {
    let run = run_text();
    Dashboard {
        evaluation: run.text_evaluation.map(|result| LastEvaluation {
            run_id: run.id,
            run_name: run.name,
            at: run.created_at,
            result: Outcome::Text(result),
        }),
        ..super::sample::dashboard(lang)
    }
}
