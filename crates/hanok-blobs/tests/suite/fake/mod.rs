//! An S3 service that fails when it is told to: a small one that works, and a script that comes
//! before it. It does not check signatures (`hanok-test-s3` does); it sees that there are some.

mod call;
mod store;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub use call::Call;
pub use store::{LONG_AGO, Store};

/// What the service does with a request instead of what it should.
#[derive(Clone)]
pub enum Reply {
    /// Answers with this status and this word of S3's; does nothing.
    Says(u16, &'static str),
    /// Answers with this status and this text; does nothing.
    Tells(u16, String),
    /// Says that it is done; does nothing.
    Pretends,
    /// Cuts the connection; does nothing.
    Reset,
    /// Does it, and cuts the connection in place of an answer.
    Lost,
    /// Does it, and cuts the connection after so many bytes of the body.
    Cut(usize),
    /// Does it, and sends the body in so many bytes at a time, each after a pause.
    Slow(usize, Duration),
    /// Does it, and sends no more after so many bytes of the body.
    Stuck(usize),
    /// Never answers.
    Silent,
}

type Script = Box<dyn FnMut(&Call) -> Option<Reply> + Send>;

pub struct Fake {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    store: Mutex<Store>,
    script: Mutex<Script>,
    calls: Mutex<Vec<Call>>,
}

impl Fake {
    /// One that works, with the bucket `bucket`.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            store: Mutex::new(Store::default()),
            script: Mutex::new(Box::new(|_| None)),
            calls: Mutex::default(),
        });
        let (found, address) = std::sync::mpsc::channel();
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                found.send(listener.local_addr().unwrap()).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&serving)));
                }
            });
        });
        Self {
            address: address.recv().unwrap(),
            shared,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, what the script wants is done in place of what should be.
    pub fn script(&self, script: impl FnMut(&Call) -> Option<Reply> + Send + 'static) {
        *self.shared.script.lock().unwrap() = Box::new(script);
        self.shared.calls.lock().unwrap().clear();
    }

    /// Gives these replies to the first requests of that method and kind, then works.
    pub fn fail(&self, is: fn(&Call) -> bool, replies: impl Into<Vec<Reply>>) {
        let mut replies = replies.into().into_iter();
        self.script(move |call| if is(call) { replies.next() } else { None });
    }

    /// Gives this reply to every request of that kind.
    pub fn always(&self, is: fn(&Call) -> bool, reply: Reply) {
        self.script(move |call| is(call).then(|| reply.clone()));
    }

    /// Requests since the script was last changed.
    pub fn calls(&self, is: fn(&Call) -> bool) -> Vec<Call> {
        let calls = self.shared.calls.lock().unwrap();
        calls.iter().filter(|call| is(call)).cloned().collect()
    }

    pub fn store<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.shared.store.lock().unwrap())
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some(call) = call::read(&mut stream).await else {
        return;
    };
    assert!(call.headers.contains("authorization: aws4-hmac-sha256 "));
    shared.calls.lock().unwrap().push(call.clone());
    let reply = { shared.script.lock().unwrap()(&call) };
    let done = || shared.store.lock().unwrap().answer(&call);
    let whole = usize::MAX;
    match reply {
        None => send(stream, done().bytes(), whole, None).await,
        Some(Reply::Says(status, word)) => {
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{word}</Code></Error>");
            send(stream, call::Answer::new(status, body).bytes(), whole, None).await;
        }
        Some(Reply::Tells(status, body)) => {
            send(stream, call::Answer::new(status, body).bytes(), whole, None).await;
        }
        Some(Reply::Pretends) => {
            let mut answer = call::Answer::new(200, "");
            answer.headers.push(("etag", "\"done\"".into()));
            send(stream, answer.bytes(), whole, None).await;
        }
        Some(Reply::Reset) => reset(stream),
        Some(Reply::Lost) => {
            done();
            reset(stream);
        }
        Some(Reply::Cut(bytes)) => {
            let (head, body) = done().bytes();
            let _ = stream.write_all(&head).await;
            let _ = stream.write_all(&body[..bytes]).await;
            // The bytes have to be on their way before the reset overtakes them.
            let _ = stream.flush().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            reset(stream);
        }
        Some(Reply::Slow(bytes, pause)) => send(stream, done().bytes(), bytes, Some(pause)).await,
        Some(Reply::Stuck(bytes)) => {
            let (head, body) = done().bytes();
            let _ = stream.write_all(&head).await;
            let _ = stream.write_all(&body[..bytes]).await;
            wait_for_the_end(stream).await;
        }
        Some(Reply::Silent) => wait_for_the_end(stream).await,
    }
}

async fn send(
    mut stream: TcpStream,
    (head, body): (Vec<u8>, Vec<u8>),
    at_once: usize,
    pause: Option<Duration>,
) {
    if stream.write_all(&head).await.is_err() {
        return;
    }
    for bytes in body.chunks(at_once) {
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        if stream.write_all(bytes).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

async fn wait_for_the_end(mut stream: TcpStream) {
    while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
}
