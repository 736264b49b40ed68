//! Encodings: marks, options, and single broken bytes.

use hanok_data::ImportOptions;

use crate::{attempt, done, table};

#[test]
fn encodings_are_read_by_mark_or_option() {
    let body = format!(
        "text,label\n{}한옥에 산다,pos\n",
        table(30, |text, label| format!("{text},{label}\n"))
    );
    let utf16 = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(body.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    let plain = done("a.csv", &body);
    let marked = done("a.csv", [b"\xef\xbb\xbf", body.as_bytes()].concat());
    let little = done("a.csv", utf16(u16::to_le_bytes));
    let big = done("a.csv", utf16(u16::to_be_bytes));
    assert_eq!(little.found.layout.encoding, "utf-16le");
    assert_eq!(big.found.layout.encoding, "utf-16be");
    for other in [&marked, &little, &big] {
        assert_eq!(other.found.source_columns, ["text", "label"]);
        assert_eq!(plain.chunks, other.chunks);
    }

    let (korean, _, _) = encoding_rs::EUC_KR.encode(&body);
    let options = ImportOptions {
        encoding: Some("euc-kr".into()),
        ..ImportOptions::default()
    };
    let korean = attempt("a.csv", &korean, &options).unwrap();
    assert_eq!(plain.chunks, korean.chunks);
    assert!(plain.found.statistics.hangul_share > 0.0);
}

#[test]
fn a_few_broken_bytes_cost_only_their_rows() {
    let body = table(500, |text, label| format!("{label} {text}\n"));
    let content = [b"neg caf\xe9 au lait\n", body.as_bytes(), b"pos na\xefve\n"].concat();
    let done = done("train.txt", content);
    assert_eq!((done.found.rows, done.found.rejected_total), (500, 2));
    assert_eq!(
        (done.found.rejected[0].row, done.found.rejected[1].row),
        (1, 502)
    );
    assert!(done.found.rejected[0].reason.contains("not UTF-8"));
}
