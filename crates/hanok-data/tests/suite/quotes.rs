//! Quotes that are quotes, quotes that are text, and quotes that do not add up.

use hanok_data::{ErrorCode, ImportOptions};

use crate::{attempt, done, refused, table};

#[test]
fn quoted_fields_may_hold_delimiters_quotes_and_lines() {
    let body = table(30, |text, label| {
        format!("\"{text}, with \"\"quotes\"\"\nand a line\",{label}\n")
    });
    let done = done("a.csv", format!("text,label\n{body}"));
    assert!(done.found.layout.quote);
    assert_eq!(done.found.rows, 30);
    assert_eq!(
        done.pairs()[0].0,
        "text number 0 of the table, with \"quotes\"\nand a line"
    );
}

#[test]
fn quotes_in_a_tsv_without_quoting_swallow_no_rows() {
    let mut body = table(300, |text, label| format!("{text}\t{label}\n"));
    body.insert_str(0, "\"An opening quote, never closed\tneg\n");
    body.push_str("He said \"hi\" to me\tpos\n\"again\tneg\nand ends with one\"\tneg\n");
    for name in ["imdb_labelled.txt", "train.tsv"] {
        let done = done(name, &body);
        assert_eq!(done.found.rows, 304);
        assert_eq!(done.found.rejected_total, 0);
        assert!(!done.found.layout.quote);
        assert!(done.notice("--quoting yes"));
        assert_eq!(done.pairs()[0].0, "\"An opening quote, never closed");
    }
}

#[test]
fn swallowed_rows_that_look_regular_are_found_too() {
    // With quoting on, this reads as 299 regular rows without a quote in an odd place.
    let mut body = table(298, |text, label| format!("{text}\t{label}\n"));
    body.push_str("\"opens here\tneg\n");
    body.push_str("closes here\"\tpos\n");
    let done = done("train.tsv", &body);
    assert_eq!(done.found.rows, 300);
}

#[test]
fn a_tsv_with_real_quoting_is_read_with_quoting() {
    let body = table(30, |text, label| {
        format!("\"{text}\twith a tab\"\t{label}\n")
    });
    let done = done("train.tsv", &body);
    assert!(done.found.layout.quote);
    assert_eq!(done.pairs()[0].0, "text number 0 of the table\twith a tab");
}

/// Some rows quoted, most not; without quoting the rows would be ragged.
fn minimally_quoted(count: usize) -> String {
    let body = table(count, |text, label| match label {
        "pos" => format!("\"{text}, and more\",{label}\n"),
        _ => format!("{text},{label}\n"),
    });
    format!("text,label\n{body}")
}

#[test]
fn an_open_quote_in_a_csv_is_refused_with_its_row() {
    let rest = table(80, |text, label| format!("{text},{label}\n"));
    let content = minimally_quoted(100) + "\"never closed,pos\n" + &rest;
    let error = refused("reviews.csv", content);
    assert_eq!(error.code, ErrorCode::MalformedCsv);
    assert_eq!(error.row, Some(102), "{error}");
    assert!(error.remedy.contains("--quoting no"), "{error}");
}

#[test]
fn a_quote_that_takes_in_lines_costs_its_rows_and_is_told() {
    let body = table(300, |text, label| format!("\"{text}, and more\",{label}\n"));
    let open = body.replacen(
        "9 of the table, and more\",",
        "9 of the table, and more,",
        1,
    );
    let done = done("a.csv", format!("text,label\n{open}"));
    assert_eq!((done.found.rows, done.found.rejected_total), (298, 1));
    assert_eq!(done.found.rejected[0].row, 11);
    assert_eq!(
        done.found.rejected[0].reason,
        "a double quote takes in 2 lines"
    );
    assert!(done.notice("odd places: 1 (the first is row 11)"));
    assert!(
        done.pairs()
            .iter()
            .all(|(text, _)| text.ends_with(", and more"))
    );
}

#[test]
fn the_option_decides_where_it_is_given() {
    let body = table(30, |text, label| format!("\"{text}\"\t{label}\n"));
    let quoted = |quote| {
        let options = ImportOptions {
            quote: Some(quote),
            ..ImportOptions::default()
        };
        attempt("a.tsv", body.as_bytes(), &options).unwrap().pairs()[0]
            .0
            .clone()
    };
    assert_eq!(quoted(true), "text number 0 of the table");
    assert_eq!(quoted(false), "\"text number 0 of the table\"");
}
