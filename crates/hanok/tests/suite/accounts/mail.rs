//! The way of mail: encrypted or not at all, and nothing lost while it is closed.

use std::path::PathBuf;

use hanok_testkit::{MailSink, TestDatabase};

use super::{FROM, link, until};
use crate::home::Home;
use crate::tls::certificates::Authority;

const BEN: &str = "ben@example.org";
const CREDENTIALS: &str = "post:kept-to-ourselves";
/// The same after AUTH PLAIN.
const PROVEN: &str = "AHBvc3QAa2VwdC10by1vdXJzZWx2ZXM=";

/// A certificate for `localhost`, its key, and its authority.
fn certificate(home: &Home) -> (PathBuf, PathBuf, String) {
    let authority = Authority::new(&home.path("authority"));
    let (cert, key) = authority.issue("mail", "-days 2");
    (cert, key, authority.ca().display().to_string())
}

fn serve(home: &mut Home, url: &str, more: &[(&str, &str)]) {
    let mut settings = vec![("REGISTRATION", "invite"), ("SMTP_URL", url), FROM];
    settings.extend(more);
    home.serve(&settings);
}

fn invite(home: &Home) {
    home.json(["user", "invite", "--email", BEN, "--json"]);
}

/// The server starts anew, and what waits is due now.
async fn restart(home: &mut Home, url: &str, more: &[(&str, &str)]) {
    home.end_server(libc::SIGTERM);
    due(home).await;
    serve(home, url, more);
}

/// Ends the pause of what waits; the server is not running.
pub(super) async fn due(home: &Home) {
    let url = format!("sqlite://{}", home.data().join("hanok.db").display());
    let database = TestDatabase::at(hanok_store::StoreConfig::new(url));
    database.execute("UPDATE mails SET next_try_at = 0").await;
}

/// What came in the clear says no more than that TLS is wished for.
fn assert_only_hellos(sink: &MailSink) {
    for line in sink.in_the_clear() {
        let word = line.split(' ').next().unwrap_or_default();
        let said = ["EHLO", "STARTTLS", "QUIT", "RSET", "NOOP"].contains(&word);
        assert!(said, "in the clear: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_out_over_tls_from_the_first_byte_and_after_starttls() {
    for wrapped in [true, false] {
        let mut home = Home::new();
        let (cert, key, ca) = certificate(&home);
        let sink = match wrapped {
            true => MailSink::start_in_tls(&cert, &key).await,
            false => MailSink::start_with_starttls(&cert, &key).await,
        };
        let url = sink.url_with(CREDENTIALS);
        serve(&mut home, &url, &[("SMTP_CA_FILE", &ca)]);
        invite(&home);
        let link = link(&home, &sink, BEN, 1).await;
        assert!(link.contains("/register?invitation="), "{link}");
        assert_eq!(sink.credentials(), [PROVEN]);
        assert_only_hellos(&sink);
        assert_eq!(sink.in_the_clear().is_empty(), wrapped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_trusted_gets_neither_password_nor_mail() {
    for wrapped in [true, false] {
        let mut home = Home::new();
        let (cert, key, ca) = certificate(&home);
        let sink = match wrapped {
            true => MailSink::start_in_tls(&cert, &key).await,
            false => MailSink::start_with_starttls(&cert, &key).await,
        };
        let url = sink.url_with(CREDENTIALS);
        serve(&mut home, &url, &[]);
        invite(&home);
        let told = || home.log().contains("a mail was not sent yet").then_some(());
        until("a word of it", &home, told).await;
        assert!(home.log().contains("UnknownIssuer"), "{}", home.log());
        assert!(!home.log().contains("kept-to-ourselves"));
        assert!(sink.credentials().is_empty() && sink.all(BEN).is_empty());
        assert_only_hellos(&sink);

        restart(&mut home, &url, &[("SMTP_CA_FILE", &ca)]).await;
        link(&home, &sink, BEN, 1).await;
        assert_only_hellos(&sink);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_gets_nothing_where_tls_is_required() {
    let mut home = Home::new();
    let sink = MailSink::start().await;
    let url = format!("{}?starttls=required", sink.url_with(CREDENTIALS));
    serve(&mut home, &url, &[]);
    invite(&home);
    let told = || home.log().contains("a mail was not sent yet").then_some(());
    until("a word of it", &home, told).await;
    assert!(sink.credentials().is_empty() && sink.all(BEN).is_empty());
    assert_only_hellos(&sink);
}

/// A wrong password of the mail server is the operator's to mend: no mail is given up for it.
#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_while_the_mail_server_refuses_our_password() {
    let mut home = Home::new();
    let (cert, key, ca) = certificate(&home);
    let sink = MailSink::start_in_tls(&cert, &key).await;
    let (url, trusted) = (sink.url_with(CREDENTIALS), [("SMTP_CA_FILE", ca.as_str())]);
    sink.refuse_credentials(true);
    serve(&mut home, &url, &trusted);
    invite(&home);
    let told = || home.log().contains("a mail was not sent yet").then_some(());
    until("a word of it", &home, told).await;
    assert!(home.log().contains("535") && sink.all(BEN).is_empty());
    sink.refuse_credentials(false);
    restart(&mut home, &url, &trusted).await;
    link(&home, &sink, BEN, 1).await;
}

#[test]
fn an_authority_that_cannot_be_read_ends_the_start() {
    let home = Home::new();
    let wrong = home.write("authority.pem", "no certificate");
    for file in [wrong, home.path("missing.pem")] {
        let mut command = home.command(["serve", "--port", "0"]);
        let told = command
            .envs([("SMTP_URL", "smtps://mail.example.org"), FROM])
            .env("SMTP_CA_FILE", &file)
            .output()
            .expect("the binary");
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(!told.status.success(), "{said}");
        assert!(said.contains("SMTP_CA_FILE"), "{said}");
    }
}
