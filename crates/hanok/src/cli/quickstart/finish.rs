//! The end of a quickstart: stay up until Ctrl-C, or let the server go.

use std::path::Path;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{CliError, Failure};
use crate::client::Connection;
use crate::terminal::Terminal;

/// How long a server of ours may take to end.
const PATIENCE: Duration = Duration::from_secs(15);

/// Stays up until somebody stops it, or the server is gone.
pub async fn stay(mut connection: Connection, terminal: &Terminal) -> Result<(), CliError> {
    let deaf =
        |error: std::io::Error| CliError::failed(format!("cannot listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
    let url = connection.client.shown().to_owned();
    terminal.tell(format!("\nServing at {url} until you press Ctrl-C."));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = connection.lost() => {
            return Err(Failure::new(format!("the server at {url} has ended"))
                .remedy("Its log is in the data directory, logs/hanok.log.")
                .into());
        }
    }
    terminal.note("\nStopping.");
    if connection.is_ours() && !connection.close(PATIENCE).await {
        terminal.note(format!(
            "The server at {url} goes on: others use it, or a job still runs."
        ));
    }
    Ok(())
}

/// The command that brings this server up again, at the same address.
pub fn restart(connection: &Connection, home: Option<&Path>) -> String {
    let port = connection
        .client
        .shown()
        .rsplit(':')
        .next()
        .filter(|port| port.parse::<u16>().is_ok())
        .unwrap_or("8080");
    let data = home.map_or_else(String::new, |dir| format!(" --data '{}'", dir.display()));
    format!("hanok serve --port {port}{data}")
}

/// Lets the server go and waits until it is gone, so that the port and the directory are free.
pub async fn leave(connection: Connection) {
    if connection.is_ours() {
        connection.close(PATIENCE).await;
    }
}
