//! How long a server lives: until a signal; one that a command brought up also ends when the last
//! command has gone and no job is left (decision 2).

use std::time::Duration;

use hanok_web::app::App;
use tokio::signal::unix::{SignalKind, signal};

/// A command that was started together with the server has this long to attach.
const FIRST: Duration = Duration::from_secs(30);
/// After the last command has gone.
const LINGER: Duration = Duration::from_secs(1);

/// Returns when the server is to stop.
pub async fn wait(app: &App, ephemeral: bool) {
    tokio::select! {
        () = signalled() => {}
        () = deserted(app), if ephemeral => tracing::info!("no command is attached and no job is left"),
    }
}

async fn signalled() {
    let (terminate, interrupt) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        tracing::error!("signals cannot be listened for");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
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
