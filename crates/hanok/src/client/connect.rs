//! Which server a command talks to: the one it was told of, the one of its data directory,
//! or one that it brings up for as long as it lasts.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hanok_config::Settings;
use hanok_store::lock::read_address;

use super::attach::Attach;
use super::spawn::{Child, spawn};
use super::{Client, ClientError};
use crate::terminal::Terminal;

/// Longest that a server may take from its start until it is ready.
const START: Duration = Duration::from_secs(90);
/// How long a command whose server lost the lock waits for the winner before it starts another.
const RIVAL: Duration = Duration::from_millis(700);
const STEP: Duration = Duration::from_millis(40);

/// A client, and what keeps its server alive.
pub struct Connection {
    /// Talks to the server.
    pub client: Client,
    /// Data directory, where the server is of this machine.
    pub data: Option<PathBuf>,
    attach: Option<Attach>,
    child: Option<Child>,
}

/// Where a server that has to be brought up should listen.
#[derive(Debug, Clone)]
pub struct Bind {
    /// Address.
    pub host: String,
    /// Port; 0 picks one.
    pub port: u16,
}

impl Connection {
    /// Whether this command brought the server up.
    pub fn is_ours(&self) -> bool {
        self.child.is_some()
    }

    /// Waits until the server has gone, if it ever does.
    pub async fn lost(&mut self) {
        match &mut self.attach {
            Some(attach) => attach.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Lets the server go. One of our own ends when nobody else uses it; waits for that a little
    /// and says whether it is gone.
    pub async fn close(mut self, patience: Duration) -> bool {
        drop(self.attach.take());
        let Some(mut child) = self.child.take() else {
            return false;
        };
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if child.ended() {
                return true;
            }
            tokio::time::sleep(STEP).await;
        }
        false
    }
}

/// Connects on a private port if a server has to be brought up.
pub async fn connect(settings: &Settings, terminal: &Terminal) -> Result<Connection, ClientError> {
    let bind = Bind {
        host: "127.0.0.1".to_owned(),
        port: 0,
    };
    connect_at(settings, terminal, &bind).await
}

/// Connects; a server that has to be brought up listens where it is told.
pub async fn connect_at(
    settings: &Settings,
    terminal: &Terminal,
    bind: &Bind,
) -> Result<Connection, ClientError> {
    if let Some(url) = &settings.url {
        let key = settings.key.as_ref().map(|k| k.expose().to_owned());
        return Ok(Connection {
            client: Client::trusting(url, key, settings.ca_file.as_deref())?,
            data: None,
            attach: None,
            child: None,
        });
    }
    if let Some(connection) = running(&settings.data).await? {
        return Ok(connection);
    }
    let mut spin = terminal.bar("Starting the server");
    spin.say("");
    bring_up(&settings.data, bind).await
}

/// Starts servers until one is ready: ours, or that of a command that was faster. A server that
/// was just let go keeps the lock until its end, so losing the lock once is no failure.
async fn bring_up(data: &Path, bind: &Bind) -> Result<Connection, ClientError> {
    let deadline = Instant::now() + START;
    loop {
        let mut child = spawn(data, bind)?;
        if let Some((client, attach)) = ready(data, &mut child, deadline).await? {
            let ours = !child.ended();
            return Ok(Connection {
                client,
                data: Some(data.to_owned()),
                attach: Some(attach),
                child: ours.then_some(child),
            });
        }
    }
}

/// The server that holds the data directory, if one does and lets us in.
pub async fn running(data: &Path) -> Result<Option<Connection>, ClientError> {
    Ok(holder(data, "/health/live")
        .await?
        .map(|(client, attach)| Connection {
            client,
            data: Some(data.to_owned()),
            attach: Some(attach),
            child: None,
        }))
}

async fn holder(data: &Path, health: &str) -> Result<Option<(Client, Attach)>, ClientError> {
    let address = read_address(data).map_err(|error| ClientError::Start {
        message: error.to_string(),
        remedy: "Make the data directory readable, or name another with --data.".to_owned(),
    })?;
    let Some(address) = address else {
        return Ok(None);
    };
    let client = Client::new(&address.url, Some(address.token))?.known_as(address.public);
    if !client.healthy(health).await {
        return Ok(None);
    }
    // A server on its way out answers health but takes nobody in any more.
    Ok(Attach::open(&client)
        .await
        .ok()
        .map(|attach| (client, attach)))
}

/// Waits for our child, or for the rival that was faster; nothing if the lock was lost to a server
/// that takes nobody in.
async fn ready(
    data: &Path,
    child: &mut Child,
    deadline: Instant,
) -> Result<Option<(Client, Attach)>, ClientError> {
    let mut lost = None;
    loop {
        if let Some(found) = holder(data, "/health/ready").await? {
            return Ok(Some(found));
        }
        if lost.is_none() && child.ended() {
            if !child.lost_the_lock() {
                return Err(child.failure());
            }
            lost = Some(Instant::now());
        }
        if Instant::now() > deadline {
            return Err(child.too_slow());
        }
        if lost.is_some_and(|at| at.elapsed() > RIVAL) {
            return Ok(None);
        }
        tokio::time::sleep(STEP).await;
    }
}
