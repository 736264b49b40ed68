//! What cannot be learnt from is refused with a code and a remedy.

use hanok_train::head::{HeadConfig, train};

use super::data::{encoder, examples, go_on, labels, rows, topics};

fn refusal(rows: &[(String, usize)], labels: &[String], config: &HeadConfig) -> (String, String) {
    let error = train(&encoder(), &examples(rows), labels, config, &mut go_on)
        .expect_err("must be refused");
    (error.code().to_owned(), error.to_string())
}

#[test]
fn data_that_cannot_be_learnt_is_refused() {
    let config = HeadConfig::default();
    let (code, text) = refusal(&rows(10), &topics(), &config);
    assert_eq!(code, "too_few_rows");
    assert!(
        text.contains("10 training rows") && text.contains("at least 20"),
        "{text}"
    );

    let one: Vec<_> = rows(30).into_iter().map(|(text, _)| (text, 0)).collect();
    let (code, text) = refusal(&one, &labels(&["only"]), &config);
    assert_eq!(code, "one_class");
    assert!(
        text.contains("\"only\"") && text.contains("add rows"),
        "{text}"
    );

    let mut rare = rows(30);
    rare.push(("a lonely row".to_owned(), 3));
    let names = labels(&["a", "b", "c", "lonely"]);
    let (code, text) = refusal(&rare, &names, &config);
    assert_eq!(code, "rare_label");
    assert!(
        text.contains("\"lonely\"") && text.contains("rename or remove"),
        "{text}"
    );

    let many: Vec<_> = rows(1_001)
        .into_iter()
        .enumerate()
        .map(|(i, (t, _))| (t, i))
        .collect();
    let names: Vec<String> = (0..1_001).map(|i| format!("label {i}")).collect();
    let (code, text) = refusal(&many, &names, &config);
    assert_eq!(code, "too_many_labels");
    assert!(text.contains("label column"), "{text}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let rows = rows(30);
    let base = HeadConfig::default;
    for (config, field) in [
        (
            HeadConfig {
                learning_rate: Some(0.0),
                ..base()
            },
            "learning_rate",
        ),
        (
            HeadConfig {
                learning_rate: Some(f32::NAN),
                ..base()
            },
            "learning_rate",
        ),
        (
            HeadConfig {
                epochs: Some(0),
                ..base()
            },
            "epochs",
        ),
        (
            HeadConfig {
                batch_size: 0,
                ..base()
            },
            "batch_size",
        ),
        (
            HeadConfig {
                l2: Some(-1.0),
                ..base()
            },
            "l2",
        ),
        (
            HeadConfig {
                validation: 0.6,
                ..base()
            },
            "validation",
        ),
        (
            HeadConfig {
                label_smoothing: 1.0,
                ..base()
            },
            "label_smoothing",
        ),
        (
            HeadConfig {
                warmup: 1.0,
                ..base()
            },
            "warmup",
        ),
        (
            HeadConfig {
                dense_weight: f32::INFINITY,
                ..base()
            },
            "dense_weight",
        ),
    ] {
        let (code, text) = refusal(&rows, &topics(), &config);
        assert_eq!(code, "invalid_setting");
        assert!(text.starts_with(field), "{text}");
    }
}

#[test]
fn weights_that_run_away_are_reported_not_saved() {
    let mut examples = examples(&rows(40));
    examples[5].features.dense[0] = f32::NAN;
    let error = train(
        &encoder(),
        &examples,
        &topics(),
        &HeadConfig::default(),
        &mut go_on,
    )
    .expect_err("not finite");
    assert_eq!(error.code(), "loss_not_finite");
}

#[test]
fn examples_of_another_encoder_are_refused() {
    let mut examples = examples(&rows(40));
    examples[3].features.dense.pop();
    let error = train(
        &encoder(),
        &examples,
        &topics(),
        &HeadConfig::default(),
        &mut go_on,
    )
    .expect_err("refused");
    assert!(error.to_string().contains("another encoder"), "{error}");
}

#[test]
fn settings_read_from_json_with_unknown_ones_refused() {
    let config: HeadConfig =
        serde_json::from_str(r#"{"epochs": 3, "schedule": "cosine"}"#).expect("reads");
    assert_eq!((config.epochs, config.batch_size), (Some(3), 16));
    assert!(serde_json::from_str::<HeadConfig>(r#"{"learning_rat": 1}"#).is_err());
}
