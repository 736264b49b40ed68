//! Every refusal: its code, its row, and a remedy that names an option that exists.

use std::io::Cursor;

use hanok_data::{ErrorCode, Format, ImportOptions, Limits, import};

use crate::{attempt, refused, table};

fn csv(count: usize) -> String {
    let body = table(count, |text, label| format!("{text},{label}\n"));
    format!("text,label\n{body}")
}

#[test]
fn files_that_are_no_tables() {
    let cases: [(&[u8], &str, &str); 9] = [
        (
            b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml",
            "Excel",
            "CSV UTF-8",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
            "Office",
            "CSV UTF-8",
        ),
        (b"PK\x03\x04....data.csv....", "ZIP", "Unpack"),
        (b"\x1f\x8b\x08....", "gzip", "Unpack"),
        (b"%PDF-1.7\n", "PDF", "Export"),
        (b"\x89PNG\r\n\x1a\n", "PNG", "Export"),
        (b"\x7fELF\x02", "program", "Export"),
        (b"  <!DOCTYPE html><p>text,label", "web page", "Export"),
        (b"PAR1....", "Parquet", "Export"),
    ];
    for (content, what, remedy) in cases {
        let error = refused("reviews.csv", content);
        assert_eq!(error.code, ErrorCode::UnsupportedFileType, "{error}");
        assert!(error.message.contains(what), "{error}");
        assert!(error.remedy.contains(remedy), "{error}");
    }
    let wide = csv(30)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let error = refused("reviews.csv", &wide);
    assert_eq!(error.code, ErrorCode::UnsupportedFileType);
    assert!(error.remedy.contains("--encoding utf-16le"));
    let options = ImportOptions {
        encoding: Some("utf-16le".into()),
        ..ImportOptions::default()
    };
    assert_eq!(
        attempt("reviews.csv", &wide, &options).unwrap().found.rows,
        30
    );
}

#[test]
fn files_with_too_little_in_them() {
    let one_class = table(30, |text, _| format!("{text},pos\n"));
    let ids = (0..60)
        .map(|at| format!("text {at},{at}x\n"))
        .collect::<String>();
    let unlabelled = table(30, |text, _| format!("{text},\n"));
    let cases = [
        (String::new(), ErrorCode::EmptyFile),
        (" \n\n".to_string(), ErrorCode::EmptyFile),
        ("\u{feff}".to_string(), ErrorCode::EmptyFile),
        ("text,label\n".to_string(), ErrorCode::NoRows),
        (format!("text,label\n{unlabelled}"), ErrorCode::NoRows),
        (csv(10), ErrorCode::TooFewRows),
        (csv(19), ErrorCode::TooFewRows),
        ("a,b\nc,d\n".to_string(), ErrorCode::TooFewRows),
        (format!("text,label\n{one_class}"), ErrorCode::OneClass),
        (format!("text,label\n{ids}"), ErrorCode::LabelColumnUnclear),
        (format!("remark,code\n{ids}"), ErrorCode::LabelColumnUnclear),
        (
            table(30, |text, _| format!("{text}\n")),
            ErrorCode::OneColumn,
        ),
    ];
    for (content, code) in cases {
        let error = refused("reviews.csv", &content);
        assert_eq!(error.code, code, "{content:?}: {error}");
        assert!(!error.remedy.is_empty(), "{error}");
        assert!(error.to_string().starts_with("reviews.csv"), "{error}");
    }
    let lines = table(30, |text, _| format!("{{\"text\":{text:?}}}\n"));
    assert_eq!(refused("a.jsonl", lines).code, ErrorCode::OneColumn);
    assert_eq!(refused("a.json", "[]").code, ErrorCode::NoRows);
    let short = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n";
    assert_eq!(
        refused("a.jsonl", short.repeat(9)).code,
        ErrorCode::TooFewRows
    );
}

#[test]
fn twenty_rows_are_enough_and_the_bound_can_be_moved() {
    assert_eq!(
        attempt("a.csv", csv(20).as_bytes(), &ImportOptions::default())
            .unwrap()
            .found
            .rows,
        20
    );
    let options = ImportOptions {
        limits: Limits {
            minimum_rows: Some(4),
            ..Limits::default()
        },
        ..ImportOptions::default()
    };
    assert_eq!(
        attempt("a.csv", csv(4).as_bytes(), &options)
            .unwrap()
            .found
            .rows,
        4
    );
}

#[test]
fn broken_bytes_beyond_a_few_refuse_the_file() {
    let body = (0..40).map(|at| {
        let label = if at % 2 == 0 { "bon" } else { "mauvais" };
        format!("caf\u{e9} num\u{e9}ro {at},{label}\n")
    });
    let body = format!("text,label\n{}", body.collect::<String>());
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&body);
    let error = refused("avis.csv", &latin);
    assert_eq!((error.code, error.row), (ErrorCode::MalformedCsv, Some(2)));
    assert!(error.remedy.contains("--encoding windows-1252"), "{error}");
    let options = ImportOptions {
        encoding: Some("windows-1252".into()),
        ..ImportOptions::default()
    };
    let done = attempt("avis.csv", &latin, &options).unwrap();
    assert_eq!(done.pairs()[0].0, "café numéro 0");

    let head = refused("avis.csv", b"r\xe9sum\xe9,label\na,b\n");
    assert_eq!((head.code, head.row), (ErrorCode::MalformedCsv, Some(1)));
}

#[test]
fn rows_of_the_wrong_width_beyond_a_few_refuse_the_file() {
    let good = csv(60);
    let few = format!("{good}one,two,pos\n{}", "only one\n".repeat(4));
    let done = attempt("a.csv", few.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((done.found.rows, done.found.rejected_total), (60, 5));
    assert_eq!(done.found.rejected[0].row, 62);
    assert_eq!(done.found.rejected[0].reason, "expected 2 fields, found 3");
    let error = refused("a.csv", format!("{few}{}", "one,two,pos\n".repeat(4)));
    assert_eq!((error.code, error.row), (ErrorCode::MalformedCsv, Some(62)));
    // Empty fields at the end, as spreadsheets leave them, do no harm.
    let trailing = csv(30)
        .replace('\n', ",,\n")
        .replacen("label,,", "label", 1);
    let options = ImportOptions::default();
    assert_eq!(
        attempt("a.csv", trailing.as_bytes(), &options)
            .unwrap()
            .found
            .rejected_total,
        0
    );
}

#[test]
fn nul_bytes_cost_their_rows() {
    let content = csv(60) + "a\0b,pos\n";
    let done = attempt("a.csv", content.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(
        done.found.rejected[0].reason,
        "there is a NUL byte in the row"
    );
}

#[test]
fn lines_that_are_no_json_objects() {
    let good = table(30, |text, label| {
        format!("{{\"text\":{text:?},\"label\":{label:?}}}\n")
    });
    let broken = "{\"text\": oops}\n[1]\n\"a\"\n{\"text\":\"\\ud800\"}\n";
    let done = attempt(
        "a.jsonl",
        format!("{good}{broken}").as_bytes(),
        &ImportOptions::default(),
    );
    let done = done.unwrap();
    assert_eq!(done.found.rejected_total, 4);
    assert_eq!(done.found.rejected[0].row, 31);
    let error = refused("a.jsonl", format!("{good}{broken}{broken}"));
    assert_eq!(
        (error.code, error.row),
        (ErrorCode::MalformedJsonl, Some(31))
    );
    let pretty = "{\n  \"text\": \"a\",\n  \"label\": \"b\"\n}\n".repeat(30);
    let error = refused("a.jsonl", pretty);
    assert_eq!(
        (error.code, error.row),
        (ErrorCode::MalformedJsonl, Some(1))
    );
    let deep = format!(
        "{{\"text\":{}1{},\"label\":\"x\"}}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let done = attempt(
        "a.jsonl",
        format!("{good}{deep}").as_bytes(),
        &ImportOptions::default(),
    );
    assert!(done.is_ok());
}

#[test]
fn options_that_make_no_sense() {
    let bad = |change: fn(&mut ImportOptions)| {
        let mut options = ImportOptions::default();
        change(&mut options);
        attempt("a.csv", csv(30).as_bytes(), &options)
            .err()
            .unwrap()
    };
    let error = bad(|options| options.encoding = Some("klingon".into()));
    assert_eq!(
        (error.code, error.field.as_deref()),
        (ErrorCode::InvalidOption, Some("encoding"))
    );
    let error = bad(|options| options.delimiter = Some('가'));
    assert_eq!(
        (error.code, error.field.as_deref()),
        (ErrorCode::InvalidOption, Some("delimiter"))
    );
    let error = bad(|options| options.label_column = Some("labl".into()));
    assert_eq!(error.code, ErrorCode::UnknownColumn);
    assert_eq!(error.field.as_deref(), Some("label-column"));
    assert!(error.remedy.contains("text, label"), "{error}");
    let error = bad(|options| options.text_column = Some("label".into()));
    assert_eq!(error.code, ErrorCode::LabelColumnUnclear);
    let error = bad(|options| options.format = Some(Format::Jsonl));
    assert_eq!(error.code, ErrorCode::MalformedJsonl);
}

#[test]
fn a_sink_that_fails_stops_the_import() {
    let full = || Err(std::io::ErrorKind::StorageFull.into());
    let error = import(
        Cursor::new(csv(30)),
        "a.csv",
        &ImportOptions::default(),
        &mut |_| full(),
    );
    assert_eq!(error.unwrap_err().code, ErrorCode::WriteFailed);
    let missing = std::path::Path::new("/no/such/file.csv");
    let error = hanok_data::import_path(missing, &ImportOptions::default(), &mut |_| Ok(()));
    assert_eq!(error.unwrap_err().code, ErrorCode::ReadFailed);
}

#[test]
fn codes_are_spelt_the_same_everywhere() {
    for code in ErrorCode::ALL {
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(json, format!("\"{}\"", code.as_str()));
    }
    let error = refused("reviews.csv", csv(10));
    assert_eq!(
        error.to_string(),
        "reviews.csv: 10 usable rows are too few to learn from; at least 20 are needed. Add rows, better a few hundred, and import again."
    );
}
