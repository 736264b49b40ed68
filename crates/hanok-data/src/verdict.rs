//! Whether a file can be learned from, and what a person should know of it if so.

use crate::check::Tally;
use crate::error::{DataError, ErrorCode};
use crate::imported::Kind;
use crate::options::{Format, ImportOptions};
use crate::rows::Flaw;
use crate::survey::MAX_LABELS;

const LABELLED_ROWS: u64 = 20;
const CONVERSATIONS: u64 = 10;
/// Broken rows that are always put up with, and one in how many.
const FLAWS: u64 = 5;
const FLAW_SHARE: u64 = 100;

/// Refuses what cannot be learned from.
pub(crate) fn verdict(
    tally: &Tally,
    file: &str,
    kind: Kind,
    format: Format,
    options: &ImportOptions,
) -> Result<(), DataError> {
    check_flaws(tally, file, format)?;
    if tally.rows == 0 {
        return Err(no_rows(tally, file));
    }
    let minimum = minimum_rows(kind, options);
    if tally.rows < minimum {
        return Err(too_few(file, tally.rows, minimum));
    }
    if kind == Kind::Messages {
        return Ok(());
    }
    check_labels(tally, file)
}

/// Rows below which nothing is learned.
pub(crate) fn minimum_rows(kind: Kind, options: &ImportOptions) -> u64 {
    options.limits.minimum_rows.unwrap_or(match kind {
        Kind::Classification => LABELLED_ROWS,
        Kind::Messages => CONVERSATIONS,
    })
}

pub(crate) fn too_few(file: &str, rows: u64, minimum: u64) -> DataError {
    let message =
        format!("{rows} usable rows are too few to learn from; at least {minimum} are needed");
    DataError::new(ErrorCode::TooFewRows, file, message)
        .remedy("Add rows, better a few hundred, and import again.")
}

fn no_rows(tally: &Tally, file: &str) -> DataError {
    let message = match tally.rejected.first() {
        None => "there are no rows below the header".to_string(),
        Some(first) => format!(
            "none of {} rows can be used; row {}: {}",
            tally.rejected_total, first.row, first.reason
        ),
    };
    DataError::new(ErrorCode::NoRows, file, message).remedy(
        "Give rows with a text and a label, or name the columns with --text-column and --label-column.",
    )
}

fn check_labels(tally: &Tally, file: &str) -> Result<(), DataError> {
    let classes = tally.labels.len();
    if classes == 1 {
        let label = tally.labels.keys().next().map_or("", String::as_str);
        let message = format!("every row has the same label, {label:?}");
        return Err(DataError::new(ErrorCode::OneClass, file, message)
            .field("label-column")
            .remedy("Add rows of another class, or name the right column with --label-column."));
    }
    if classes > MAX_LABELS || classes as u64 * 2 > tally.rows {
        let message = format!(
            "the label column has {classes} different values in {} rows, too many for classes",
            tally.rows
        );
        return Err(DataError::new(ErrorCode::LabelColumnUnclear, file, message)
            .field("label-column")
            .remedy("Name the right column with --label-column."));
    }
    Ok(())
}

/// A few broken rows are left out; more mean that the file was misread.
fn check_flaws(tally: &Tally, file: &str, format: Format) -> Result<(), DataError> {
    let broken = tally.flaws.values().map(|(lines, _, _)| lines).sum::<u64>();
    let total = tally.rows + tally.rejected_total;
    if broken <= FLAWS.max(total / FLAW_SHARE) {
        return Ok(());
    }
    let worst = tally.flaws.iter().max_by_key(|(_, (lines, _, _))| *lines);
    let Some((flaw, (lines, row, reason))) = worst else {
        return Ok(());
    };
    let message = format!("{reason}; {lines} of {total} rows are like that");
    Err(misread(file, format, *flaw, message).at(*row))
}

/// A file whose rows are broken in this way.
pub(crate) fn misread(file: &str, format: Format, flaw: Flaw, message: String) -> DataError {
    let code = match format {
        Format::Json | Format::Jsonl => ErrorCode::MalformedJsonl,
        Format::Delimited | Format::LabelText => ErrorCode::MalformedCsv,
    };
    let remedy = match flaw {
        Flaw::Encoding => {
            "Save the file as UTF-8, or give its encoding: --encoding windows-1252 (or euc-kr, …)."
        }
        Flaw::Ragged => {
            "Quote texts that contain the delimiter, or give --delimiter or --quoting no."
        }
        Flaw::Quotes => {
            "Write a quote inside a text twice (\"\"), or give --quoting no if quotes are plain text."
        }
        Flaw::Json => {
            "Each line must be one JSON object; give --format if the file is something else."
        }
        Flaw::Label => {
            "Each line must be a label, a space and a text; give --format or --delimiter if it is not."
        }
    };
    DataError::new(code, file, message).remedy(remedy)
}

/// What a person should know, in plain sentences.
pub(crate) fn notices(tally: &Tally, notices: &mut Vec<String>) {
    let broken = tally.flaws.values().map(|(lines, _, _)| lines).sum::<u64>();
    if let Some((_, row, reason)) = tally.flaws.values().min_by_key(|(_, row, _)| *row) {
        notices.push(format!(
            "Rows left out because they cannot be read: {broken} (the first is row {row}: {reason})."
        ));
    }
    let mut count = |what: &str, rows: u64| {
        if rows > 0 {
            notices.push(format!("{what}: {rows}."));
        }
    };
    count("Rows left out because the text is empty", tally.empty_texts);
    count(
        "Rows left out because the label is empty",
        tally.empty_labels,
    );
    count(
        "Rows left out because the conversation cannot be trained on",
        tally.unfit,
    );
    count(
        "Rows that repeat the text of an earlier one, kept",
        tally.duplicates.total(),
    );
    count(
        "Values left out because their member first appears late in the file",
        tally.ignored_members,
    );
    let single = tally.labels.iter().filter(|(_, count)| **count == 1);
    let single = single.map(|(label, _)| label.as_str()).collect::<Vec<_>>();
    if !single.is_empty() {
        let more = if single.len() > 5 { ", …" } else { "" };
        let shown = single[..single.len().min(5)].join(", ");
        notices.push(format!(
            "Labels with a single row, from which little can be learned: {} ({shown}{more}).",
            single.len()
        ));
    }
}
