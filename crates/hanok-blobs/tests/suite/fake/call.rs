//! Requests and answers as bytes.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    /// Inside the bucket; empty of the bucket itself.
    pub key: String,
    pub query: String,
    /// In lower case, as they came.
    pub headers: String,
    pub body: Vec<u8>,
}

impl Call {
    pub fn is(&self, method: &str) -> bool {
        self.method == method
    }

    /// The value of a header, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The value of a parameter, as it came.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.split('&');
        pairs.find_map(|pair| match pair.split_once('=') {
            Some((found, value)) => (found == name).then_some(value),
            None => (pair == name).then_some(""),
        })
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Told where no body is sent.
    pub length: Option<usize>,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            length: None,
        }
    }

    /// Head and body as they are sent.
    pub fn bytes(self) -> (Vec<u8>, Vec<u8>) {
        let length = self.length.unwrap_or(self.body.len());
        let mut head = format!(
            "HTTP/1.1 {} -\r\nconnection: close\r\ncontent-length: {length}\r\n",
            self.status
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        (head.into_bytes(), self.body)
    }
}

pub async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key = path.strip_prefix("/bucket").unwrap();
    let call = Call {
        method: method.into(),
        key: key.trim_start_matches('/').into(),
        query: query.into(),
        headers: headers.to_lowercase(),
        body: Vec::new(),
    };
    let length = call
        .header("content-length")
        .unwrap_or("0")
        .parse()
        .unwrap();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Call { body, ..call })
}
