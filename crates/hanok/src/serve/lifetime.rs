//! How long a server lives: until a signal; one that a command brought up also ends when the last
//! command has gone and no job is left (decision 2).

use std::time::Duration;

use hanok_web::app::App;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A command that was started together with the server has this long to attach.
const FIRST: Duration = Duration::from_secs(30);
/// After the last command has gone.
const LINGER: Duration = Duration::from_secs(1);

/// The signals that end a server in an orderly way, from when this is made.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to listen.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Returns when the server is to stop.
pub async fn wait(app: &App, ephemeral: bool, mut signals: Signals) {
    tokio::select! {
        () = signals.next() => {}
        () = deserted(app), if ephemeral => tracing::info!("no command is attached and no job is left"),
    }
}

async fn deserted(app: &App) {
    let mut attached = app.attached.watch();
    loop {
        let count = *attached.borrow_and_update();
        let patience = match (count.now, count.ever) {
            (0, 0) => FIRST,
            (0, _) => LINGER,
            _ => {
                if attached.changed().await.is_err() {
                    return;
                }
                continue;
            }
        };
        if tokio::time::timeout(patience, attached.changed())
            .await
            .is_ok()
        {
            continue;
        }
        match app.studio.is_busy().await {
            Ok(false) => return,
            Ok(true) => {}
            Err(fault) => tracing::warn!(%fault, "could not look for running jobs"),
        }
    }
}
