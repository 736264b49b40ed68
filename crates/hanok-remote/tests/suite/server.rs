//! A server on a port of its own that answers as a test says and remembers what came, and a resolver that
//! a test fills.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use hanok_remote::{Config, Exceptions, Remote, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Server {
    pub port: u16,
    came: Arc<Mutex<Vec<String>>>,
}

/// A whole answer without a body.
pub fn head(status: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n").into()
}

/// A whole answer with a body.
pub fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into()
}

impl Server {
    /// Answers every request with what `answer` makes of its head.
    pub async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::raw(move |mut stream, head| {
            let answer = answer.clone();
            async move {
                let _ = stream.write_all(&answer(&head)).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// Hands every connection on, once the head of its request is there.
    pub async fn raw<F>(serve: impl Fn(TcpStream, String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (heard, serve) = (came.clone(), Arc::new(serve));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // A connection counts, whatever is said on it.
                let number = {
                    let mut heard = heard.lock().unwrap();
                    heard.push(String::new());
                    heard.len() - 1
                };
                let (heard, serve) = (heard.clone(), serve.clone());
                tokio::spawn(async move {
                    let head = read_head(&mut stream).await;
                    heard.lock().unwrap()[number] = head.clone();
                    serve(stream, head).await;
                });
            }
        });
        Self { port, came }
    }

    /// The heads of all requests so far.
    pub fn came(&self) -> Vec<String> {
        self.came.lock().unwrap().clone()
    }

    pub fn assert_silent(&self, why: &str) {
        assert_eq!(self.came(), Vec::<String>::new(), "{why}");
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut buffer = [0u8; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

/// Names and their addresses, and who was asked for.
#[derive(Default)]
pub struct Names {
    known: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// A name with its answers in turn; the last one from then on.
    pub fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |all: &&[&str]| all.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(parse).collect();
        self.known.lock().unwrap().insert(name.to_owned(), answers);
        self
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn resolve(&self, host: &str) -> Resolving {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut known = self.known.lock().unwrap();
        let answers = known.get_mut(host);
        let answer = answers.map(|left| match left.len() {
            1 => left[0].clone(),
            _ => left.remove(0),
        });
        let missing = || std::io::Error::other("no such name");
        Box::pin(async move { answer.ok_or_else(missing) })
    }
}

/// A way out over these names, with these exceptions.
pub fn remote(names: &Arc<Names>, allowed: &[String]) -> Remote {
    remote_with(names, allowed, |_| {})
}

pub fn remote_with(
    names: &Arc<Names>,
    allowed: &[String],
    change: impl FnOnce(&mut Config),
) -> Remote {
    let mut config = Config {
        allowed: Exceptions::parse(allowed).unwrap(),
        ..Config::default()
    };
    change(&mut config);
    Remote::with_resolver(config, names.clone()).unwrap()
}
