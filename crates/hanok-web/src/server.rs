//! Serves the router on a listener until told to stop. `axum::serve` has no header timeout, so
//! connections are driven here, on hyper with a timer, plain or behind TLS. It owns sockets and the
//! limits of connections, not routes and not certificates.

mod body;
mod framing;
mod strict;
mod unread;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::access::client::Arrived;
use body::{Watched, too_slow};
use strict::Strict;
use unread::Unread;

/// Open connections at most; further ones wait in the listen queue.
const MAX_CONNECTIONS: usize = 4096;
/// Headers of one request at most; more are answered with 431.
const MAX_HEADERS: usize = 100;
/// Bytes of a request's line and headers at most; more are answered with 431.
const MAX_HEADER_BYTES: usize = 64 << 10;
/// How long open requests may go on after the stop signal.
const GRACE: Duration = Duration::from_secs(10);

/// How long a connection may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the end of a TLS handshake.
    pub handshake: Duration,
    /// For the headers of the first request (slow-loris), and between two requests.
    pub headers: Duration,
    /// For the next piece of a body.
    pub body: Duration,
    /// For the next piece of an answer to be taken.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(15),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(60),
        }
    }
}

/// What is spoken on a listener.
#[derive(Clone)]
pub enum Wire {
    /// HTTP.
    Plain,
    /// HTTP between programs of this machine, which show their tokens.
    Local,
    /// HTTPS.
    Tls(Arc<ServerConfig>),
}

/// Serves plain HTTP until `stop` is cancelled, then lets open requests end within the grace period.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    serve_over(listener, Wire::Plain, Patience::default(), router, stop).await;
}

/// Serves until `stop` is cancelled, then lets open requests end within the grace period.
pub async fn serve_over(
    listener: TcpListener,
    wire: Wire,
    patience: Patience,
    router: Router,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let tasks = TaskTracker::new();
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = permits.clone().acquire_owned() => match permit {
                Ok(permit) => permit,
                Err(_) => break,
            },
        };
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    let served = Served {
                        peer,
                        arrived: wire.arrived(),
                        patience,
                        router: router.clone(),
                        stop: stop.clone(),
                    };
                    tasks.spawn(begin(socket, wire.clone(), served, permit));
                }
                Err(error) => {
                    // Out of descriptors, mostly: spinning would only make it worse.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("requests still open after the grace period were cut");
    }
}

impl Wire {
    fn arrived(&self) -> Arrived {
        match self {
            Self::Plain => Arrived::Plain,
            Self::Local => Arrived::Local,
            Self::Tls(_) => Arrived::Tls,
        }
    }
}

/// What a connection is served with.
struct Served {
    peer: SocketAddr,
    arrived: Arrived,
    patience: Patience,
    router: Router,
    stop: CancellationToken,
}

async fn begin(socket: TcpStream, wire: Wire, served: Served, _permit: OwnedSemaphorePermit) {
    let _ = socket.set_nodelay(true);
    let Wire::Tls(config) = wire else {
        return connection(socket, served).await;
    };
    let peer = served.peer;
    let shaken = tokio::select! {
        () = served.stop.cancelled() => return,
        shaken = tokio::time::timeout(
            served.patience.handshake,
            TlsAcceptor::from(config).accept(socket),
        ) => shaken,
    };
    match shaken {
        Ok(Ok(stream)) => connection(stream, served).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS connection came about"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn connection<T>(socket: T, served: Served)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (peer, patience, stop) = (served.peer, served.patience, served.stop.clone());
    let upgraded = Arc::new(AtomicBool::new(false));
    let socket = Unread::new(socket, patience.answer);
    let socket = Strict::new(socket, upgraded.clone());
    let served = Arc::new(served);
    let service = service_fn(move |request| answer(served.clone(), upgraded.clone(), request));
    let driven = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    tokio::pin!(driven);
    let ended = tokio::select! {
        ended = driven.as_mut() => ended,
        () = stop.cancelled() => {
            driven.as_mut().graceful_shutdown();
            driven.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

async fn answer(
    served: Arc<Served>,
    upgraded: Arc<AtomicBool>,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ConnectInfo(served.peer));
    parts.extensions.insert(served.arrived);
    let (body, silent) = Watched::new(body, served.patience.body);
    let request = hyper::Request::from_parts(parts, Body::new(body));
    let answer = served.router.clone().oneshot(request).await?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        upgraded.store(true, Ordering::Release);
    }
    Ok(match silent.load(Ordering::Acquire) {
        true => too_slow(),
        false => answer,
    })
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn who_reads_nothing_of_an_answer_is_let_go() {
        let (near, mut far) = duplex(1024);
        let served = Served {
            peer: ([127, 0, 0, 1], 1).into(),
            arrived: Arrived::Plain,
            patience: Patience {
                answer: Duration::from_millis(50),
                ..Patience::default()
            },
            router: Router::new().route("/", get(|| async { "x".repeat(4096) })),
            stop: CancellationToken::new(),
        };
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        far.write_all(request).await.unwrap();
        connection(near, served).await;
        let mut answer = Vec::new();
        far.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer.len(), 1024);
    }
}
