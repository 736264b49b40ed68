//! A private Redis on a free port, with a password; under TLS if asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hanok_cache::RedisSettings;
use tempfile::TempDir;

/// What nobody but the settings may show.
pub const PASSWORD: &str = "kept-from-view";
const STARTS: Duration = Duration::from_secs(10);

/// A server that ends with this.
pub struct Server {
    program: String,
    port: u16,
    dir: TempDir,
    child: Option<Child>,
    tls: bool,
}

impl Server {
    /// One that runs, unless this machine has none.
    pub fn start() -> Option<Self> {
        Self::new(false)
    }

    /// The same under TLS, with a certificate of its own making.
    pub fn start_secured() -> Option<Self> {
        Self::new(true)
    }

    fn new(tls: bool) -> Option<Self> {
        let program = std::env::var("HANOK_TEST_REDIS").ok()?;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let dir = tempfile::tempdir().expect("a folder");
        if tls {
            certify(dir.path());
        }
        let mut server = Self {
            program,
            port,
            dir,
            child: None,
            tls,
        };
        server.run();
        Some(server)
    }

    /// Starts it, perhaps again.
    pub fn run(&mut self) {
        let port = self.port.to_string();
        let file = |name: &str| self.dir.path().join(name).display().to_string();
        let mut command = Command::new(&self.program);
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command
            .args(["--requirepass", PASSWORD, "--dir"])
            .arg(self.dir.path());
        if self.tls {
            command.args(["--port", "0", "--tls-port", &port]);
            command.args(["--tls-auth-clients", "no"]);
            command.args(["--tls-cert-file", &file("server.pem")]);
            command.args(["--tls-key-file", &file("server.key")]);
            command.args(["--tls-ca-cert-file", &file("ca.pem")]);
        } else {
            command.args(["--port", &port]);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.expect("redis-server"));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < STARTS, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// How to reach it, impatiently.
    pub fn settings(&self) -> RedisSettings {
        let scheme = if self.tls { "rediss" } else { "redis" };
        RedisSettings {
            password: Some(PASSWORD.to_owned()),
            ca_file: self.tls.then(|| self.dir.path().join("ca.pem")),
            pause: Duration::from_millis(300),
            ..RedisSettings::new(format!("{scheme}://localhost:{}/0", self.port))
        }
    }

    /// Says something to it past the cache; its answer.
    pub fn say(&self, words: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let wait = Some(Duration::from_secs(5));
        stream.set_read_timeout(wait).expect("a timeout");
        send(&mut stream, &["AUTH", PASSWORD]);
        send(&mut stream, words)
    }
}

fn send(stream: &mut TcpStream, words: &[&str]) -> String {
    let mut message = format!("*{}\r\n", words.len());
    for word in words {
        message += &format!("${}\r\n{word}\r\n", word.len());
    }
    stream.write_all(message.as_bytes()).expect("sent");
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An authority and a certificate for `localhost` by it.
fn certify(dir: &Path) {
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(dir)
            .output()
            .expect("openssl");
        assert!(made.status.success(), "{arguments}: {made:?}");
    };
    std::fs::write(dir.join("names"), "subjectAltName=DNS:localhost\n").expect("a file");
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile names -out server.pem",
    );
}
