//! The way out: one SMTP server, with TLS by rustls.

use std::net::IpAddr;

use hanok_domain::fault::{Fault, FaultKind};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::Category;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::MailSettings;
use super::letter::Letter;

/// How long a mail server may take for one mail.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// How a certificate in PEM begins.
const BEGINS: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Sends mail.
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail did not go out.
pub(super) struct NotSent {
    pub(super) reason: String,
    /// Another try would end the same way.
    pub(super) for_good: bool,
}

/// The parts of `SMTP_URL`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    wrapped: bool,
    credentials: Option<(String, String)>,
    host: String,
    port: u16,
    starttls: bool,
}

impl Sender {
    /// Over the server that the settings name. Does not speak to it yet.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn new(settings: &MailSettings) -> Result<Self, Fault> {
        let place = Place::parse(&settings.url).map_err(|why| refused("SMTP_URL", why))?;
        let from = settings.from.parse();
        let from =
            from.map_err(|_| refused("SMTP_FROM", "is no address such as hanok@example.org"))?;
        let mut tls = TlsParameters::builder(place.host.clone());
        if let Some(path) = &settings.ca_file {
            let unusable =
                |why: String| refused("SMTP_CA_FILE", &format!("{}: {why}", path.display()));
            let pem = std::fs::read(path).map_err(|e| unusable(e.to_string()))?;
            // The parser takes a file without any for an empty list.
            if !pem.windows(BEGINS.len()).any(|part| part == BEGINS) {
                return Err(unusable("there is no certificate in it".to_owned()));
            }
            let authority = Certificate::from_pem(&pem).map_err(|e| unusable(e.to_string()))?;
            tls = tls.add_root_certificate(authority);
        }
        let tls = tls
            .build_rustls()
            .map_err(|e| refused("SMTP_URL", &e.to_string()))?;
        let tls = match (place.wrapped, place.starttls) {
            (true, _) => Tls::Wrapper(tls),
            (false, true) => Tls::Required(tls),
            (false, false) => Tls::Opportunistic(tls),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&place.host)
            .port(place.port)
            .timeout(Some(PATIENCE))
            .tls(tls);
        if let Some((name, password)) = place.credentials {
            transport = transport.credentials(Credentials::new(name, password));
        }
        Ok(Self {
            transport: transport.build(),
            from,
        })
    }

    pub(super) async fn send(&self, recipient: &str, letter: Letter) -> Result<(), NotSent> {
        let for_good = |reason: String| NotSent {
            reason,
            for_good: true,
        };
        let to: Address = recipient.parse().map_err(|e| for_good(format!("{e}")))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body)
            .map_err(|e| for_good(e.to_string()))?;
        let sent = self.transport.send(message).await;
        sent.map(|_| ()).map_err(|error| NotSent {
            for_good: error.is_permanent() && !is_of_sign_in(&error),
            reason: error.to_string(),
        })
    }
}

/// Whether the server refused us rather than the mail, as with a wrong password (530 to 538): that is mended in
/// the settings, and the mail goes out then.
fn is_of_sign_in(error: &lettre::transport::smtp::Error) -> bool {
    let code = error.status();
    code.is_some_and(|code| code.category == Category::Unspecified3)
}

impl Place {
    fn parse(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or("is no smtp:// or smtps:// address")?;
        let wrapped = match scheme {
            "smtp" => false,
            "smtps" => true,
            _ => return Err("is no smtp:// or smtps:// address"),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let rest = rest.trim_end_matches('/');
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let (host, port) = split_port(place, if wrapped { 465 } else { 587 })?;
        let loopback = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let starttls = match query {
            "" => !loopback,
            "starttls=required" => true,
            "starttls=opportunistic" => false,
            _ => {
                return Err("takes ?starttls=required or ?starttls=opportunistic and nothing else");
            }
        };
        let credentials = user.map(|user| {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            (decoded(name), decoded(password))
        });
        Ok(Self {
            wrapped,
            credentials,
            host,
            port,
            starttls,
        })
    }
}

fn split_port(place: &str, usual: u16) -> Result<(String, u16), &'static str> {
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            (host, port.parse().map_err(|_| "has a port that is none")?)
        }
        _ => (place, usual),
    };
    let host = host.trim_matches(['[', ']']);
    match host.is_empty() {
        true => Err("names no host"),
        false => Ok((host.to_owned(), port)),
    }
}

/// Percent-decoded, for names and passwords with signs in them.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair
            .filter(|_| *first == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn refused(name: &str, why: &str) -> Fault {
    Fault::new(
        FaultKind::Invalid,
        "invalid_setting",
        format!("{name} {why}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_mail_server_is_read_in_full() {
        let place = Place::parse("smtps://me%40x.org:p%2Fw@mail.example.org").unwrap();
        assert!(place.wrapped && place.port == 465 && place.host == "mail.example.org");
        assert_eq!(place.credentials, Some(("me@x.org".into(), "p/w".into())));
        let place = Place::parse("smtp://mail.example.org:2525/").unwrap();
        assert!(place.starttls && place.port == 2525 && place.credentials.is_none());
        assert!(!Place::parse("smtp://127.0.0.1:25").unwrap().starttls);
        assert!(!Place::parse("smtp://[::1]").unwrap().starttls);
        assert!(
            !Place::parse("smtp://m.org?starttls=opportunistic")
                .unwrap()
                .starttls
        );
        for bad in [
            "",
            "mail",
            "http://m",
            "smtp://",
            "smtp://m:x",
            "smtp://m?tls=off",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}
