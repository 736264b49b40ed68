//! A small server that answers as it is told, for what a command sends and how it takes an answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub body: Vec<u8>,
}

impl Request {
    /// Its body as a document.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What goes back.
pub enum Reply {
    Json(u16, Value),
    /// Events, then the end of the stream.
    Events(Vec<String>),
    /// Events, then silence until the client hangs up.
    Hanging(Vec<String>),
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// The server, for as long as the test lasts.
pub struct StandIn {
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
    hung_up: Arc<Mutex<usize>>,
}

impl StandIn {
    /// Serves with this handler.
    pub fn new(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (seen, hung_up) = (Arc::default(), Arc::default());
        let served = Self { url, seen, hung_up };
        let (seen, hung_up) = (served.seen.clone(), served.hung_up.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, seen, hung_up) = (handler.clone(), seen.clone(), hung_up.clone());
                std::thread::spawn(move || serve(stream, &*handler, &seen, &hung_up));
            }
        });
        served
    }

    /// Requests so far whose path begins so.
    pub fn seen(&self, path: &str) -> Vec<Request> {
        let seen = self.seen.lock().expect("a lock");
        let mine = seen.iter().filter(|request| request.path.starts_with(path));
        mine.cloned().collect()
    }

    /// Waits until a client has hung up on a silent stream.
    pub fn until_hung_up(&self) {
        for _ in 0..1000 {
            if *self.hung_up.lock().expect("a lock") > 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nobody hung up");
    }
}

/// Takes one request a connection, so that the end of an answer is the end of the connection.
fn serve(stream: TcpStream, handler: &Handler, seen: &Mutex<Vec<Request>>, hung_up: &Mutex<usize>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let Some(request) = read(&mut reader) else {
        return;
    };
    seen.lock().expect("a lock").push(request.clone());
    let mut out = stream;
    match handler(&request) {
        Reply::Json(status, value) => {
            let body = value.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            let _ = out.write_all(format!("{head}{body}").as_bytes());
        }
        Reply::Events(events) => send(&mut out, &events),
        Reply::Hanging(events) => {
            send(&mut out, &events);
            // The client sends nothing more: reading ends when it hangs up.
            let _ = reader.read(&mut [0]);
            *hung_up.lock().expect("a lock") += 1;
        }
    }
}

fn send(out: &mut TcpStream, events: &[String]) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let _ = out.write_all(head.as_bytes());
    for event in events {
        let _ = out.write_all(format!("data: {event}\n\n").as_bytes());
        let _ = out.flush();
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, body })
}

/// The chunks of a streamed chat that says these pieces.
pub fn chat_chunks(pieces: &[&str]) -> Vec<String> {
    let chunk = |choices: Value, usage: Value| {
        json!({ "id": "c", "object": "chat.completion.chunk", "model": "tiny", "choices": choices,
                "usage": usage })
        .to_string()
    };
    let mut chunks: Vec<String> = pieces
        .iter()
        .map(|text| {
            chunk(
                json!([{ "index": 0, "delta": { "content": text } }]),
                Value::Null,
            )
        })
        .collect();
    chunks.push(chunk(
        json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]),
        Value::Null,
    ));
    let usage = json!({ "prompt_tokens": 5, "completion_tokens": pieces.len(), "total_tokens": 9 });
    chunks.push(chunk(json!([]), usage));
    chunks.push("[DONE]".to_owned());
    chunks
}

/// An error as the server tells it.
pub fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let error = json!({ "message": message, "type": "x", "param": "model", "code": code });
    Reply::Json(status, json!({ "error": error }))
}
