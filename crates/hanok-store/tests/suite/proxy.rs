//! A proxy between a store and its PostgreSQL that can misbehave. Holds no assertions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of the bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Mode {
    Pass,
    /// A commit reaches the server; its answer is cut off.
    CutAfterCommit,
    /// A commit is cut off before it reaches the server.
    CutBeforeCommit,
    /// Nothing gets through, and nobody is told.
    Silence,
}

#[derive(Clone)]
pub struct Proxy {
    pub url: String,
    mode: Arc<AtomicU8>,
}

impl Proxy {
    pub async fn to(url: &str) -> Self {
        let (head, rest) = url.rsplit_once('@').expect("an address");
        let (server, tail) = rest.split_once('/').expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address");
        let proxy = Self {
            url: format!("{head}@{own}/{tail}"),
            mode: Arc::new(AtomicU8::new(Mode::Pass as u8)),
        };
        let (mode, server) = (proxy.mode.clone(), server.to_owned());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(&server).await {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    let (ask, answer) = (mode.clone(), mode.clone());
                    let answers = tokio::spawn(answers(from_server, to_client, answer));
                    tokio::spawn(async move {
                        requests(from_client, to_server, ask).await;
                        answers.abort();
                    });
                }
            }
        });
        proxy
    }

    pub fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
    }
}

fn is(mode: &AtomicU8, which: Mode) -> bool {
    mode.load(Ordering::SeqCst) == which as u8
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mode: Arc<AtomicU8>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let commits = bytes[..length].windows(6).any(|word| word == b"COMMIT");
        if commits && is(&mode, Mode::CutBeforeCommit) {
            return;
        }
        if is(&mode, Mode::Silence) {
            continue;
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
        if commits && is(&mode, Mode::CutAfterCommit) {
            // The server is given the time to do it; a connection that is gone would end it.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mode: Arc<AtomicU8>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let done = bytes[..length].windows(6).any(|word| word == b"COMMIT");
        let swallowed = is(&mode, Mode::Silence) || done && is(&mode, Mode::CutAfterCommit);
        if !swallowed && to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
