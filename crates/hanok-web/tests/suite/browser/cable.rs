//! A cable between browser and server that can be cut and mended: the same address, other connections.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct Cable {
    pub address: SocketAddr,
    server: SocketAddr,
    cut: CancellationToken,
    accepting: JoinHandle<()>,
}

impl Cable {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cut = CancellationToken::new();
        let accepting = tokio::spawn(pass_on(listener, server, cut.clone()));
        Self {
            address,
            server,
            cut,
            accepting,
        }
    }

    /// Ends every connection, and takes no new one.
    pub fn cut(&mut self) {
        self.accepting.abort();
        self.cut.cancel();
    }

    /// Takes connections again.
    pub async fn mend(&mut self) {
        // The listener is gone once its task has ended.
        while !self.accepting.is_finished() {
            tokio::task::yield_now().await;
        }
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.cut = CancellationToken::new();
        self.accepting = tokio::spawn(pass_on(listener, self.server, self.cut.clone()));
    }
}

async fn pass_on(listener: TcpListener, server: SocketAddr, cut: CancellationToken) {
    while let Ok((mut near, _)) = listener.accept().await {
        let cut = cut.clone();
        tokio::spawn(async move {
            let mut far = TcpStream::connect(server).await.unwrap();
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                () = cut.cancelled() => {}
            }
        });
    }
}
