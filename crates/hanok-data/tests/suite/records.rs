//! The reader of records against the `csv` crate, on anything.

use hanok_data::table::{Dialect, Record, Records};
use proptest::prelude::*;

fn read(content: &[u8], dialect: Dialect) -> Vec<Vec<Vec<u8>>> {
    let mut records = Records::new(content, dialect, 1 << 20, 4_096);
    let mut record = Record::default();
    let mut found = Vec::new();
    while records.read(&mut record).unwrap() {
        if !record.is_empty() {
            found.push(record.fields().map(<[u8]>::to_vec).collect());
        }
    }
    found
}

const COMMA: Dialect = Dialect {
    delimiter: Some(b','),
    quote: true,
    terminator: b'\n',
};

fn field() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => Just(b'a'),
        1 => Just(b','),
        1 => Just(b'"'),
        1 => Just(b'\n'),
        1 => Just(b'\r'),
        1 => any::<u8>(),
    ];
    proptest::collection::vec(byte, 0..12)
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec(field(), 2..5), 0..8)) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let content = writer.into_inner().unwrap();
        prop_assert_eq!(read(&content, COMMA), rows);
    }

    #[test]
    fn any_bytes_are_read_as_the_csv_crate_reads_them(content in proptest::collection::vec(
        prop_oneof![Just(b'a'), Just(b','), Just(b'"'), Just(b'\n'), Just(b' ')], 0..200,
    )) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&content[..]);
        let expected = reader.byte_records().map(|record| {
            record.unwrap().iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        let expected = expected.filter(|row| !(row.len() == 1 && row[0].is_empty())).collect::<Vec<_>>();
        let found = read(&content, COMMA).into_iter();
        let found = found.filter(|row| !(row.len() == 1 && row[0].is_empty())).collect::<Vec<_>>();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn without_quoting_a_line_is_a_row(lines in proptest::collection::vec("[a\"\t]{1,20}", 0..20)) {
        let dialect = Dialect { delimiter: Some(b'\t'), quote: false, terminator: b'\n' };
        let content = lines.join("\n");
        let expected = lines.iter().map(|line| {
            line.split('\t').map(|field| field.as_bytes().to_vec()).collect::<Vec<_>>()
        });
        prop_assert_eq!(read(content.as_bytes(), dialect), expected.collect::<Vec<_>>());
    }

    #[test]
    fn any_file_gives_rows_or_an_error(content in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..4usize) {
        let name = ["a.csv", "a.tsv", "a.jsonl", "a.json"][kind];
        if let Err(error) = crate::attempt(name, &content, &hanok_data::ImportOptions::default()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn rows_are_counted_as_a_spreadsheet_does() {
    let content = b"a,b\n\n\"x\ny\",\"z\"\nlast,\"one";
    let mut records = Records::new(&content[..], COMMA, 100, 10);
    let mut record = Record::default();
    let mut seen = Vec::new();
    while records.read(&mut record).unwrap() {
        seen.push((
            record.row,
            record.offset,
            record.lines,
            record.is_empty(),
            record.unterminated,
        ));
    }
    let expected = [
        (1, 0, 1, false, false),
        (2, 4, 1, true, false),
        (3, 5, 2, false, false),
        (4, 15, 1, false, true),
    ];
    assert_eq!(seen, expected);
}
