//! Accuracy of a tuned head beside naive Bayes, on held-out rows of real data sets.
//!
//! `HANOK_TEST_DATA=DIR cargo run --release -p hanok-train --example head_quality [SET ...]`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use hanok_models::Encoder;
use hanok_train::baseline::NaiveBayes;
use hanok_train::head::{Example, HeadConfig, train};
use hanok_train::metrics::{compare, evaluate};
use hanok_train::{Flow, TrainEvent};
use sha2::{Digest, Sha256};

type Rows = Vec<(String, String)>;
type Outcome<T> = Result<T, Box<dyn Error>>;

const SETS: [&str; 12] = [
    "tickets",
    "trec6",
    "uci_amazon",
    "uci_imdb",
    "uci_yelp",
    "sst2",
    "sst5",
    "rt",
    "airline",
    "covid",
    "liar",
    "nsmc",
];

fn main() -> Outcome<()> {
    let data = std::env::var("HANOK_TEST_DATA").unwrap_or_default();
    let mut asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.is_empty() {
        asked = SETS.map(String::from).to_vec();
    }
    println!(
        "| set | training rows | held-out rows | labels | naive Bayes | head | delta (95 %) | l2 | seconds |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for name in asked {
        let rows = load(&name, Path::new(&data))?;
        println!("{}", measure(&name, &rows)?);
    }
    Ok(())
}

fn measure(name: &str, rows: &Rows) -> Outcome<String> {
    let mut labels: Vec<String> = rows.iter().map(|(_, label)| label.clone()).collect();
    labels.sort();
    labels.dedup();
    let index = |label: &String| labels.binary_search(label).unwrap_or_default();
    let indexed = rows
        .iter()
        .map(|(text, label)| (text.as_str(), index(label)));
    let (held, training): (Vec<_>, Vec<_>) = indexed.partition(|(text, _)| held_out(text));
    let naive_bayes = NaiveBayes::fit(&training, labels.len());
    let floor: Vec<usize> = held
        .iter()
        .map(|(text, _)| naive_bayes.predict(text))
        .collect();
    let encoder = Encoder::starter()?;
    let features = |(text, label): &(&str, usize)| Example {
        features: encoder.features(text),
        label: *label,
    };
    let examples: Vec<Example> = training.iter().map(features).collect();
    let start = Instant::now();
    let verbose = std::env::var_os("EVENTS").is_some();
    let mut observe = |event: &TrainEvent| {
        if verbose && !matches!(event, TrainEvent::Step { .. }) {
            eprintln!("{event:?}");
        }
        Flow::Continue
    };
    let config = HeadConfig::default();
    let trained = train(&encoder, &examples, &labels, &config, &mut observe)?;
    let seconds = start.elapsed().as_secs_f64();
    let answer = |(text, _): &(&str, usize)| {
        let scores = trained.head.logits(&encoder.features(text));
        (1..scores.len()).fold(0, |best, c| if scores[c] > scores[best] { c } else { best })
    };
    let tuned: Vec<usize> = held.iter().map(answer).collect();
    let gold: Vec<usize> = held.iter().map(|(_, label)| *label).collect();
    let (head, nb) = (
        evaluate(&gold, &tuned, &labels)?,
        evaluate(&gold, &floor, &labels)?,
    );
    let c = compare(&gold, &floor, &tuned)?;
    Ok(format!(
        "| {name} | {} | {} | {} | {:.4} | {:.4} | {:+.4} ({:+.4} to {:+.4}) | {} | {seconds:.1} |",
        training.len(),
        held.len(),
        labels.len(),
        nb.accuracy,
        head.accuracy,
        c.delta,
        c.interval.low,
        c.interval.high,
        trained.recipe.l2,
    ))
}

/// The rule of `hanok-data`, which this crate may not use.
fn held_out(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut hash = Sha256::new();
    hash.update(b"hanok held-out\0");
    hash.update(words.join(" "));
    let digest = hash.finalize();
    let first = digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    ((first >> 11) as f64 / (1_u64 << 53) as f64) < 0.2
}

fn load(name: &str, data: &Path) -> Outcome<Rows> {
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/support-tickets/tickets.csv"
    );
    let uci = |file: &str| {
        lines(
            &data.join(format!("sentiment_uci/{file}_labelled.txt")),
            last_tab,
        )
    };
    match name {
        "tickets" => csv_columns(Path::new(example), 0, 1),
        "trec6" => lines(&data.join("question_trec6/TREC.train"), |line| {
            let (label, text) = line.split_once(' ')?;
            Some((text.to_owned(), label.split(':').next()?.to_owned()))
        }),
        "uci_amazon" => uci("amazon_cells"),
        "uci_imdb" => uci("imdb"),
        "uci_yelp" => uci("yelp"),
        "sst2" => lines(&data.join("sentiment_sst2/train.tsv"), last_tab),
        "sst5" => lines(&data.join("sentiment_sst5/stsa.fine.train"), |line| {
            line.split_once(' ')
                .map(|(label, text)| (text.to_owned(), label.to_owned()))
        }),
        "rt" => {
            let part = |label: &'static str| {
                let file = data.join(format!("sentiment_rt_polarity/rt-polarity.{label}"));
                lines(&file, move |line| Some((line.to_owned(), label.to_owned())))
            };
            Ok([part("neg")?, part("pos")?].concat())
        }
        "airline" => csv_columns(&data.join("sentiment_airline_tweets/Tweets.csv"), 4, 1),
        "covid" => csv_columns(&data.join("fakenews_covid/Constraint_Train.csv"), 1, 2),
        "liar" => lines(&data.join("fakenews_liar/train.tsv"), |line| {
            let columns: Vec<&str> = line.split('\t').collect();
            Some((columns.get(2)?.to_string(), columns.get(1)?.to_string()))
        }),
        "nsmc" => lines(
            &data.join("sentiment_nsmc_ko/nsmc_raw_sample.jsonl"),
            |line| {
                let row: serde_json::Value = serde_json::from_str(line).ok()?;
                Some((
                    row["document"].as_str()?.to_owned(),
                    row["label"].as_i64()?.to_string(),
                ))
            },
        ),
        _ => Err(format!("{name} is none of {}", SETS.join(", ")).into()),
    }
}

fn lines(path: &Path, parse: impl Fn(&str) -> Option<(String, String)>) -> Outcome<Rows> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes)
        .lines()
        .filter_map(parse)
        .collect())
}

fn last_tab(line: &str) -> Option<(String, String)> {
    let (text, label) = line.rsplit_once('\t')?;
    Some((text.trim().to_owned(), label.trim().to_owned()))
}

fn csv_columns(path: &Path, text: usize, label: usize) -> Outcome<Rows> {
    let mut rows = Rows::new();
    for record in csv::Reader::from_path(path)?.byte_records() {
        let record = record?;
        let field = |i: usize| String::from_utf8_lossy(&record[i]).into_owned();
        rows.push((field(text), field(label)));
    }
    Ok(rows)
}
