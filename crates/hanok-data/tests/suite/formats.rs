//! Every layout that is recognised, and what options change.

use hanok_data::{Format, ImportOptions, Kind, LabelLevel, LevelUsed};

use crate::{attempt, done, table};

#[test]
fn delimiters_and_headers_are_recognised() {
    for (name, delimiter) in [
        ("a.csv", ','),
        ("a.tsv", '\t'),
        ("a.csv", ';'),
        ("a.txt", '|'),
    ] {
        let body = table(30, |text, label| format!("{text}{delimiter}{label}\n"));
        for header in [true, false] {
            let head = if header {
                format!("text{delimiter}label\n")
            } else {
                String::new()
            };
            let done = done(name, format!("{head}{body}"));
            let layout = &done.found.layout;
            assert_eq!(layout.delimiter, Some(delimiter));
            assert_eq!((layout.format, layout.header), (Format::Delimited, header));
            assert_eq!(done.found.rows, 30, "{name} {delimiter:?} {header}");
            assert_eq!(done.labels(), [("neg", 20), ("pos", 10)]);
            assert_eq!(done.pairs()[0].0, "text number 0 of the table");
        }
    }
}

#[test]
fn columns_are_found_by_name_in_any_order_and_language() {
    let heads = [
        ("id,airline_sentiment,Text", "Text", "airline_sentiment"),
        ("번호,라벨,본문", "본문", "라벨"),
        ("note,분류,리뷰", "리뷰", "분류"),
        ("topic,gold_label,sentence", "sentence", "topic"),
    ];
    for (head, text, label) in heads {
        let at = |name: &str| head.split(',').position(|column| column == name).unwrap();
        let body = table(30, |value, class| {
            let mut cells = vec!["x".to_string(); 3];
            cells[at(text)] = value.to_string();
            cells[at(label)] = class.to_string();
            cells.join(",") + "\n"
        });
        let done = done("a.csv", format!("{head}\n{body}"));
        assert_eq!(done.found.text_column.as_deref(), Some(text), "{head}");
        assert_eq!(done.found.label_column.as_deref(), Some(label), "{head}");
    }
}

#[test]
fn options_overrule_what_is_found() {
    let body = table(30, |text, label| {
        format!("{text},{label},{}\n", text.len() % 2)
    });
    let content = format!("text,label,parity\n{body}a note,pos,0\n");
    let options = ImportOptions {
        label_column: Some("PARITY".into()),
        text_column: Some("2".into()),
        ..ImportOptions::default()
    };
    let done = attempt("a.csv", content.as_bytes(), &options).unwrap();
    assert_eq!(done.found.label_column.as_deref(), Some("parity"));
    assert_eq!(done.found.text_column.as_deref(), Some("label"));
    // The column called `text` is kept beside the chosen text, under another name.
    assert_eq!(done.found.columns, ["text", "label", "text_2"]);

    let options = ImportOptions {
        header: Some(false),
        ..ImportOptions::default()
    };
    let done = attempt("a.csv", content.as_bytes(), &options).unwrap();
    assert_eq!(done.found.rows, 32);
}

#[test]
fn options_come_as_json() {
    let options = r#"{"delimiter":";","label_level":"full","limits":{"minimum_rows":2}}"#;
    let options = serde_json::from_str::<ImportOptions>(options).unwrap();
    assert_eq!(options.delimiter, Some(';'));
    assert_eq!(options.label_level, LabelLevel::Full);
    assert_eq!(options.limits.minimum_rows, Some(2));
    assert_eq!(options.limits.columns, 4_096);
    assert!(serde_json::from_str::<ImportOptions>(r#"{"labelcolumn":"x"}"#).is_err());
}

#[test]
fn json_lines_and_arrays_give_the_same_rows() {
    let object = |text: &str, label: &str| {
        format!(
            "{{\"id\": 7, \"review\": {text:?}, \"label\": {label:?}, \"more\": {{\"a\": [1, 2]}}}}"
        )
    };
    let lines = table(30, |text, label| object(text, label) + "\n");
    let array = table(30, |text, label| object(text, label) + ",\n");
    let array = format!("[{}]", array.trim_end().trim_end_matches(','));
    let from_lines = done("a.jsonl", &lines);
    assert_eq!(from_lines.found.layout.format, Format::Jsonl);
    let from_array = done("a.json", &array);
    assert_eq!(from_array.found.layout.format, Format::Json);
    assert_eq!(from_lines.chunks, from_array.chunks);
    assert_eq!(from_lines.found.columns, ["text", "label", "id", "more"]);
    let row = &from_lines.rows(&["id", "more"])[0];
    assert_eq!(row, &["7", r#"{"a": [1, 2]}"#]);
    // The content decides where the ending does not.
    assert_eq!(
        done("export.txt", &lines).found.layout.format,
        Format::Jsonl
    );
}

#[test]
fn rows_without_text_or_label_are_left_out_and_counted() {
    let lines = table(30, |text, label| {
        format!("{{\"text\":{text:?},\"label\":{label:?}}}\n")
    });
    let extra = "{\"text\":\"no label\",\"label\":null}\n{\"text\":\"  \",\"label\":\"pos\"}\n{\"text\":\"none\"}\n";
    let done = done("a.jsonl", format!("{lines}{extra}"));
    assert_eq!(done.found.rows, 30);
    assert_eq!(done.found.rejected_total, 3);
    assert_eq!(
        (
            done.found.statistics.empty_labels,
            done.found.statistics.empty_texts
        ),
        (2, 1)
    );
    let rejected = &done.found.rejected[0];
    assert_eq!(
        (rejected.row, rejected.reason.as_str()),
        (31, "the label is empty")
    );
    assert_eq!(rejected.offset, lines.len() as u64);
    assert!(rejected.sample.starts_with("no label"));
    assert!(done.notice("the label is empty: 2"));
}

#[test]
fn a_label_before_the_text_is_recognised() {
    let digits = table(30, |text, label| {
        format!("{} {text}\n", label.len() % 2 + usize::from(label == "pos"))
    });
    assert_eq!(
        done("stsa.train", &digits).found.layout.format,
        Format::LabelText
    );
    let marked = table(30, |text, label| format!("__label__{label} {text}\n"));
    let done = done("train.txt", &marked);
    assert_eq!(done.labels(), [("neg", 20), ("pos", 10)]);
    assert_eq!(
        done.pairs()[0],
        ("text number 0 of the table".into(), "pos".into())
    );
}

#[test]
fn two_level_labels_are_cut_unless_asked_not_to() {
    let fine = |at: usize| ["NUM:date", "NUM:count", "LOC:city"][at % 3];
    let lines = (0..30).map(|at| format!("{} What is number {at} ?\n", fine(at)));
    let lines = lines.collect::<String>();
    let cut = done("questions.train", &lines);
    assert_eq!(cut.labels(), [("LOC", 10), ("NUM", 20)]);
    assert_eq!(cut.found.label_level, LevelUsed::Coarse);
    assert!(cut.notice("--label-level full"));
    assert_eq!(cut.pairs()[0].1, "NUM");

    let options = ImportOptions {
        label_level: LabelLevel::Full,
        ..ImportOptions::default()
    };
    let full = attempt("questions.train", lines.as_bytes(), &options).unwrap();
    assert_eq!(full.labels().len(), 3);
    assert_eq!(full.pairs()[0].1, "NUM:date");
}

#[test]
fn conversations_are_kept_as_they_are() {
    let talk = |text: &str, label: &str| {
        format!(
            "{{\"messages\": [{{\"role\": \"user\", \"content\": {text:?}}}, {{\"role\": \"assistant\", \"content\": {label:?}}}], \"tools\": [1]}}\n"
        )
    };
    let broken = "{\"messages\": [{\"role\": \"user\", \"content\": \"and then?\"}]}\n";
    let lines = table(12, talk) + broken;
    let done = done("chat.jsonl", &lines);
    assert_eq!(done.found.kind, Kind::Messages);
    assert_eq!(done.found.columns, ["messages", "tools"]);
    assert_eq!((done.found.rows, done.found.rejected_total), (12, 1));
    assert_eq!(
        done.found.rejected[0].reason,
        "no message is of the assistant"
    );
    let row = &done.rows(&["messages"])[1][0];
    assert!(
        row.starts_with("[{\"role\": \"user\", \"content\": \"text number 1"),
        "{row}"
    );
    assert!(done.found.statistics.labels.is_empty());
}

#[test]
fn prompts_become_conversations() {
    let lines = table(12, |text, label| {
        format!("{{\"prompt\":{text:?},\"completion\":{label:?}}}\n")
    });
    let done = done("p3.jsonl", &lines);
    assert_eq!(done.found.kind, Kind::Messages);
    let expected = r#"[{"role":"user","content":"text number 0 of the table"},{"role":"assistant","content":"pos"}]"#;
    assert_eq!(done.rows(&["messages"])[0], [expected]);
}

#[test]
fn line_ends_of_every_system_are_read() {
    for end in ["\n", "\r\n", "\r"] {
        for quote in ["", "\""] {
            let body = table(30, |text, label| {
                format!("{quote}{text}{quote},{quote}{label}{quote}{end}")
            });
            let done = done("a.csv", format!("text,label{end}{}", body.trim_end()));
            assert_eq!(done.found.rows, 30, "{end:?} {quote:?}");
            assert_eq!(done.labels(), [("neg", 20), ("pos", 10)]);
        }
    }
}

#[test]
fn figures_describe_the_rows_that_were_kept() {
    let body = table(30, |text, label| format!("{text},{label}\n"));
    let content = format!("text,label\n{body}{body}odd one,rare\n");
    let done = done("a.csv", content);
    let statistics = &done.found.statistics;
    assert_eq!(done.found.rows, 61);
    assert_eq!(statistics.duplicates, 30);
    assert_eq!(statistics.single_row_labels, 1);
    assert_eq!(
        (statistics.text_chars.min, statistics.text_chars.max),
        (7, 27)
    );
    assert!(done.notice("Labels with a single row, from which little can be learned: 1 (rare)"));
    let json = serde_json::to_string(&done.found).unwrap();
    assert_eq!(
        serde_json::from_str::<hanok_data::Imported>(&json).unwrap(),
        done.found
    );
}

#[test]
fn equal_names_of_columns_are_numbered() {
    let body = table(30, |text, label| format!("{text},{label},x,\n"));
    let done = done("a.csv", format!("text,label,text,\n{body}"));
    assert_eq!(
        done.found.source_columns,
        ["text", "label", "text_2", "column_4"]
    );
    assert!(done.notice("of the same name"));
}
