//! A mail server that keeps what it is given: as much SMTP as a client needs to hand a mail over, in the clear,
//! after STARTTLS, or in TLS from the first byte.

mod letter;
mod talk;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;

use talk::Secured;

/// The server; it ends with the runtime of the test.
#[derive(Clone)]
pub struct MailSink {
    port: u16,
    scheme: &'static str,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<(String, String)>>,
    /// What was said before TLS, line by line.
    clear: Mutex<Vec<String>>,
    /// What came with AUTH, however it was said.
    credentials: Mutex<Vec<String>>,
    refuses: AtomicBool,
    refuses_credentials: AtomicBool,
}

impl MailSink {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        Self::listen(Secured::Never, "smtp").await
    }

    /// The same, which offers STARTTLS with a certificate and its key in PEM.
    pub async fn start_with_starttls(cert: &Path, key: &Path) -> Self {
        Self::listen(Secured::OnDemand(talk::acceptor(cert, key)), "smtp").await
    }

    /// The same in TLS from the first byte.
    pub async fn start_in_tls(cert: &Path, key: &Path) -> Self {
        Self::listen(Secured::AtOnce(talk::acceptor(cert, key)), "smtps").await
    }

    async fn listen(secured: Secured, scheme: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let kept = Arc::<Kept>::default();
        let shared = kept.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(talk::serve(socket, shared.clone(), secured.clone()));
            }
        });
        Self { port, scheme, kept }
    }

    /// For `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?starttls=opportunistic", self.port)
    }

    /// The same with name and password, where STARTTLS is left to what is usual.
    pub fn url_with(&self, credentials: &str) -> String {
        format!("{}://{credentials}@localhost:{}", self.scheme, self.port)
    }

    /// Whether mails are refused for the moment.
    pub fn refuse(&self, refuses: bool) {
        self.kept.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Whether name and password are refused for the moment.
    pub fn refuse_credentials(&self, refuses: bool) {
        let kept = &self.kept.refuses_credentials;
        kept.store(refuses, Ordering::SeqCst);
    }

    /// All mails to this address, decoded, oldest first.
    pub fn all(&self, recipient: &str) -> Vec<String> {
        let mails = locked(&self.kept.mails);
        let to = mails.iter().filter(|(to, _)| to == recipient);
        to.map(|(_, mail)| mail.clone()).collect()
    }

    /// The newest mail to this address.
    pub fn last(&self, recipient: &str) -> String {
        let all = self.all(recipient);
        all.last()
            .cloned()
            .unwrap_or_else(|| panic!("no mail to {recipient}"))
    }

    /// The lines that came in the clear.
    pub fn in_the_clear(&self) -> Vec<String> {
        locked(&self.kept.clear).clone()
    }

    /// What clients proved who they are with: name and password after AUTH PLAIN, in base64.
    pub fn credentials(&self) -> Vec<String> {
        locked(&self.kept.credentials).clone()
    }
}

fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
