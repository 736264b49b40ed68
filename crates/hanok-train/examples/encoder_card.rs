//! The quality table of the starter encoder's card: accuracy and speed on labelled public sets.
//!
//! `HANOK_TEST_DATA=DIR cargo run --release -p hanok-train --example encoder_card [SET ...]`
//!
//! Each set is read, rid of repeated texts, split 80 to 20 by a hash of the text, and used to train
//! a head with the default settings. Speed is texts to label scores on one core.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use hanok_models::{Encoder, Head, LabelNames};
use hanok_train::Flow;
use hanok_train::baseline::{NaiveBayes, majority};
use hanok_train::head::{Example, HeadConfig, LEAST_ROWS_PER_LABEL, train};
use sha2::{Digest, Sha256};

type Rows = Vec<(String, String)>;
type Outcome<T> = Result<T, Box<dyn Error>>;
type Row = (String, usize);

/// Where a set's rows are, and which columns hold text and label.
struct Set {
    name: &'static str,
    language: &'static str,
    file: &'static str,
    layout: Layout,
}

enum Layout {
    /// Separator, column names of the text (joined by a blank), column name of the label.
    Csv(u8, &'static [&'static str], &'static str),
    /// Unquoted columns by number: text, label.
    Tabs(usize, usize),
    /// `label text`; the label ends at a colon or blank.
    LabelFirst,
    /// JSON lines: keys of text and label.
    Json(&'static str, &'static str),
    /// One text a line in `FILE.neg` and `FILE.pos`.
    TwoFiles,
}

const fn set(
    name: &'static str,
    language: &'static str,
    file: &'static str,
    layout: Layout,
) -> Set {
    Set {
        name,
        language,
        file,
        layout,
    }
}

const JOB: &[&str] = &[
    "Responsibilities",
    "Minimum Qualifications",
    "Preferred Qualifications",
];

#[rustfmt::skip]
const SETS: [Set; 18] = [
    set("SST-2", "en", "sentiment_sst2/train.tsv", Layout::Tabs(0, 1)),
    set("SST-5", "en", "sentiment_sst5/stsa.fine.train", Layout::LabelFirst),
    set("RT polarity", "en", "sentiment_rt_polarity/rt-polarity", Layout::TwoFiles),
    set("Airline tweets", "en", "sentiment_airline_tweets/Tweets.csv", Layout::Csv(b',', &["text"], "airline_sentiment")),
    set("UCI Amazon", "en", "sentiment_uci/amazon_cells_labelled.txt", Layout::Tabs(0, 1)),
    set("UCI IMDb", "en", "sentiment_uci/imdb_labelled.txt", Layout::Tabs(0, 1)),
    set("UCI Yelp", "en", "sentiment_uci/yelp_labelled.txt", Layout::Tabs(0, 1)),
    set("TREC-6", "en", "question_trec6/TREC.train", Layout::LabelFirst),
    set("COVID fake news", "en", "fakenews_covid/Constraint_Train.csv", Layout::Csv(b',', &["tweet"], "label")),
    set("LIAR", "en", "fakenews_liar/train.tsv", Layout::Tabs(2, 1)),
    set("Resumes", "en", "jobs_resumes/UpdatedResumeDataSet.csv", Layout::Csv(b',', &["Resume"], "Role")),
    set("Google jobs, text", "en", "jobs_google_skills/job_skills.csv", Layout::Csv(b';', JOB, "Category")),
    set("Google jobs, title", "en", "jobs_google_skills/job_skills.csv", Layout::Csv(b';', &["Title"], "Category")),
    set("BBC topics", "en", "summ_bbc/bbc.jsonl", Layout::Json("document", "category")),
    set("SMS spam", "en", "malformed_csv/sms_spam/raw_data.tsv", Layout::Tabs(1, 0)),
    set("MTS-Dialog sections", "en", "summ_mts_dialog/MTS-Dialog-TrainingSet.csv", Layout::Csv(b',', &["dialogue"], "section_header")),
    set("NSMC", "ko", "sentiment_nsmc_ko/nsmc_raw_sample.jsonl", Layout::Json("document", "label")),
    set("Chatbot", "ko", "instr_ko_chatbot/ChatbotData.csv", Layout::Csv(b',', &["Q"], "label")),
];

fn main() -> Outcome<()> {
    let data = std::env::var("HANOK_TEST_DATA")?;
    let asked: Vec<String> = std::env::args().skip(1).collect();
    println!(
        "| set | language | training | held out | labels | majority | untuned | naive Bayes, words \
         | naive Bayes, character pairs | head | texts/s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for set in &SETS {
        if asked.is_empty() || asked.iter().any(|name| name == set.name) {
            println!("{}", measure(set, read(set, Path::new(&data))?)?);
        }
    }
    Ok(())
}

fn measure(set: &Set, rows: Rows) -> Outcome<String> {
    let encoder = Encoder::starter()?;
    let (training, held, labels) = split(rows);
    let examples: Vec<Example> = training
        .iter()
        .map(|(text, label)| Example {
            features: encoder.features(text),
            label: *label,
        })
        .collect();
    let config = HeadConfig::default();
    let head = train(&encoder, &examples, &labels, &config, &mut |_| {
        Flow::Continue
    })?
    .head;
    let names = LabelNames::new(&encoder, &labels);
    let most = majority(training.iter().map(|(_, label)| *label), labels.len());
    Ok(format!(
        "| {} | {} | {} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} |",
        set.name,
        set.language,
        training.len(),
        held.len(),
        labels.len(),
        accuracy(&held, |_| most),
        accuracy(&held, |text| best(&names.similarity(&encoder.embed(text)))),
        naive_bayes(&training, &held, labels.len(), str::to_owned),
        naive_bayes(&training, &held, labels.len(), character_pairs),
        accuracy(&held, |text| best(&head.logits(&encoder.features(text)))),
        texts_per_second(&held, &encoder, &head),
    ))
}

fn naive_bayes(
    training: &[Row],
    held: &[Row],
    classes: usize,
    view: impl Fn(&str) -> String,
) -> f64 {
    let seen: Vec<Row> = training.iter().map(|(t, l)| (view(t), *l)).collect();
    let model = NaiveBayes::fit(&seen, classes);
    accuracy(held, |text| model.predict(&view(text)))
}

/// Each word as its overlapping pairs of characters, which suits Korean better than words.
fn character_pairs(text: &str) -> String {
    let mut pairs = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = format!("_{word}_").chars().collect();
        for pair in chars.windows(2).filter(|_| !word.is_empty()) {
            pairs.extend(pair);
            pairs.push(' ');
        }
    }
    pairs
}

fn accuracy(held: &[Row], answer: impl Fn(&str) -> usize) -> f64 {
    let hits = held.iter().filter(|(t, label)| answer(t) == *label).count();
    hits as f64 / held.len() as f64
}

fn best(scores: &[f32]) -> usize {
    (1..scores.len()).fold(0, |best, c| if scores[c] > scores[best] { c } else { best })
}

fn texts_per_second(held: &[Row], encoder: &Encoder, head: &Head) -> f64 {
    let (start, mut texts) = (Instant::now(), 0);
    while start.elapsed().as_secs_f64() < 1.0 {
        for (text, _) in held {
            std::hint::black_box(head.logits(&encoder.features(text)));
        }
        texts += held.len();
    }
    texts as f64 / start.elapsed().as_secs_f64()
}

/// Training rows, held-out rows and label names; labels too rare to train on are left out.
fn split(rows: Rows) -> (Vec<Row>, Vec<Row>, Vec<String>) {
    let mut seen = HashSet::new();
    let kept: Vec<_> = rows
        .into_iter()
        .filter(|(text, _)| !text.trim().is_empty() && seen.insert(text.clone()))
        .collect();
    let (held, training): (Rows, Rows) = kept.into_iter().partition(|(text, _)| held_out(text));
    let mut counts = BTreeMap::new();
    for (_, label) in &training {
        *counts.entry(label.clone()).or_insert(0) += 1;
    }
    counts.retain(|_, rows| *rows >= LEAST_ROWS_PER_LABEL);
    let labels: Vec<String> = counts.into_keys().collect();
    let index = |rows: Rows| -> Vec<Row> {
        let known = |(text, label)| Some((text, labels.binary_search(&label).ok()?));
        rows.into_iter().filter_map(known).collect()
    };
    (index(training), index(held), labels)
}

/// The rule of `hanok-data`, which this crate may not use.
fn held_out(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut hash = Sha256::new();
    hash.update(b"hanok held-out\0");
    hash.update(words.join(" "));
    let digest = hash.finalize();
    let first = digest.iter().take(8);
    let position = first.fold(0_u64, |n, byte| n << 8 | u64::from(*byte)) >> 11;
    (position as f64 / (1_u64 << 53) as f64) < 0.2
}

fn read(set: &Set, data: &Path) -> Outcome<Rows> {
    let load = |file: &str| -> Outcome<String> {
        let bytes = std::fs::read(data.join(file)).map_err(|e| format!("{file}: {e}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    if let Layout::TwoFiles = set.layout {
        let part = |label: &str| -> Outcome<Rows> {
            let text = load(&format!("{}.{label}", set.file))?;
            let row = |line: &str| (line.trim().to_owned(), label.to_owned());
            Ok(text.lines().map(row).collect())
        };
        return Ok([part("neg")?, part("pos")?].concat());
    }
    let text = load(set.file)?;
    if let Layout::Csv(separator, columns, label) = set.layout {
        return read_csv(&text, separator, columns, label);
    }
    let lines = text.lines().filter_map(|line| match set.layout {
        Layout::LabelFirst => {
            let (label, text) = line.split_once(' ')?;
            Some((text, label.split(':').next()?.to_owned()))
        }
        Layout::Tabs(text, label) => {
            let columns: Vec<&str> = line.split('\t').collect();
            Some((*columns.get(text)?, columns.get(label)?.trim().to_owned()))
        }
        _ => None,
    });
    let mut rows: Rows = lines.map(|(t, l)| (t.trim().to_owned(), l)).collect();
    if let Layout::Json(key, label) = set.layout {
        rows = text
            .lines()
            .filter_map(|l| json_row(l, key, label))
            .collect();
    }
    Ok(rows)
}

fn json_row(line: &str, text: &str, label: &str) -> Option<(String, String)> {
    let row: serde_json::Value = serde_json::from_str(line).ok()?;
    let name = match &row[label] {
        serde_json::Value::String(name) => name.clone(),
        serde_json::Value::Null => return None,
        number => number.to_string(),
    };
    Some((row[text].as_str()?.to_owned(), name))
}

fn read_csv(text: &str, separator: u8, columns: &[&str], label: &str) -> Outcome<Rows> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers()?.clone();
    let place = |name: &str| {
        let found = header.iter().position(|column| column == name);
        found.ok_or_else(|| format!("no column {name}"))
    };
    let texts = columns
        .iter()
        .map(|c| place(c))
        .collect::<Result<Vec<_>, _>>()?;
    let label = place(label)?;
    let mut rows = Rows::new();
    for record in reader.records() {
        let record = record?;
        let parts: Vec<&str> = texts.iter().filter_map(|c| record.get(*c)).collect();
        let name = record.get(label).unwrap_or_default().trim();
        if !name.is_empty() {
            rows.push((parts.join(" "), name.to_owned()));
        }
    }
    Ok(rows)
}
