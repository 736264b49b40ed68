//! A WebSocket client by hand: the handshake, frames both ways, their end.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Opens a socket; the status of the answer where it is none. `headers` end with a line's end.
    pub async fn connect(address: SocketAddr, path: &str, headers: &str) -> Result<Self, u16> {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut reader = BufReader::new(socket);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = timeout(PATIENCE, reader.read_u8()).await.unwrap();
            head.push(byte.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 101 {
            return Err(status);
        }
        // The answer to the sample key of RFC 6455.
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Ok(Self(reader))
    }

    /// Sends a message; clients mask what they send, and a mask of zeros changes nothing.
    pub async fn send(&mut self, message: &Value) {
        let text = message.to_string().into_bytes();
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend_from_slice(&(text.len() as u64).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&text);
        self.0.get_mut().write_all(&frame).await.unwrap();
    }

    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.unwrap();
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            127 => usize::try_from(self.0.read_u64().await.unwrap()).unwrap(),
            n => usize::from(n),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.unwrap();
        (first & 0x0f, payload)
    }

    /// The next message, past pings.
    pub async fn text(&mut self) -> Value {
        loop {
            let (code, payload) = timeout(PATIENCE, self.frame()).await.unwrap();
            match code {
                1 => return serde_json::from_slice(&payload).unwrap(),
                9 => {}
                other => panic!("a frame of kind {other} instead of a text"),
            }
        }
    }

    /// The code of the closing frame, past whatever comes before it.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            let (code, payload) = timeout(PATIENCE, self.frame()).await.ok()?;
            if code == 8 {
                return Some(u16::from_be_bytes([payload[0], payload[1]]));
            }
        }
    }
}
