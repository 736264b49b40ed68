//! A certificate by an authority, `pebble`: issued, renewed without a restart, kept over one, and served
//! while nobody renews it. Without `HANOK_TEST_PEBBLE` there are no such cases.

use std::fs::{self, File};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::certificates::Authority;
use super::{certificate, free_port, get, in_the_clear, port, until};
use crate::home::Home;

/// How long its certificates hold, and how long before their end they are renewed.
const HOLDS: u32 = 90;
const RENEWED: &str = "80s";

/// The authority, until this is dropped.
struct Pebble {
    process: Child,
    port: u16,
    management: u16,
    ca: PathBuf,
}

impl Pebble {
    /// Looks for challenges on this port.
    fn start(home: &Home, http: u16) -> Option<Self> {
        let program = std::env::var("HANOK_TEST_PEBBLE").ok()?;
        let own = Authority::new(&home.path("directory"));
        let (cert, key) = own.issue("directory", "-days 2");
        let (port, management) = (free_port(), free_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": cert,
            "privateKey": key,
            "httpPort": http,
            "tlsPort": free_port(),
            "certificateValidityPeriod": HOLDS,
        }});
        let config = home.write("pebble.json", config.to_string());
        let log = File::create(home.path("pebble.log")).expect("a file");
        let process = Command::new(program)
            .arg("-config")
            .arg(config)
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("a file"))
            .stdout(log)
            .spawn()
            .expect("pebble");
        let ca = own.ca();
        let pebble = Self {
            process,
            port,
            management,
            ca,
        };
        until("pebble", home, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(pebble)
    }

    /// The root of what it issues.
    fn root(&self, home: &Home) -> PathBuf {
        let (status, _, pem) = get(self.management, &self.ca, "/roots/0").expect("a root");
        assert_eq!(status, 200, "{pem}");
        home.write("root.pem", pem)
    }

    fn settings(&self, http: u16) -> Vec<(&'static str, String)> {
        let directory = format!("https://localhost:{}/dir", self.port);
        vec![
            ("ACME_DOMAINS", "localhost".to_owned()),
            ("ACME_EMAIL", "operator@example.com".to_owned()),
            ("ACME_DIRECTORY_URL", directory),
            ("ACME_CA_FILE", self.ca.display().to_string()),
            ("ACME_RENEW_BEFORE", RENEWED.to_owned()),
            ("HTTP_PORT", http.to_string()),
        ]
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(home: &mut Home, settings: &[(&'static str, String)]) -> u16 {
    let told: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    home.serve(&told);
    port(home)
}

/// The files that are kept, with their modes.
fn kept(home: &Home) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    let folder = home.data().join("secrets/acme");
    for directory in fs::read_dir(folder).expect("a folder").flatten() {
        for file in fs::read_dir(directory.path()).expect("a folder").flatten() {
            let mode = file.metadata().expect("a file").permissions().mode() & 0o777;
            found.push((file.file_name().to_string_lossy().into_owned(), mode));
        }
    }
    found.sort();
    found
}

#[test]
fn f10s_a_certificate_is_issued_renewed_kept_and_served_while_renewal_fails() {
    let mut home = Home::new();
    let http = free_port();
    let Some(pebble) = Pebble::start(&home, http) else {
        return;
    };
    let (root, settings) = (pebble.root(&home), pebble.settings(http));
    let port = serve(&mut home, &settings);
    let served = |port: u16| certificate(port, &root);
    let first = until("a certificate", &home, || served(port));
    let (status, ..) = get(port, &root, "/health").expect("an answer over HTTPS");
    assert_eq!(status, 200);
    assert!(
        get(port, &pebble.ca, "/health").is_err(),
        "another authority's"
    );
    let files = [
        ("account.json".to_owned(), 0o600),
        ("certificate.pem".to_owned(), 0o600),
    ];
    assert_eq!(kept(&home), files);
    let redirect = in_the_clear(
        http,
        b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(
        redirect.contains(&format!("location: https://localhost:{port}/a\r\n")),
        "{redirect}"
    );

    let second = until("a renewal", &home, || {
        served(port).filter(|now| *now != first)
    });
    drop(pebble);
    let failed = || {
        home.log()
            .contains("no certificate was issued")
            .then_some(())
    };
    until("a renewal that fails", &home, failed);
    let still = served(port).expect("a certificate");
    assert_ne!(still, first);

    home.end_server(libc::SIGTERM);
    let port = serve(&mut home, &settings);
    let after = until("the kept one", &home, || served(port));
    assert_eq!(after, still);
    assert!(after == second || home.log().matches("was issued").count() > 2);
    let log = fs::read_to_string(home.path("pebble.log")).expect("a log");
    assert_eq!(log.matches("accounts in memory").count(), 1, "{log}");
}

#[test]
fn an_authority_whose_own_certificate_is_not_trusted_is_asked_for_nothing() {
    let mut home = Home::new();
    let http = free_port();
    let Some(pebble) = Pebble::start(&home, http) else {
        return;
    };
    let stranger = Authority::new(&home.path("stranger"));
    let mut settings = pebble.settings(http);
    settings.retain(|(name, _)| *name != "ACME_CA_FILE");
    settings.push(("ACME_CA_FILE", stranger.ca().display().to_string()));
    let port = serve(&mut home, &settings);
    let refused = || home.log().contains("UnknownIssuer").then_some(());
    until("a refusal", &home, refused);
    assert_eq!(certificate(port, Path::new("/dev/null")), None);
    assert_eq!(kept(&home), vec![]);
}
