//! The conversation with one client.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Kept, letter, locked};

/// When TLS begins.
#[derive(Clone)]
pub(super) enum Secured {
    Never,
    OnDemand(TlsAcceptor),
    AtOnce(TlsAcceptor),
}

/// How a conversation ended.
enum End {
    Quit,
    Starttls,
}

/// What a server with this certificate and key begins TLS with.
pub(super) fn acceptor(cert: &Path, key: &Path) -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(cert).expect("a certificate");
    let chain = chain.collect::<Result<_, _>>().expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key);
    TlsAcceptor::from(Arc::new(config.expect("a key that fits")))
}

/// Talks until the client is done or gone.
pub(super) async fn serve(socket: TcpStream, kept: Arc<Kept>, secured: Secured) -> Option<()> {
    match secured {
        Secured::AtOnce(tls) => {
            let mut stream = BufStream::new(tls.accept(socket).await.ok()?);
            say(&mut stream, "220 sink ESMTP").await?;
            talk(&mut stream, &kept, Channel::Tls).await?;
        }
        Secured::Never => {
            let mut stream = BufStream::new(socket);
            say(&mut stream, "220 sink ESMTP").await?;
            talk(&mut stream, &kept, Channel::Clear).await?;
        }
        Secured::OnDemand(tls) => {
            let mut stream = BufStream::new(socket);
            say(&mut stream, "220 sink ESMTP").await?;
            if let End::Starttls = talk(&mut stream, &kept, Channel::Upgradable).await? {
                let mut stream = BufStream::new(tls.accept(stream.into_inner()).await.ok()?);
                talk(&mut stream, &kept, Channel::Tls).await?;
            }
        }
    }
    Some(())
}

/// What is known of the line.
#[derive(Clone, Copy, PartialEq)]
enum Channel {
    Clear,
    Upgradable,
    Tls,
}

async fn talk<S>(stream: &mut BufStream<S>, kept: &Kept, channel: Channel) -> Option<End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut to = String::new();
    loop {
        let line = hear(stream, kept, channel).await?;
        let upper = line.to_ascii_uppercase();
        let answer = if upper.starts_with("EHLO") {
            match channel {
                Channel::Upgradable => "250-sink\r\n250-AUTH PLAIN\r\n250 STARTTLS",
                _ => "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            }
        } else if upper.starts_with("AUTH PLAIN ") {
            locked(&kept.credentials).push(line[11..].to_owned());
            match kept.refuses_credentials.load(Ordering::SeqCst) {
                true => "535 no such name and password",
                false => "235 welcome",
            }
        } else if upper == "STARTTLS" && channel == Channel::Upgradable {
            say(stream, "220 go on").await?;
            return Some(End::Starttls);
        } else if upper.starts_with("MAIL") && kept.refuses.load(Ordering::SeqCst) {
            "451 come back later"
        } else if upper.starts_with("RCPT TO:<") {
            to = line[9..].split('>').next().unwrap_or_default().to_owned();
            "250 ok"
        } else if upper == "DATA" {
            say(stream, "354 go on").await?;
            let mail = letter::decoded(&body(stream, kept, channel).await?);
            locked(&kept.mails).push((to.clone(), mail));
            "250 kept"
        } else if upper == "QUIT" {
            say(stream, "221 bye").await?;
            return Some(End::Quit);
        } else {
            "250 ok"
        };
        say(stream, answer).await?;
    }
}

/// A mail, up to the line with a dot alone.
async fn body<S>(stream: &mut BufStream<S>, kept: &Kept, channel: Channel) -> Option<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut mail = String::new();
    loop {
        let line = hear(stream, kept, channel).await?;
        if line == "." {
            return Some(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
        mail.push('\n');
    }
}

/// The next line; nothing once the client is gone.
async fn hear<S>(stream: &mut BufStream<S>, kept: &Kept, channel: Channel) -> Option<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if channel != Channel::Tls {
        locked(&kept.clear).push(line.clone());
    }
    Some(line)
}

async fn say<S>(stream: &mut BufStream<S>, line: &str) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let line = format!("{line}\r\n");
    stream.write_all(line.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
