//! HTTPS as clients meet it: certificates from files and from an authority, read with OpenSSL's client
//! and with ours.

mod acme;
pub mod certificates;
mod files;
mod refusals;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::home::Home;

const PATIENCE: Duration = Duration::from_secs(60);

/// The port at which a server speaks HTTPS.
fn port(home: &Home) -> u16 {
    let address = hanok_store::lock::read_address(&home.data());
    let address = address.expect("an address").expect("a server");
    let public = address.public.expect("another address for people");
    assert!(public.starts_with("https://"), "{public}");
    let port = public.rsplit(':').next().expect("a port");
    port.parse().expect("a port")
}

/// A port that nobody has at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// What OpenSSL's client says of a handshake, and whether it came about.
fn handshake(port: u16, ca: &Path, more: &[&str]) -> (bool, String) {
    let out = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
        .args(["-servername", "localhost", "-verify_hostname", "localhost"])
        .args(["-verify_return_error", "-CAfile"])
        .arg(ca)
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("openssl");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let why = String::from_utf8_lossy(&out.stderr);
    (out.status.success(), format!("{said}{why}"))
}

/// The certificate that a verified handshake gets.
fn certificate(port: u16, ca: &Path) -> Option<String> {
    let (verified, said) = handshake(port, ca, &[]);
    let begins = said.find("-----BEGIN CERTIFICATE-----")?;
    let ends = said.find("-----END CERTIFICATE-----")?;
    verified.then(|| said[begins..ends].to_owned())
}

/// Waits until something is so.
fn until<T>(what: &str, home: &Home, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {}", home.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Status, headers and body.
type Answer = (u16, Vec<(String, String)>, String);

/// An HTTPS request that trusts one authority and no other; head and body of the answer.
fn get(port: u16, ca: &Path, path: &str) -> Result<Answer, String> {
    let pem = std::fs::read(ca).expect("a certificate");
    let roots = reqwest::Certificate::from_pem_bundle(&pem).expect("certificates");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .tls_certs_only(roots)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let url = format!("https://localhost:{port}{path}");
        let answer = client.get(url).send().await.map_err(|e| format!("{e:?}"))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        let headers = headers.collect();
        Ok((status, headers, answer.text().await.unwrap_or_default()))
    })
}

/// Bytes in the clear, and what comes back until the other side closes.
fn in_the_clear(port: u16, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let wait = Some(PATIENCE);
    socket.set_read_timeout(wait).expect("a limit");
    socket.write_all(bytes).expect("sent");
    let mut all = Vec::new();
    let _ = socket.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}
