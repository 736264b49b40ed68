//! A tuned head is worth its training: it beats naive Bayes on rows that neither has seen.

use std::path::{Path, PathBuf};

use hanok_train::baseline::NaiveBayes;
use hanok_train::head::{HeadConfig, train};
use hanok_train::metrics::{Comparison, compare};

use super::data::{Row, argmax, encoder, examples, go_on, held_out, labels};

/// Naive Bayes against the head on the held-out fifth.
fn against_naive_bayes(rows: Vec<Row>, names: &[&str]) -> Comparison {
    let (held, training): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|(t, _)| held_out(t));
    let floor = NaiveBayes::fit(&training, names.len());
    let config = HeadConfig::default();
    let trained = train(
        &encoder(),
        &examples(&training),
        &labels(names),
        &config,
        &mut go_on,
    )
    .expect("trains");
    let gold: Vec<usize> = held.iter().map(|(_, label)| *label).collect();
    let base: Vec<usize> = held.iter().map(|(text, _)| floor.predict(text)).collect();
    let answer = |e: &hanok_train::head::Example| argmax(&trained.head.logits(&e.features));
    let tuned: Vec<usize> = examples(&held).iter().map(answer).collect();
    compare(&gold, &base, &tuned).expect("fits")
}

#[test]
fn the_example_data_is_neither_trivial_nor_hopeless() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/support-tickets/tickets.csv"
    );
    let names = [
        "account",
        "billing",
        "bug",
        "cancellation",
        "delivery",
        "praise",
    ];
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(path).expect("is there").records() {
        let record = record.expect("is CSV");
        let label = names.iter().position(|name| *name == &record[1]);
        rows.push((record[0].to_owned(), label.expect("a known label")));
    }
    let mut texts: Vec<String> = rows.iter().map(|(text, _)| text.to_lowercase()).collect();
    texts.sort();
    texts.dedup();
    assert!(rows.len() >= 1_200 && texts.len() == rows.len());
    let c = against_naive_bayes(rows, &names);
    assert!((0.8..0.95).contains(&c.base), "naive Bayes {}", c.base);
    assert!(c.tuned > 0.94 && c.interval.low > 0.03, "{c:?}");
}

fn test_data() -> Option<PathBuf> {
    std::env::var_os("HANOK_TEST_DATA").map(PathBuf::from)
}

fn lines(path: &Path, parse: impl Fn(&str) -> Option<Row>) -> Vec<Row> {
    let bytes = std::fs::read(path).expect("the file is there");
    String::from_utf8_lossy(&bytes)
        .lines()
        .filter_map(parse)
        .collect()
}

#[test]
fn beats_naive_bayes_on_questions() {
    let Some(data) = test_data() else { return };
    let names = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"];
    let rows = lines(&data.join("question_trec6/TREC.train"), |line| {
        let (label, text) = line.split_once(' ')?;
        let coarse = label.split(':').next()?;
        Some((
            text.to_owned(),
            names.iter().position(|name| *name == coarse)?,
        ))
    });
    let c = against_naive_bayes(rows, &names);
    assert!(c.interval.low > 0.0, "{c:?}");
}

#[test]
fn beats_naive_bayes_on_a_few_hundred_sentences() {
    let Some(data) = test_data() else { return };
    let mut all = Vec::new();
    for file in ["amazon_cells", "imdb", "yelp"] {
        let path = data.join(format!("sentiment_uci/{file}_labelled.txt"));
        let rows = lines(&path, |line| {
            let (text, label) = line.rsplit_once('\t')?;
            Some((text.trim().to_owned(), label.trim().parse().ok()?))
        });
        let c = against_naive_bayes(rows, &["0", "1"]);
        assert!(c.delta > 0.0, "{file}: {c:?}");
        all.push(c.delta);
    }
    assert!(all.iter().sum::<f64>() > 0.1, "{all:?}");
}
