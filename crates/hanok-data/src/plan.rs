//! How a file is read, decided once; every further reading follows the plan.

use std::io::Read;

use crate::audit::decide_quote;
use crate::decode::Source;
use crate::error::{DataError, ErrorCode};
use crate::header;
use crate::imported::Layout;
use crate::options::{Format, ImportOptions, Limits};
use crate::roles;
use crate::rows::Rows;
use crate::sniff::{self, SAMPLE_BYTES, Sample};
use crate::table::Dialect;

/// Layout, columns and limits of one file.
pub(crate) struct Plan {
    pub(crate) layout: Layout,
    pub(crate) dialect: Dialect,
    /// Those of JSON objects are found by the survey.
    pub(crate) columns: Vec<String>,
    pub(crate) limits: Limits,
    /// Whether members that are no columns yet become columns.
    pub(crate) growing: bool,
}

impl Plan {
    /// Looks at the file and decides.
    pub(crate) fn new(
        source: &mut Source<'_>,
        options: &ImportOptions,
        notices: &mut Vec<String>,
    ) -> Result<Self, DataError> {
        check_delimiter(options, source.name)?;
        let mut bytes = Vec::new();
        let read = source.rewind()?.take(SAMPLE_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| DataError::read(source.name, &error))?;
        let sample = Sample::new(bytes);
        let (format, delimiter) = sniff::format(&sample, source.name, options);
        let mut plan = Self {
            layout: Layout {
                format,
                delimiter: delimiter.map(char::from),
                quote: false,
                header: false,
                encoding: source.encoding.name().to_ascii_lowercase(),
            },
            dialect: Dialect {
                delimiter,
                quote: false,
                terminator: sample.terminator(),
            },
            columns: Vec::new(),
            limits: options.limits,
            growing: matches!(format, Format::Json | Format::Jsonl),
        };
        match format {
            Format::Delimited => plan.delimited(source, &sample, options, notices)?,
            Format::LabelText => plan.columns = vec!["label".into(), "text".into()],
            Format::Json | Format::Jsonl => {}
        }
        Ok(plan)
    }

    fn delimited(
        &mut self,
        source: &mut Source<'_>,
        sample: &Sample,
        options: &ImportOptions,
        notices: &mut Vec<String>,
    ) -> Result<(), DataError> {
        let name = source.name;
        if self.dialect.delimiter.is_none() {
            return Err(roles::one_column(name, &[]));
        }
        let width = match options.quote {
            Some(quote) => {
                self.dialect.quote = quote;
                let rows = sample.rows(self.dialect, 1_000, &self.limits);
                most_frequent_width(&rows)
            }
            None => {
                let (quote, audit) = decide_quote(source, self.dialect, &self.limits, notices)?;
                self.dialect.quote = quote;
                audit.width()
            }
        };
        self.layout.quote = self.dialect.quote;
        let rows = sample.rows(self.dialect, 1_000, &self.limits);
        self.layout.header = options.header.unwrap_or_else(|| header::is_header(&rows));
        if !self.layout.header {
            self.columns = header::numbered(width);
            return Ok(());
        }
        let first = rows.into_iter().next().unwrap_or_default();
        self.name_columns(source, first, notices)
    }

    fn name_columns(
        &mut self,
        source: &Source<'_>,
        first: Vec<String>,
        notices: &mut Vec<String>,
    ) -> Result<(), DataError> {
        if first.iter().any(|name| name.contains('\u{fffd}')) && !source.is_transcoded() {
            let message = "the names of the columns are not UTF-8";
            return Err(
                DataError::new(ErrorCode::MalformedCsv, source.name, message)
                    .at(1)
                    .remedy(
                        "Save the file as UTF-8, or give --encoding windows-1252 (or euc-kr, …).",
                    ),
            );
        }
        let (columns, double) = header::unique(first);
        if !double.is_empty() {
            notices.push(format!(
                "Columns of the same name were numbered: {}.",
                double.join(", ")
            ));
        }
        self.columns = columns;
        Ok(())
    }

    /// Reads the file from the start.
    pub(crate) fn rows<'a>(&self, source: &'a mut Source<'_>) -> Result<Rows<'a>, DataError> {
        Rows::open(self, source)
    }
}

fn check_delimiter(options: &ImportOptions, file: &str) -> Result<(), DataError> {
    let Some(delimiter) = options.delimiter else {
        return Ok(());
    };
    if delimiter.is_ascii() && !matches!(delimiter, '"' | '\n' | '\r' | '\0') {
        return Ok(());
    }
    let message = format!("{delimiter:?} cannot stand between fields");
    Err(DataError::new(ErrorCode::InvalidOption, file, message)
        .field("delimiter")
        .remedy("Give one ASCII character, such as a comma."))
}

fn most_frequent_width(rows: &[Vec<String>]) -> usize {
    let mut widths = std::collections::BTreeMap::<usize, u64>::new();
    for row in rows {
        *widths.entry(row.len()).or_default() += 1;
    }
    let most = widths
        .into_iter()
        .max_by_key(|(width, rows)| (*rows, *width));
    most.map_or(0, |(width, _)| width)
}
