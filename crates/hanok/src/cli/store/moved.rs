//! What a move has done, and the settings that the server needs from then on.

use hanok_blobs::S3Settings;
use hanok_store::transfer::TableCheck;
use hanok_studio::upkeep::ObjectsCopied;
use serde_json::{Value, json};

use crate::terminal::{Terminal, bytes, count};

/// The outcome of `hanok store migrate`.
pub struct Moved {
    pub rows: Option<Rows>,
    pub objects: Option<ObjectsCopied>,
}

/// The rows of it.
pub struct Rows {
    /// The target's address, as it may be printed.
    pub to: String,
    /// Rows there; nothing if an earlier run had finished.
    pub copied: Option<u64>,
    /// Every table on both sides.
    pub tables: Vec<TableCheck>,
}

impl Moved {
    /// Prints it, and what to set.
    pub fn show(&self, terminal: &Terminal, bucket: Option<&S3Settings>) {
        if let Some(rows) = &self.rows {
            terminal.line(rows.line());
        }
        if let Some(objects) = &self.objects {
            terminal.line(line_of(objects));
            for project in &objects.unknown_projects {
                terminal.note(format!(
                    "{project}: objects of a project that the database does not know stayed behind"
                ));
            }
            for object in &objects.damaged {
                terminal.note(format!(
                    "{}/{}: left behind, {}",
                    object.project, object.hash, object.message
                ));
            }
        }
        let settings = self.settings(bucket);
        terminal.line("\nFrom now on the server needs:");
        for (name, value) in &settings {
            terminal.line(format!("{name}={value}"));
        }
        terminal.note(
            "\nWhat was moved is still where it was; keep it until the server has run a while.",
        );
        terminal.document(&self.document(&settings));
    }

    fn settings(&self, bucket: Option<&S3Settings>) -> Vec<(&'static str, String)> {
        let mut settings = Vec::new();
        if let Some(rows) = &self.rows {
            settings.push(("DATABASE_URL", rows.to.clone()));
        }
        if let Some(s3) = bucket {
            settings.extend([
                ("MINIO_ENDPOINT", s3.endpoint.clone()),
                ("MINIO_USE_SSL", s3.use_ssl.to_string()),
                ("MINIO_BUCKET", s3.bucket.clone()),
                ("MINIO_USER", s3.access_key.clone()),
                ("MINIO_PASSWORD", "********".to_owned()),
            ]);
        }
        settings
    }

    fn document(&self, settings: &[(&'static str, String)]) -> Value {
        let rows = self.rows.as_ref().map(|rows| {
            let table = |check: &TableCheck| {
                json!({
                    "table": check.table,
                    "rows": check.source.rows,
                    "digest": check.source.digest(),
                    "agrees": check.agrees(),
                })
            };
            json!({
                "to": rows.to,
                "copied": rows.copied,
                "finished_before": rows.copied.is_none(),
                "tables": rows.tables.iter().map(table).collect::<Vec<_>>(),
            })
        });
        let settings = settings.iter().map(|(name, value)| (*name, value.clone()));
        json!({
            "rows": rows,
            "objects": self.objects,
            "settings": settings.collect::<std::collections::BTreeMap<_, _>>(),
        })
    }
}

impl Rows {
    fn line(&self) -> String {
        match self.copied {
            None => "rows: moved by an earlier run".to_owned(),
            Some(copied) => format!(
                "rows: {} in {} tables, the same on both sides",
                count(copied),
                self.tables.len()
            ),
        }
    }
}

fn line_of(objects: &ObjectsCopied) -> String {
    let mut line = format!(
        "objects: {} copied and checked ({})",
        count(objects.copied),
        bytes(objects.bytes)
    );
    if objects.present > 0 {
        line += &format!(", {} were there already", count(objects.present));
    }
    if !objects.damaged.is_empty() {
        line += &format!(", {} left behind", count(objects.damaged.len() as u64));
    }
    line
}
