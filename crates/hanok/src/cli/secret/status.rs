//! `hanok secret status`.

use hanok_studio::sealing::SealedUnder;
use serde_json::json;

use super::{Args, Held};
use crate::cli::{CliError, store::of_fault};
use crate::terminal::count;

/// Counts, and fails where a key is missing.
pub async fn run(args: &Args) -> Result<(), CliError> {
    let held = Held::open(args).await?;
    let found = held.studio.sealed_under().await.map_err(of_fault)?;
    let sealer = &held.studio.secrets().sealer;
    let previous: Vec<&str> = sealer.previous_ids().collect();
    let terminal = &held.context.terminal;
    terminal.line(format!("SECRET_KEY is key {}", sealer.key_id()));
    for key in &previous {
        terminal.line(format!("SECRET_KEY_PREVIOUS has key {key}"));
    }
    if found.is_empty() {
        terminal.line("no secret is sealed in the database");
    }
    for under in &found {
        terminal.line(told(under));
    }
    terminal.document(&json!({
        "key": sealer.key_id(),
        "previous": previous,
        "sealed": found,
    }));
    let missing = found.iter().any(|under| !under.opens);
    held.close().await?;
    if missing {
        Err(CliError::Found)
    } else {
        Ok(())
    }
}

fn told(under: &SealedUnder) -> String {
    let SealedUnder { table, column, .. } = under;
    let values = count(under.values);
    match (&under.key, under.opens) {
        (Some(key), true) => format!("{table}.{column}: {values} under key {key}"),
        (Some(key), false) => {
            format!("{table}.{column}: {values} under key {key}, which is not set")
        }
        (None, _) => format!("{table}.{column}: {values} not sealed"),
    }
}
