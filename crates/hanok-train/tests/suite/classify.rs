//! Classifiers on the tiny random BERT of the parity fixtures.

use std::path::{Path, PathBuf};

use hanok_models::{EncoderModel, LoraConfig};
use hanok_train::classify::{self, ClassifyConfig, LabelledText, Method};
use hanok_train::{Flow, TrainError};

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hanok-models/tests/fixtures/bert")
}

/// The label follows from one of the words.
fn rows(count: usize) -> Vec<LabelledText> {
    let row = |i: usize| {
        let marks = ["w20", "w30", "w40", "w50"];
        let text = format!("w{} {} w{}", 5 + i % 9, marks[i % 4], 60 + i % 5);
        (text, i % 4)
    };
    (0..count).map(row).collect()
}

fn labels() -> Vec<String> {
    ["north", "east", "south", "west"]
        .map(str::to_owned)
        .to_vec()
}

fn config(method: Method) -> ClassifyConfig {
    ClassifyConfig {
        method,
        // A frozen random encoder gives little to go by.
        epochs: if method == Method::Head { 200 } else { 40 },
        learning_rate: Some(match method {
            Method::Head => 0.02,
            Method::Lora => 0.003,
            Method::Full => 0.0005,
        }),
        lora: LoraConfig {
            rank: 4,
            alpha: 8.0,
            targets: Vec::new(),
        },
        ..ClassifyConfig::default()
    }
}

#[test]
fn every_method_learns_saves_and_comes_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let (rows, unseen) = (rows(90), rows(130).split_off(90));
    for method in [Method::Head, Method::Lora, Method::Full] {
        let out = dir.path().join(format!("{method:?}"));
        let go_on = &mut |_: &_| Flow::Continue;
        let report = classify::train(
            &base(),
            &rows,
            &unseen,
            &labels(),
            &config(method),
            &out,
            go_on,
        );
        let report = report.expect("trains");
        let accuracy = report.validation_accuracy.expect("there are unseen rows");
        let least = match method {
            Method::Head => 0.5,
            Method::Lora => 0.6,
            Method::Full => 0.8,
        };
        assert!(accuracy >= least, "{method:?}: {accuracy}");
        let model = match method {
            Method::Lora => EncoderModel::load(&base(), Some(&out)),
            Method::Head | Method::Full => EncoderModel::load(&out, None),
        };
        let model = model.expect("loads");
        assert_eq!(model.bert.config.labels, labels());
        let mut right = 0;
        for (text, label) in &unseen {
            let mut texts = hanok_models::Texts::default();
            texts.push(&model.tokenizer.encode_to(text, 32).expect("tokens").ids);
            let logits = model.bert.logits(&texts).expect("a classifier");
            let best = (0..4).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
            right += usize::from(best == Some(*label));
        }
        let found = right as f32 / unseen.len() as f32;
        assert!(
            (found - accuracy).abs() < 1e-6,
            "{method:?}: {found} is not {accuracy}"
        );
    }
}

#[test]
fn what_cannot_be_learnt_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |rows: &[LabelledText], labels: &[String], config: &ClassifyConfig| {
        let out = dir.path().join("out");
        classify::train(&base(), rows, &[], labels, config, &out, &mut |_| {
            Flow::Continue
        })
    };
    let head = config(Method::Head);
    assert!(matches!(
        run(&rows(9), &labels()[..1], &head),
        Err(TrainError::OneClass { .. })
    ));
    assert!(matches!(
        run(&rows(9), &labels()[..2], &head),
        Err(TrainError::Invalid {
            field: "labels",
            ..
        })
    ));
    assert!(matches!(
        run(&[], &labels(), &head),
        Err(TrainError::TooFewRows { .. })
    ));
    let wrong = ClassifyConfig {
        batch_size: 0,
        ..head
    };
    assert!(matches!(
        run(&rows(9), &labels(), &wrong),
        Err(TrainError::Invalid {
            field: "batch_size",
            ..
        })
    ));
    assert!(!dir.path().join("out").exists());
}
