//! Holds `GET /api/v1/attach` open: a server that a command brought up lives as long as somebody does.

use reqwest::Method;
use tokio::task::JoinHandle;

use super::{Client, ClientError};

/// The open stream; dropping it lets the server go.
pub struct Attach(JoinHandle<()>);

impl Attach {
    /// Opens the stream and waits until the server has counted us.
    pub async fn open(client: &Client) -> Result<Self, ClientError> {
        let request = client.request(Method::GET, "/api/v1/attach");
        let mut response = client.send(request).await?;
        Ok(Self(tokio::spawn(async move {
            while let Ok(Some(_)) = response.chunk().await {}
        })))
    }

    /// Waits for the end of the stream: the server has gone.
    pub async fn ended(&mut self) {
        let _ = (&mut self.0).await;
    }
}

impl Drop for Attach {
    fn drop(&mut self) {
        self.0.abort();
    }
}
