//! The hosting worker: keeps models in memory and answers inference on its socket. Each request names
//! its model whole, so a restarted or evicting host loads it again by itself.

mod cache;
mod gate;
mod generate;
mod held;
mod serve;

pub use self::held::{directories_of, load_head, starter_encoder};

use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::gateway::Gateway;
use crate::models::Directories;
use crate::{Ended, WorkerConfig, WorkerError};

/// Hosts models until told to stop.
pub async fn run(config: WorkerConfig) -> Result<Ended, WorkerError> {
    let objects = config.open_objects().await?;
    let directories = Directories::new(&objects, &config.objects);
    let listener = listen(&config)?;
    let mut terminate =
        signal(SignalKind::terminate()).map_err(WorkerError::io("cannot listen for signals"))?;
    let router = serve::router(cache::Cache::new(objects, directories));
    let serving = axum::serve(listener, router).into_future();
    tokio::pin!(serving);

    let address = format!("unix:{}", config.socket.display());
    let gateway = Gateway::connect(&config, address.clone()).await?;
    loop {
        tokio::select! {
            ended = &mut serving => {
                ended.map_err(WorkerError::io("the socket failed"))?;
                return Ok(Ended::Stopped);
            }
            _ = terminate.recv() => {
                gateway.leave().await;
                return Ok(Ended::Stopped);
            }
            () = tokio::time::sleep(gateway.heartbeat_every()) => {
                match gateway.heartbeat(Vec::new()).await {
                    Ok(_) => {}
                    Err(WorkerError::Refused(fault)) if fault.code == "unknown_worker" => {
                        gateway.register(address.clone()).await?;
                    }
                    Err(WorkerError::Unreachable(reason)) => {
                        tracing::warn!(reason, "no gateway for as long as a lease lasts");
                        return Ok(Ended::Orphaned);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// Listens on the socket; the folder that holds it is private, so whoever connects is the gateway.
fn listen(config: &WorkerConfig) -> Result<UnixListener, WorkerError> {
    let path = &config.socket;
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(WorkerError::io(format!(
                "cannot replace {}",
                path.display()
            ))(error));
        }
    }
    UnixListener::bind(path).map_err(WorkerError::io(format!(
        "cannot listen on {}",
        path.display()
    )))
}
