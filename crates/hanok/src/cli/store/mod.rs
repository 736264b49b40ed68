//! `hanok store …`: moving an installation to other stores, and encrypting its database file. Every verb
//! holds the data directory for itself, so that no server works on what it moves.

mod encryption;
mod migrate;
mod moved;
mod places;

use hanok_config::Settings;
use hanok_domain::fault::Fault;
use hanok_store::StoreError;
use hanok_store::lock::{DataDirLock, LockError};

use super::{CliError, Failure};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Move rows to another database and objects to a bucket; run it again to go on after a stop.
    Migrate(migrate::Args),
    /// Encrypt the SQLite file with the key in DB_ENCRYPTION_KEY.
    Encrypt(encryption::Args),
    /// Turn the encrypted SQLite file into one that anyone can read.
    Decrypt(encryption::Args),
    /// Give the encrypted SQLite file the key in DB_ENCRYPTION_KEY_NEW or in a file.
    Rekey(encryption::RekeyArgs),
}

/// Runs a verb.
pub async fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Migrate(args) => migrate::run(args).await,
        Command::Encrypt(args) => encryption::encrypt(args).await,
        Command::Decrypt(args) => encryption::decrypt(args).await,
        Command::Rekey(args) => encryption::rekey(args).await,
    }
}

/// Holds the data directory of an installation that is there.
pub fn hold(settings: &Settings) -> Result<DataDirLock, CliError> {
    if let Some(url) = &settings.url {
        return Err(CliError::usage(format!(
            "this command works on a data directory, and HANOK_URL names the server {url}: \
             unset it, and run the command where that server's data is"
        )));
    }
    if !settings.data.join("hanok.lock").exists() {
        let place = settings.data.display();
        let failure = Failure::new(format!("There is no installation in {place}."));
        let failure = failure.code("no_installation");
        return Err(failure
            .remedy("Name its data directory with --data.")
            .into());
    }
    match DataDirLock::acquire(&settings.data) {
        Ok(lock) => Ok(lock),
        Err(held @ LockError::Held { .. }) => Err(Failure::new(format!("{held}."))
            .code("data_directory_in_use")
            .remedy("Stop that server, and run this command again.")
            .into()),
        Err(error) => Err(CliError::failed(error.to_string())),
    }
}

fn of_store(error: StoreError) -> CliError {
    match error {
        StoreError::Key(message) | StoreError::Config(message) => {
            Failure::new(message).code("store_refused").into()
        }
        other => of_fault(other.into()),
    }
}

/// As a command tells it.
pub fn of_fault(fault: Fault) -> CliError {
    let mut failure = Failure::new(fault.message).code(fault.code);
    failure.remedy = fault.remedy;
    failure.into()
}
