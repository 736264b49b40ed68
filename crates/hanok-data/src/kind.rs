//! Files that are no text tables, told by their first bytes, with what to do about each.

use crate::decode::Source;
use crate::error::{DataError, ErrorCode};

const WORKBOOK: &str = "Save it as CSV UTF-8 in the spreadsheet program and import that file.";
const UNPACK: &str = "Unpack it and import the table inside.";
const EXPORT: &str = "Export the table as CSV, TSV or JSON Lines (UTF-8) and import that file.";

/// First bytes, what they mean, what to do.
const SIGNATURES: [(&[u8], &str, &str); 16] = [
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file",
        WORKBOOK,
    ),
    (b"PK\x05\x06", "an empty ZIP archive", UNPACK),
    (b"%PDF-", "a PDF document", EXPORT),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"\x89PNG\r\n", "a PNG picture", EXPORT),
    (b"\xff\xd8\xff", "a JPEG picture", EXPORT),
    (b"GIF8", "a GIF picture", EXPORT),
    (b"\x7fELF", "a program", EXPORT),
    (b"MZ\x90\x00", "a program", EXPORT),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"{\\rtf", "an RTF document", EXPORT),
];

/// Refuses empty files and those that cannot be a table.
pub(crate) fn check(source: &mut Source<'_>) -> Result<(), DataError> {
    let head = source.raw_head(16 << 10)?;
    if head.iter().all(u8::is_ascii_whitespace) || head == b"\xef\xbb\xbf" {
        return Err(
            DataError::new(ErrorCode::EmptyFile, source.name, "the file is empty")
                .remedy("Give a file with a text and a label in each row."),
        );
    }
    let Some((what, remedy)) = recognise(&head, source) else {
        return Ok(());
    };
    let message = format!("this is {what}, not a text table");
    Err(DataError::new(ErrorCode::UnsupportedFileType, source.name, message).remedy(remedy))
}

/// Refuses a file that its first bytes say is no text table, before anything else is looked at: a name or a
/// media type can claim what it likes.
///
/// # Errors
/// What it is, and what to do.
pub fn refuse_others(name: &str, head: &[u8]) -> Result<(), DataError> {
    let Some((what, remedy)) = signed(head, name) else {
        return Ok(());
    };
    let message = format!("this is {what}, not a text table");
    Err(DataError::new(ErrorCode::UnsupportedFileType, name, message).remedy(remedy))
}

fn signed(head: &[u8], name: &str) -> Option<(&'static str, &'static str)> {
    if head.starts_with(b"PK\x03\x04") {
        return Some(archive(head));
    }
    let signature = SIGNATURES
        .iter()
        .find(|(start, _, _)| head.starts_with(start));
    if let Some((_, what, remedy)) = signature {
        return Some((what, remedy));
    }
    is_markup(head, name).then_some(("a web page or XML document", EXPORT))
}

fn recognise(head: &[u8], source: &Source<'_>) -> Option<(&'static str, &'static str)> {
    if let Some(known) = signed(head, source.name) {
        return Some(known);
    }
    // Half of the bytes of western UTF-16 are NUL; a text table in another encoding has none.
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if source.is_transcoded() || zeros * 20 < head.len() {
        return None;
    }
    Some((
        "binary, or UTF-16 without a byte order mark",
        "If it is a text in UTF-16, give --encoding utf-16le (or utf-16be).",
    ))
}

fn archive(head: &[u8]) -> (&'static str, &'static str) {
    let holds = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    if holds(b"xl/") || holds(b"[Content_Types].xml") {
        ("an Excel workbook", WORKBOOK)
    } else if holds(b"opendocument.spreadsheet") {
        ("an OpenDocument spreadsheet", WORKBOOK)
    } else {
        ("a ZIP archive", UNPACK)
    }
}

fn is_markup(head: &[u8], name: &str) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = start.trim_ascii_start();
    let begins = |with: &str| {
        start
            .get(..with.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()))
    };
    let named = matches!(extension(name).as_str(), "html" | "htm" | "svg" | "xml");
    ["<!doctype ", "<!--", "<html", "<svg", "<?xml"]
        .iter()
        .any(|with| begins(with))
        || (named && start.starts_with(b"<"))
}

/// The name's ending in lower case, without the dot.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.')
        .map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
}
