//! Accounts as people use them: a browser, a mailbox and an authenticator app in front of the real server.

mod browser;
mod mail;
mod registration;
mod restarts;
mod second_factor;

use std::time::{Duration, Instant};

use hanok_testkit::MailSink;

use crate::home::Home;
use browser::Browser;

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse battery staple";
const OTHER: &str = "another long passphrase";
/// Whom mail is from.
const FROM: (&str, &str) = ("SMTP_FROM", "hanok@example.org");

/// Waits until something is so.
async fn until<T>(what: &str, home: &Home, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {}", home.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The link in a mail to this address, once there are so many.
async fn link(home: &Home, sink: &MailSink, to: &str, count: usize) -> String {
    let arrived = || (sink.all(to).len() >= count).then(|| sink.last(to));
    let mail = until("a mail", home, arrived).await;
    let mut lines = mail.lines().filter(|line| line.starts_with("http"));
    let link = lines.next().map(str::trim).map(str::to_owned);
    link.unwrap_or_else(|| panic!("no link: {mail}"))
}

/// An account that an administrator made, with the password that its owner set by the link.
async fn account(home: &Home, name: &str) -> Browser {
    let made = home.json(["user", "create", name, "--json"]);
    let link = made["reset_link"].as_str().expect("a link");
    let mut browser = Browser::new(home);
    browser.open(link).await;
    let page = browser.submit("/reset", &[("password", PASSWORD)]).await;
    assert!(page.path.starts_with("/login?done="), "{}", page.html);
    browser.sign_in(name, PASSWORD).await;
    assert!(browser.is_signed_in().await);
    browser
}
