//! `hanok store encrypt`, `decrypt` and `rekey`: the SQLite file of an installation that no server uses.

use std::path::PathBuf;

use hanok_store::{EncryptionKey, cipher};
use serde_json::json;

use super::places::{key, sqlite_file};
use super::{hold, of_store};
use crate::cli::{CliError, Context, Flags, Output, load};
use crate::terminal::Terminal;

/// Flags of `hanok store encrypt` and `hanok store decrypt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Data directory [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Flags of `hanok store rekey`.
#[derive(Debug, clap::Args)]
pub struct RekeyArgs {
    /// File with the new key [env: DB_ENCRYPTION_KEY_NEW holds the key itself].
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
    #[command(flatten)]
    common: Args,
}

/// Encrypts a plain file.
pub async fn encrypt(args: Args) -> Result<(), CliError> {
    let context = context(&args)?;
    let key = present_key()?;
    let file = sqlite_file(&context.settings)?;
    let lock = hold(&context.settings)?;
    cipher::encrypt(&file, &key).await.map_err(of_store)?;
    drop(lock);
    let after = "Keep DB_ENCRYPTION_KEY set: the server opens the file with it, and without it \
        nobody ever does.";
    done(&context.terminal, "encrypted", &file, after);
    Ok(())
}

/// Decrypts an encrypted file.
pub async fn decrypt(args: Args) -> Result<(), CliError> {
    let context = context(&args)?;
    let key = present_key()?;
    let file = sqlite_file(&context.settings)?;
    let lock = hold(&context.settings)?;
    cipher::decrypt(&file, &key).await.map_err(of_store)?;
    drop(lock);
    let after = "Unset DB_ENCRYPTION_KEY before the server starts.";
    done(&context.terminal, "decrypted", &file, after);
    Ok(())
}

/// Gives an encrypted file another key.
pub async fn rekey(args: RekeyArgs) -> Result<(), CliError> {
    let context = context(&args.common)?;
    let old = present_key()?;
    let new = match &args.new_key_file {
        Some(path) => {
            let digits = std::fs::read_to_string(path);
            let digits =
                digits.map_err(|error| CliError::usage(format!("{}: {error}", path.display())))?;
            EncryptionKey::parse(&digits).map_err(of_store)?
        }
        None => key("DB_ENCRYPTION_KEY_NEW")?.ok_or_else(|| {
            CliError::usage("set the new key in DB_ENCRYPTION_KEY_NEW or give --new-key-file")
        })?,
    };
    let file = sqlite_file(&context.settings)?;
    let lock = hold(&context.settings)?;
    cipher::rekey(&file, &old, &new).await.map_err(of_store)?;
    drop(lock);
    let after = "Set DB_ENCRYPTION_KEY to the new key before the server starts.";
    done(&context.terminal, "rekeyed", &file, after);
    Ok(())
}

fn context(args: &Args) -> Result<Context, CliError> {
    let flags = Flags::default().with_dir("HANOK_DATA", args.data.as_deref());
    Ok(Context {
        terminal: Terminal::new(args.output.json),
        settings: load(&flags)?,
    })
}

fn present_key() -> Result<EncryptionKey, CliError> {
    key("DB_ENCRYPTION_KEY")?.ok_or_else(|| {
        CliError::usage(
            "set DB_ENCRYPTION_KEY, 64 hexadecimal digits, or DB_ENCRYPTION_KEY_FILE; \
             `openssl rand -hex 32` makes a key",
        )
    })
}

fn done(terminal: &Terminal, what: &str, file: &std::path::Path, after: &str) {
    terminal.line(format!("{}: {what}", file.display()));
    terminal.note(after);
    terminal.document(&json!({ "file": file, "result": what, "next": after }));
}
