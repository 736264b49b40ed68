//! Data sets that others published, where `HANOK_TEST_DATA` says where they are.

use std::path::{Path, PathBuf};

use crate::home::Home;

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("HANOK_TEST_DATA")?;
    Some(Path::new(&root).join(path)).filter(|path| path.exists())
}

/// A quickstart on the file accounts for every line of it and beats naive Bayes on the same held-out rows.
fn assert_beats_the_floor(home: &Home, path: &str) {
    let Some(file) = shared(path) else {
        return;
    };
    let lines = std::fs::read(&file).expect("a file");
    let lines = lines
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .count();
    let file = file.display().to_string();
    let summary = home.json(["quickstart", "--exit", "--json", "--data", &file]);
    let report = &summary["eval"]["report"];
    let tuned = report["tuned"]["accuracy"].as_f64().unwrap_or(f64::NAN);
    let floor = report["floor"]["naive_bayes"].as_f64().unwrap_or(f64::NAN);
    assert!(tuned > floor, "{path}: {tuned} does not beat {floor}");
    let version = &summary["dataset"]["version"];
    let count = |value: &serde_json::Value| value.as_u64().unwrap_or_default();
    let (kept, left_out) = (
        count(&version["rows"]),
        count(&version["statistics"]["rejected_total"]),
    );
    assert_eq!(
        kept + left_out,
        lines as u64,
        "{path}: a line is neither kept nor named"
    );
    assert!(left_out <= 1, "{path}: {left_out} rows were left out");
}

#[test]
fn questions_by_their_answer_type() {
    assert_beats_the_floor(&Home::served(), "question_trec6/TREC.train");
}

#[test]
fn sentences_of_reviews_without_a_header() {
    let home = Home::served();
    for name in ["amazon_cells", "imdb", "yelp"] {
        assert_beats_the_floor(&home, &format!("sentiment_uci/{name}_labelled.txt"));
    }
}
