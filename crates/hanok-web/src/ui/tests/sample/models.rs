//! Sample models, deployments and a conversation.

use hanok_domain::fault::Fault;

use super::{MINUTE, NOW};
use crate::ui::deployments::view::*;
use crate::ui::models::view::*;
use crate::ui::playground::view::{Playground, Speaker};

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

pub fn deployments() -> Deployments {
    let row = |id: &str, model: &str, state: &str| DeploymentRow {
        id: id.to_owned(),
        model_id: "model_a".to_owned(),
        model: model.to_owned(),
        state: state.to_owned(),
        fault: None,
        created_at: NOW - 40 * MINUTE,
    };
    let scores = [
        ("billing", 0.948),
        ("refund", 0.041),
        ("account", 0.008),
        ("technical", 0.002),
        ("delivery", 0.001),
        ("praise", 0.0),
    ];
    Deployments {
        rows: vec![
            row("dep_a", "ft:hanok-encoder:support-messages:a1b2", "ready"),
            row("dep_b", "ft:hanok-encoder:trec:9f00", "failed"),
        ],
        model: "ft:hanok-encoder:support-messages:a1b2".to_owned(),
        text: "You charged me twice this month".to_owned(),
        answer: Some(Ok(Tried {
            scores: scores
                .map(|(label, score)| Score {
                    label: label.to_owned(),
                    score,
                })
                .to_vec(),
            milliseconds: 1.8,
        })),
        may_edit: true,
    }
}
