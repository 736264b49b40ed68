//! The log as a file: row by row, so that its length does not matter. The export is told in the log.

use hanok_domain::fault::Fault;
use serde_json::json;

use super::list::{AuditPart, must_own};
use super::query::AuditQuery;
use super::record::{Deed, record};
use super::view::AuditView;
use crate::access::Caller;
use crate::studio::Studio;

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFormat {
    /// Comma-separated values (RFC 4180), safe to open as a sheet.
    Csv,
    /// A JSON document a line.
    Jsonl,
}

/// Rows that are read at once.
const PAGE: u64 = 1000;

/// The columns of a sheet.
const COLUMNS: [&str; 17] = [
    "id",
    "at",
    "project",
    "actor",
    "actor_id",
    "actor_name",
    "credential_id",
    "action",
    "object_kind",
    "object_id",
    "outcome",
    "address",
    "user_agent",
    "request_id",
    "detail",
    "seq",
    "hash",
];

/// An export in progress.
pub struct AuditExport {
    studio: Studio,
    caller: Caller,
    query: AuditQuery,
    format: AuditFormat,
    part: AuditPart,
    begun: bool,
    ended: bool,
}

impl AuditFormat {
    /// Reads `csv` or `jsonl`; `jsonl` when nothing is said.
    ///
    /// # Errors
    /// 422 for another word.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            "csv" => Ok(Self::Csv),
            "" | "jsonl" => Ok(Self::Jsonl),
            other => {
                let text = format!("A format is csv or jsonl, not '{other}'.");
                Err(Fault::invalid("invalid_format", text).field("format"))
            }
        }
    }

    /// The ending of the file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

impl Studio {
    /// Begins an export, and writes that to the log.
    ///
    /// # Errors
    /// As the list; also where the row cannot be written.
    pub async fn export_audit(
        &self,
        caller: &Caller,
        query: AuditQuery,
        format: AuditFormat,
    ) -> Result<AuditExport, Fault> {
        must_own(caller)?;
        let (asked, kind) = (&query, format.ending());
        self.store()
            .write(|tx| async move {
                asked.filter(&tx, caller).await?;
                let deed = Deed::done("audit.export", "audit", "log");
                let deed = deed.detail(json!({ "format": kind, "filter": asked }));
                Ok::<_, Fault>(record(&tx, caller, deed).await?)
            })
            .await?;
        Ok(AuditExport {
            studio: self.clone(),
            caller: caller.clone(),
            query,
            format,
            part: AuditPart {
                limit: Some(PAGE),
                ..AuditPart::default()
            },
            begun: false,
            ended: false,
        })
    }
}

impl AuditExport {
    /// The next piece of the file; none at its end.
    ///
    /// # Errors
    /// Of the database.
    pub async fn next(&mut self) -> Result<Option<String>, Fault> {
        let mut text = String::new();
        if !self.begun && self.format == AuditFormat::Csv {
            text.push_str(&COLUMNS.join(","));
            text.push_str("\r\n");
        }
        self.begun = true;
        while !self.ended && text.len() < 64 << 10 {
            let page = self
                .studio
                .audit_page(&self.caller, &self.query, &self.part)
                .await?;
            self.ended = !page.has_more;
            self.part.after = page.last_id;
            for row in &page.rows {
                write(&mut text, row, self.format)?;
            }
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

fn write(out: &mut String, row: &AuditView, format: AuditFormat) -> Result<(), Fault> {
    let value = serde_json::to_value(row)
        .map_err(|e| Fault::internal(format!("a row cannot be written: {e}")))?;
    match format {
        AuditFormat::Jsonl => out.push_str(&value.to_string()),
        AuditFormat::Csv => {
            let cells = COLUMNS.map(|name| match &value[name] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => cell(text),
                other => cell(&other.to_string()),
            });
            out.push_str(&cells.join(","));
            out.push('\r');
        }
    }
    out.push('\n');
    Ok(())
}

/// A cell that no program takes for a formula, quoted where it has to be.
pub fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '\n']);
    let guarded = match formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match guarded.contains([',', '"', '\r', '\n', '\t', ';', '\0']) || formula {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c11_no_cell_is_a_formula() {
        for first in ['=', '+', '-', '@', '\t', '\r', '\0', '\n'] {
            let text = format!("{first}cmd|' /C calc'!A0");
            assert!(cell(&text).starts_with("\"'"), "{text:?}");
        }
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("a\n=1+1"), "\"a\n=1+1\"");
        assert_eq!(cell(""), "");
    }
}
