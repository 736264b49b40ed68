//! `hanok secret rotate`.

use serde_json::json;

use super::{Args, Held};
use crate::cli::CliError;
use crate::cli::store::of_fault;
use crate::terminal::count;

/// Seals anew and says how much.
pub async fn run(args: &Args) -> Result<(), CliError> {
    let held = Held::open(args).await?;
    let done = held.studio.rotate_secrets().await.map_err(of_fault)?;
    let terminal = &held.context.terminal;
    let key = held.studio.secrets().sealer.key_id().to_owned();
    terminal.line(format!(
        "{} sealed anew, {} under key {key} already",
        count(done.resealed),
        count(done.current)
    ));
    terminal.note(
        "Objects and passwords stay under the key of their time: keep it in SECRET_KEY_PREVIOUS \
         as long as there are some.",
    );
    terminal.document(&json!({
        "key": key,
        "resealed": done.resealed,
        "current": done.current,
    }));
    held.close().await
}
