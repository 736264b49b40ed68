//! Heads: arithmetic, round trips, and heads that must be refused.

use hanok_models::{Classifier, Encoder, Features, Head, HeadParts, ModelError};

fn parts() -> HeadParts {
    HeadParts {
        encoder: "e".to_owned(),
        labels: vec!["no".to_owned(), "예".to_owned()],
        dim: 2,
        hash_buckets: 16,
        dense: vec![1.0, 0.0, 0.0, 2.0],
        buckets: vec![3, 9],
        sparse: vec![0.5, -0.5, 4.0, 8.0],
        bias: vec![0.25, -0.25],
    }
}

fn features() -> Features {
    Features {
        dense: vec![0.5, 0.25],
        sparse: vec![(2, 9.0), (3, 1.0), (9, 0.5), (15, 9.0)],
        tokens: 4,
        truncated: false,
    }
}

#[test]
fn logits_are_the_sum_of_both_parts() {
    let head = Head::new(parts()).unwrap();
    assert_eq!(head.logits(&features()), [3.25, 3.75]);
    let odds = head.probabilities(&features());
    assert!((odds[0] + odds[1] - 1.0).abs() < 1e-6);
    assert!((odds[1] / odds[0] - 0.5_f32.exp()).abs() < 1e-5);
}

#[test]
fn probabilities_survive_large_scores() {
    let mut large = parts();
    large.bias = vec![3e38, -3e38];
    let odds = Head::new(large).unwrap().probabilities(&features());
    assert_eq!(odds, [1.0, 0.0]);
}

#[test]
fn a_file_gives_back_the_head_and_the_same_bytes() {
    let head = Head::new(parts()).unwrap();
    let bytes = head.to_safetensors().unwrap();
    let back = Head::from_safetensors(&bytes).unwrap();
    assert_eq!(back.parts(), head.parts());
    assert_eq!(back.to_safetensors().unwrap(), bytes);
}

#[test]
fn a_head_without_sparse_weights_is_a_head() {
    let mut dense = parts();
    dense.buckets.clear();
    dense.sparse.clear();
    let bytes = Head::new(dense).unwrap().to_safetensors().unwrap();
    let head = Head::from_safetensors(&bytes).unwrap();
    assert_eq!(head.logits(&features()), [0.75, 0.25]);
}

#[test]
fn impossible_parts_are_refused() {
    type Change = (&'static str, fn(&mut HeadParts));
    let changes: [Change; 8] = [
        ("two labels", |p| p.labels.truncate(1)),
        ("bias", |p| p.bias.push(0.0)),
        ("dense", |p| p.dense.truncate(3)),
        ("sparse", |p| p.sparse.push(0.0)),
        ("ascending", |p| p.buckets = vec![9, 3]),
        ("ascending", |p| p.buckets = vec![9, 9]),
        ("hash_buckets", |p| p.buckets = vec![3, 16]),
        ("NaN", |p| p.sparse[0] = f32::NAN),
    ];
    for (reason, change) in changes {
        let mut broken = parts();
        change(&mut broken);
        let error = Head::new(broken).unwrap_err().to_string();
        assert!(error.contains(reason), "{error} lacks {reason}");
    }
}

#[test]
fn a_head_goes_on_its_own_encoder_only() {
    let encoder = Encoder::starter().unwrap();
    let config = encoder.config();
    let mut own = parts();
    own.dim = config.dim;
    own.hash_buckets = config.hash_buckets;
    own.dense = vec![0.0; 2 * config.dim];
    let stranger = Classifier::new(encoder.clone(), Head::new(own.clone()).unwrap());
    assert!(matches!(stranger, Err(ModelError::EncoderMismatch { .. })));
    own.encoder = encoder.fingerprint().to_owned();
    let classifier = Classifier::new(encoder, Head::new(own).unwrap()).unwrap();
    assert_eq!(classifier.labels(), ["no", "예"]);
    assert!(classifier.probabilities("text")[0] > 0.5);
}
