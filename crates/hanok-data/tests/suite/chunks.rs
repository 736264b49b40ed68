//! Parquet chunks: what was imported comes back, whole or in parts, and bytes are the same
//! each time.

use hanok_data::{ChunkRows, ErrorCode, ImportOptions, Limits, read_rows, split};
use proptest::prelude::*;

use crate::{attempt, done, table};

fn in_chunks_of(rows: usize, content: &str) -> crate::Done {
    let options = ImportOptions {
        limits: Limits {
            chunk_rows: rows,
            ..Limits::default()
        },
        ..ImportOptions::default()
    };
    attempt("a.csv", content.as_bytes(), &options).unwrap()
}

#[test]
fn chunks_follow_one_another() {
    let content = format!(
        "text,label\n{}",
        table(95, |text, label| format!("{text},{label}\n"))
    );
    let done = in_chunks_of(40, &content);
    let layout = done.chunks.iter().map(|chunk| (chunk.offset, chunk.rows));
    assert_eq!(layout.collect::<Vec<_>>(), [(0, 40), (40, 40), (80, 15)]);
    for (info, chunk) in done.found.chunks.iter().zip(&done.chunks) {
        assert_eq!(
            (info.offset, info.rows, info.bytes),
            (chunk.offset, chunk.rows, chunk.bytes.len() as u64)
        );
    }
    let whole = in_chunks_of(1_000, &content);
    assert_eq!(done.pairs(), whole.pairs());
    assert_eq!(whole.pairs().len(), 95);
}

#[test]
fn large_texts_close_a_chunk_early() {
    let long = "x".repeat(10_000);
    let content = format!(
        "text,label\n{}",
        table(40, |text, label| format!("{text} {long},{label}\n"))
    );
    let options = ImportOptions {
        limits: Limits {
            chunk_bytes: 100_000,
            ..Limits::default()
        },
        ..ImportOptions::default()
    };
    let done = attempt("a.csv", content.as_bytes(), &options).unwrap();
    assert_eq!(done.chunks.len(), 4);
}

#[test]
fn equal_rows_give_equal_bytes() {
    let content = table(500, |text, label| format!("{text}\t{label}\n"));
    let (first, second) = (done("a.tsv", &content), done("b.txt", &content));
    assert_eq!(first.chunks, second.chunks);
}

#[test]
fn any_range_and_any_columns_can_be_read() {
    let content = table(5_000, |text, label| {
        format!("{text},{label},{}\n", text.len())
    });
    let content = format!("text,label,size\n{content}");
    let done = done("a.csv", &content);
    let bytes = &done.chunks[0].bytes;
    let all = read_rows(bytes, &["size", "text"], 0..u64::MAX).unwrap();
    assert_eq!(all.len(), 5_000);
    for range in [0..0, 0..1, 17..18, 2_040..2_060, 4_990..5_010, 6_000..6_001] {
        let part = read_rows(bytes, &["size", "text"], range.clone()).unwrap();
        let end = (range.end as usize).min(5_000);
        let start = (range.start as usize).min(end);
        assert_eq!(part, all[start..end], "{range:?}");
    }
    let mut rows = ChunkRows::open(bytes.clone(), &["text"]).unwrap();
    assert_eq!(rows.remaining(), 5_000);
    assert_eq!(rows.next().unwrap().unwrap(), [all[0][1].clone()]);
    assert_eq!(rows.remaining(), 4_999);
    assert_eq!(rows.count(), 4_999);
    let error = read_rows(bytes, &["nothing"], 0..1).unwrap_err();
    assert_eq!(error.code, ErrorCode::UnknownColumn);
}

#[test]
fn a_chunk_that_was_cut_off_is_an_error() {
    let done = done(
        "a.csv",
        format!(
            "text,label\n{}",
            table(100, |text, label| format!("{text},{label}\n"))
        ),
    );
    let bytes = &done.chunks[0].bytes;
    for length in [0, 3, bytes.len() / 2, bytes.len() - 1] {
        let error = read_rows(&bytes.slice(..length), &["text"], 0..10).unwrap_err();
        assert_eq!(error.code, ErrorCode::CorruptChunk);
    }
}

#[test]
fn held_out_rows_are_the_same_in_every_order() {
    let content = table(200, |text, label| format!("{text}\t{label}\n"));
    let mut lines = content.lines().collect::<Vec<_>>();
    lines.reverse();
    let held = |content: &str| {
        let pairs = done("a.tsv", content).pairs().into_iter();
        let mut held = pairs
            .filter(|(text, _)| split::held_out(text, 0.2))
            .collect::<Vec<_>>();
        held.sort();
        held
    };
    let forward = held(&content);
    assert_eq!(forward, held(&lines.join("\n")));
    assert!((20..60).contains(&forward.len()), "{}", forward.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_texts_come_back(texts in proptest::collection::vec("\\PC{1,30}[a-z]", 20..60)) {
        let rows = texts.iter().enumerate().map(|(at, text)| {
            serde_json::json!({"text": text, "label": if at % 2 == 0 { "a" } else { "b" }}).to_string() + "\n"
        });
        let done = done("a.jsonl", rows.collect::<String>());
        let found = done.pairs().into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        prop_assert_eq!(found, texts);
    }
}
