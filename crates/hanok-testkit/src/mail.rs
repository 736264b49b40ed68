//! A mail server that keeps what it is given: as much SMTP as a client needs to hand a mail over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server; it ends with the runtime of the test.
#[derive(Clone)]
pub struct MailSink {
    port: u16,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<(String, String)>>,
    refuses: AtomicBool,
}

impl MailSink {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let kept = Arc::<Kept>::default();
        let shared = kept.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(talk(socket, shared.clone()));
            }
        });
        Self { port, kept }
    }

    /// For `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?starttls=opportunistic", self.port)
    }

    /// Whether mails are refused for the moment.
    pub fn refuse(&self, refuses: bool) {
        self.kept.refuses.store(refuses, Ordering::SeqCst);
    }

    /// All mails to this address, decoded, oldest first.
    pub fn all(&self, recipient: &str) -> Vec<String> {
        let mails = self
            .kept
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
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
}

async fn talk(socket: TcpStream, kept: Arc<Kept>) -> Option<()> {
    let (reader, mut writer) = socket.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 sink ESMTP\r\n").await.ok()?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let upper = line.to_ascii_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-sink\r\n250 8BITMIME"
        } else if upper.starts_with("MAIL") && kept.refuses.load(Ordering::SeqCst) {
            "451 come back later"
        } else if upper.starts_with("RCPT TO:<") {
            to = line[9..].split('>').next().unwrap_or_default().to_owned();
            "250 ok"
        } else if upper == "DATA" {
            writer.write_all(b"354 go on\r\n").await.ok()?;
            let mut mail = String::new();
            while let Some(line) = lines.next_line().await.ok()? {
                if line == "." {
                    break;
                }
                mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.push('\n');
            }
            let mut mails = kept.mails.lock().unwrap_or_else(PoisonError::into_inner);
            mails.push((to.clone(), decoded(&mail)));
            "250 kept"
        } else if upper == "QUIT" {
            writer.write_all(b"221 bye\r\n").await.ok()?;
            return Some(());
        } else {
            "250 ok"
        };
        writer
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .ok()?;
    }
    Some(())
}

/// The mail with a body of quoted-printable or base64 in plain text.
fn decoded(mail: &str) -> String {
    let (head, body) = mail.split_once("\n\n").unwrap_or((mail, ""));
    let lower = head.to_lowercase();
    let body = if lower.contains("transfer-encoding: base64") {
        base64(body)
    } else if lower.contains("transfer-encoding: quoted-printable") {
        quoted(body)
    } else {
        body.to_owned()
    };
    format!("{head}\n\n{body}")
}

fn quoted(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair
            .filter(|_| *first == b'=')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base64(body: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = body
        .bytes()
        .filter_map(|b| DIGITS.iter().position(|d| *d == b));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for digit in digits {
        held = held << 6 | u32::try_from(digit).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or(0));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
