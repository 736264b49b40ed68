//! Files that cannot be used: the message names file, row and remedy, and nothing half-made is left.

use std::path::Path;

use serde_json::Value;

use crate::example;
use crate::home::Home;

/// Runs a quickstart that must fail and gives its error; file and remedy must be there.
fn refused(home: &Home, file: &Path) -> Value {
    let name = file.display().to_string();
    let error = home
        .run(["quickstart", "--exit", "--json", "--data", &name])
        .error();
    assert_eq!(error["file"].as_str(), Some(name.as_str()), "{error}");
    let remedy = error["remedy"].as_str().unwrap_or_default();
    assert!(remedy.len() > 10, "no remedy: {error}");
    home.assert_nothing_half_made();
    error
}

fn assert_refused(
    home: &Home,
    name: &str,
    content: impl AsRef<[u8]>,
    code: &str,
    row: Option<u64>,
) {
    let file = home.write(name, content);
    let error = refused(home, &file);
    assert_eq!(error["code"], code, "{name}: {error}");
    assert_eq!(error["row"].as_u64(), row, "{name}: {error}");
}

#[test]
fn files_of_another_kind() {
    let home = Home::served();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";
    assert_refused(&home, "picture.png", png, "unsupported_file_type", None);
    let workbook = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml";
    assert_refused(&home, "table.xlsx", workbook, "unsupported_file_type", None);
    assert_refused(&home, "named-so.csv", png, "unsupported_file_type", None);
    assert_refused(&home, "empty.csv", "", "empty_file", None);
    assert_refused(&home, "header.csv", "text,label\n", "no_rows", None);
}

#[test]
fn tables_that_teach_nothing() {
    let home = Home::served();
    let one_column: String = example::rows(40)
        .iter()
        .map(|(t, _)| format!("{t}\n"))
        .collect();
    assert_refused(
        &home,
        "one-column.csv",
        format!("text\n{one_column}"),
        "one_column",
        None,
    );
    let one_class: String = example::rows(40)
        .iter()
        .map(|(t, _)| format!("{t},yes\n"))
        .collect();
    assert_refused(
        &home,
        "one-class.csv",
        format!("text,label\n{one_class}"),
        "one_class",
        None,
    );
    assert_refused(&home, "ten.csv", example::csv(10), "too_few_rows", None);
}

#[test]
fn bytes_and_quotes_that_do_not_add_up_name_their_row() {
    let home = Home::served();
    let mut open = example::csv(40);
    open.push_str("\"this quote is never closed,billing\n");
    assert_refused(&home, "open-quote.csv", open, "malformed_csv", Some(42));
    let mut broken = example::csv(60).into_bytes();
    for _ in 0..10 {
        broken.extend_from_slice(b"caf\xe9 \xff\xfe \x81 broken,billing\n");
        broken.extend_from_slice("한국어 문장입니다,billing\n".as_bytes());
    }
    assert_refused(&home, "broken-utf8.csv", broken, "malformed_csv", Some(62));
}

#[test]
fn one_broken_row_is_left_out_and_named() {
    let home = Home::served();
    let mut csv = example::csv(60).into_bytes();
    csv.extend_from_slice("한국어 문장입니다,billing\n".as_bytes());
    csv.extend_from_slice(b"caf\xe9 \xff\xfe \x81 broken,billing\n");
    home.write("one.csv", csv);
    let text = home.run(["dataset", "import", "one.csv"]).ok();
    for wanted in ["61 rows", "1 row was left out", "row 63", "UTF-8"] {
        assert!(text.contains(wanted), "no '{wanted}' in:\n{text}");
    }
}

#[test]
fn a_label_that_appears_once_is_named_and_left_out() {
    let home = Home::served();
    let mut csv = example::csv(300);
    csv.push_str("Something nobody else writes about,lonely\n");
    let file = home.write("lonely.csv", csv);
    let name = file.display().to_string();
    let outcome = home.run(["quickstart", "--exit", "--data", &name]);
    assert!(outcome.stderr.contains("lonely"), "{}", outcome.stderr);
    outcome.ok();
}

#[test]
fn texts_longer_than_the_model_takes_are_cut_and_those_beyond_reason_refused() {
    let home = Home::served();
    let mut csv = example::csv(120);
    csv.push_str(&format!(
        "\"{}\",billing\n",
        "a very long complaint ".repeat(20_000)
    ));
    let file = home.write("long.csv", &csv);
    let name = file.display().to_string();
    let summary = home.json(["quickstart", "--exit", "--json", "--data", &name]);
    assert_eq!(summary["dataset"]["version"]["rows"], 121);
    let home = Home::served();
    csv.push_str(&format!("\"{}\",billing\n", "x".repeat(20 << 20)));
    assert_refused(&home, "beyond.csv", csv, "row_too_long", Some(123));
}

#[test]
fn paths_that_are_no_files_are_told_before_a_server_is_started() {
    let home = Home::new();
    std::fs::create_dir(home.path("folder")).expect("a folder");
    for (name, code) in [("missing.csv", "no_such_file"), ("folder", "not_a_file")] {
        let path = home.path(name).display().to_string();
        for command in [
            vec!["quickstart", "--json", "--data"],
            vec!["dataset", "import", "--json"],
        ] {
            let error = home.run(command.into_iter().chain([path.as_str()])).error();
            assert_eq!(error["code"], code, "{error}");
            assert_eq!(error["file"].as_str(), Some(path.as_str()));
        }
    }
    assert!(
        !home.data().exists(),
        "a data directory was made for nothing"
    );
}

#[test]
fn people_read_file_row_and_remedy_on_standard_error() {
    let home = Home::served();
    let mut open = example::csv(40);
    open.push_str("\"never closed,billing\n");
    home.write("open.csv", open);
    let outcome = home.run(["dataset", "import", "open.csv"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.is_empty(), "{}", outcome.stdout);
    for word in ["error:", "open.csv", "42"] {
        assert!(
            outcome.stderr.contains(word),
            "no '{word}': {}",
            outcome.stderr
        );
    }
    assert_eq!(
        outcome.stderr.matches("open.csv").count(),
        1,
        "{}",
        outcome.stderr
    );
    home.assert_nothing_half_made();
}
