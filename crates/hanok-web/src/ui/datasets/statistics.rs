//! The statistics of a version, read from the JSON that the import left; what is absent is left out.

use serde::Deserialize;
use serde_json::Value;

use super::view::{Lengths, Rejected, Statistics};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Imported {
    text_column: Option<String>,
    label_column: Option<String>,
    layout: Layout,
    rejected: Vec<Left>,
    rejected_total: u64,
    notices: Vec<String>,
    statistics: Figures,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Layout {
    format: String,
    delimiter: Option<char>,
    header: Option<bool>,
    encoding: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Left {
    row: u64,
    reason: String,
    sample: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Figures {
    labels: Vec<LabelCount>,
    text_chars: Chars,
    duplicates: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LabelCount {
    label: String,
    count: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chars {
    min: u64,
    p50: u64,
    p95: u64,
    max: u64,
}

/// What the page shows of it.
pub fn read(statistics: &Value, rows: i64) -> Statistics {
    let read = Imported::deserialize(statistics).unwrap_or_default();
    let mut labels: Vec<(String, u64)> = read
        .statistics
        .labels
        .into_iter()
        .map(|l| (l.label, l.count))
        .collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let rejected = read.rejected.into_iter().map(|left| Rejected {
        row: left.row,
        reason: left.reason,
        excerpt: left.sample,
    });
    let chars = read.statistics.text_chars;
    Statistics {
        rows: u64::try_from(rows).unwrap_or(0),
        rejected_total: read.rejected_total,
        rejected: rejected.collect(),
        duplicates: read.statistics.duplicates,
        labels,
        lengths: Lengths {
            min: chars.min,
            median: chars.p50,
            p95: chars.p95,
            max: chars.max,
        },
        notices: read.notices,
        detected: detected(&read.layout, read.text_column, read.label_column),
    }
}

fn detected(layout: &Layout, text: Option<String>, label: Option<String>) -> Vec<(String, String)> {
    let delimiter = layout.delimiter.map(|c| match c {
        ',' => "comma".to_owned(),
        '\t' => "tab".to_owned(),
        ';' => "semicolon".to_owned(),
        '|' => "pipe".to_owned(),
        other => other.to_string(),
    });
    let header = layout
        .header
        .map(|has| if has { "yes" } else { "no" }.to_owned());
    let found = [
        ("format", Some(layout.format.clone())),
        ("delimiter", delimiter),
        ("header", header),
        ("encoding", Some(layout.encoding.clone())),
        ("text_column", text),
        ("label_column", label),
    ];
    found
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.filter(|v| !v.is_empty())?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_come_by_frequency_and_nonsense_is_no_page_of_errors() {
        let value = json!({
            "layout": { "format": "delimited", "delimiter": "\t", "header": true, "encoding": "UTF-8" },
            "rejected_total": 3,
            "statistics": { "text_chars": { "min": 2, "p50": 61, "p95": 80, "max": 90 }, "labels": [{ "label": "a", "count": 1 }, { "label": "b", "count": 9 }] },
        });
        let read = read(&value, 10);
        assert_eq!(read.labels[0].0, "b");
        assert_eq!((read.rejected_total, read.lengths.median), (3, 61));
        assert!(
            read.detected
                .contains(&("delimiter".to_owned(), "tab".to_owned()))
        );
        assert_eq!(super::read(&json!([1, 2]), -1).rows, 0);
    }
}
