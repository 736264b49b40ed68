//! The server of a quickstart: the one that holds the data directory, or a new one on a port that
//! people can remember. A port that another program has is told before anything is made.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use hanok_config::Settings;

use crate::cli::{CliError, Failure};
use crate::client::{Bind, Connection, connect_at, running};
use crate::terminal::Terminal;

/// A sibling that has just taken the port may not have written its address yet.
const SIBLING: Duration = Duration::from_secs(3);

/// Connects to the data directory's server, or brings one up.
pub async fn open(settings: &Settings, terminal: &Terminal) -> Result<Connection, CliError> {
    let bind = Bind {
        host: settings.host.clone(),
        port: settings.port,
    };
    let begun = tokio::time::Instant::now();
    loop {
        if let Some(connection) = running(&settings.data).await? {
            terminal.tell(format!(
                "Using the server that runs at {} (data directory {}).",
                connection.client.shown(),
                settings.data.display()
            ));
            return Ok(connection);
        }
        match port_is_free(&bind) {
            Ok(()) => return Ok(connect_at(settings, terminal, &bind).await?),
            Err(failure) if begun.elapsed() > SIBLING => return Err(failure),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn port_is_free(bind: &Bind) -> Result<(), CliError> {
    let Bind { host, port } = bind;
    let Err(error) = TcpListener::bind((host.trim_matches(['[', ']']), *port)) else {
        return Ok(());
    };
    let failure = match error.kind() {
        ErrorKind::AddrInUse => {
            Failure::new(format!("port {port} on {host} is taken by another program"))
                .code("port_taken")
                .remedy("Pass --port 0 for a free one, or name another with --port N (PORT).")
        }
        ErrorKind::PermissionDenied => {
            Failure::new(format!("port {port} may not be used: {error}"))
                .code("port_refused")
                .remedy(
                    "Ports below 1024 need special rights: name a higher one with --port N (PORT).",
                )
        }
        _ => Failure::new(format!("cannot listen on {host}, port {port}: {error}"))
            .code("cannot_listen")
            .remedy("Name an address of this machine with --host (HOST); 127.0.0.1 always is one."),
    };
    Err(failure.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(host: &str, port: u16) -> Bind {
        Bind {
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() -> std::io::Result<()> {
        let holder = TcpListener::bind(("127.0.0.1", 0))?;
        let port = holder.local_addr()?.port();
        let text = port_is_free(&bind("127.0.0.1", port))
            .err()
            .map(|e| e.to_string());
        let text = text.unwrap_or_default();
        assert!(
            text.contains(&port.to_string()) && text.contains("--port 0"),
            "{text}"
        );
        drop(holder);
        // Another test may take a port that was just let go, but not each time.
        let free = (0..20).any(|_| {
            let holder = TcpListener::bind(("127.0.0.1", 0)).and_then(|held| held.local_addr());
            holder.is_ok_and(|at| port_is_free(&bind("127.0.0.1", at.port())).is_ok())
        });
        assert!(free);
        Ok(())
    }

    #[test]
    fn an_address_of_another_machine_is_named() {
        let failure = port_is_free(&bind("192.0.2.1", 0)).err();
        assert!(failure.is_some_and(|e| e.to_string().contains("192.0.2.1")));
    }
}
