//! A pair that cannot be served is refused at the start, in a sentence that says what to do.

use std::fs;

use super::certificates::Authority;
use crate::home::Home;
use crate::running::{Outcome, Running};

#[test]
fn f10s_a_pair_that_cannot_be_served_is_refused_with_a_remedy() {
    let home = Home::new();
    let authority = Authority::new(&home.path("certificates"));
    let (cert, key) = authority.issue("server", "-days 2");
    let (_, other) = authority.issue("other", "-days 2");
    // OpenSSL ends it in the moment that it begins.
    let (ended, its_key) = authority.issue("ended", "-days 0");
    let (none, empty) = (home.path("none.pem"), home.path("empty.pem"));
    fs::write(&empty, "").expect("a file");
    for (cert, key, words) in [
        (&none, &key, ["none.pem cannot be read", "Check the path"]),
        (&cert, &none, ["none.pem cannot be read", "Check the path"]),
        (&empty, &key, ["holds no certificate", "BEGIN CERTIFICATE"]),
        (&key, &key, ["holds no certificate", "BEGIN CERTIFICATE"]),
        (&cert, &empty, ["holds no key", "without a passphrase"]),
        (&cert, &other, ["is not the key to", "was requested with"]),
        (&ended, &its_key, ["ended on", "renewed"]),
    ] {
        let mut command = home.command(["serve", "--port", "0"]);
        command.env("TLS_CERT_FILE", cert).env("TLS_KEY_FILE", key);
        let Outcome {
            code, stderr: said, ..
        } = Running::start(command).finish();
        assert_eq!(code, Some(1), "{said}");
        for word in words {
            assert!(said.contains(word), "no '{word}': {said}");
        }
        assert!(!home.is_served());
    }
}

#[test]
fn a_certificate_by_an_authority_needs_its_port_and_its_directory() {
    let home = Home::new();
    let acme = ("ACME_DOMAINS", "studio.example");
    for (settings, word) in [
        (vec![acme], "HTTP_PORT=80"),
        (
            vec![
                acme,
                ("HTTP_PORT", "8081"),
                ("ACME_CA_FILE", "/nowhere.pem"),
            ],
            "ACME_CA_FILE /nowhere.pem",
        ),
    ] {
        let mut command = home.command(["serve", "--port", "0"]);
        command.envs(settings);
        let Outcome {
            code, stderr: said, ..
        } = Running::start(command).finish();
        assert!(code != Some(0) && said.contains(word), "{said}");
    }
}
