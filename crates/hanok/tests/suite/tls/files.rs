//! A certificate from files: which versions are spoken, that a changed pair is taken up, and that
//! commands and workers of the machine go on as before.

use std::fs;
use std::path::{Path, PathBuf};

use super::certificates::Authority;
use super::{certificate, free_port, get, handshake, in_the_clear, port, until};
use crate::example;
use crate::home::Home;

/// A home with a pair for `localhost`, not served yet.
struct Secured {
    home: Home,
    authority: Authority,
    cert: PathBuf,
    key: PathBuf,
}

impl Secured {
    fn new() -> Self {
        let home = Home::new();
        let authority = Authority::new(&home.path("certificates"));
        let (cert, key) = authority.issue("server", "-days 2");
        Self {
            home,
            authority,
            cert,
            key,
        }
    }

    fn serve(&mut self, more: &[(&str, &str)]) -> u16 {
        let (cert, key) = (
            self.cert.display().to_string(),
            self.key.display().to_string(),
        );
        let files = [
            ("TLS_CERT_FILE", cert.as_str()),
            ("TLS_KEY_FILE", key.as_str()),
        ];
        self.home.serve(&[&files, more].concat());
        port(&self.home)
    }

    fn ca(&self) -> PathBuf {
        self.authority.ca()
    }
}

#[test]
fn f10s_tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    let mut secured = Secured::new();
    let port = secured.serve(&[]);
    let ca = secured.ca();
    for version in ["-tls1_2", "-tls1_3"] {
        let (came, said) = handshake(port, &ca, &[version, "-alpn", "http/1.1"]);
        assert!(
            came && said.contains("ALPN protocol: http/1.1"),
            "{version}: {said}"
        );
    }
    // Otherwise OpenSSL itself would refuse to try.
    let any = ["-cipher", "ALL:@SECLEVEL=0"];
    for version in ["-tls1", "-tls1_1"] {
        let (came, said) = handshake(port, &ca, &[&[version], &any[..]].concat());
        assert!(
            !came && said.contains("SSL alert number"),
            "{version}: {said}"
        );
    }
    for weak in [
        "AES256-SHA",
        "ECDHE-ECDSA-AES128-SHA",
        "NULL-SHA256",
        "aNULL",
    ] {
        let cipher = format!("{weak}:@SECLEVEL=0");
        let (came, said) = handshake(port, &ca, &["-tls1_2", "-cipher", &cipher]);
        assert!(!came && said.contains("SSL alert number"), "{weak}: {said}");
    }
    let plain = in_the_clear(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
}

#[test]
fn f10s_peers_are_verified_by_our_clients() {
    let mut secured = Secured::new();
    let port = secured.serve(&[]);
    let stranger = Authority::new(&secured.home.path("stranger"));
    assert!(get(port, &secured.ca(), "/health").is_ok());
    let refused = get(port, &stranger.ca(), "/health").unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
    let made = secured
        .home
        .json(["key", "create", "--json", "--name", "afar"]);
    let key = made["key"].as_str().expect("a key");
    let afar = |ca: Option<&Path>, host: &str| {
        let url = format!("https://{host}:{port}");
        let mut command = secured
            .home
            .command(["key", "list", "--json", "--url", &url, "--key", key]);
        command.envs(ca.map(|ca| ("HANOK_CA_FILE", ca)));
        command.output().expect("the binary")
    };
    let trusted = afar(Some(&secured.ca()), "localhost");
    let said = String::from_utf8_lossy(&trusted.stderr);
    assert!(trusted.status.success(), "{said}");
    assert!(!afar(Some(&stranger.ca()), "localhost").status.success());
    assert!(!afar(None, "localhost").status.success());
    assert!(!afar(Some(&secured.ca()), "127.0.0.2").status.success());
}

#[test]
fn f10s_no_client_of_ours_can_be_told_to_verify_nothing() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a folder");
    let words = ["danger", "_accept"].concat();
    let mut folders = vec![crates.to_owned()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                assert!(!text.contains(&words), "{}", path.display());
                read += 1;
            }
        }
    }
    assert!(read > 300, "{read} files were read");
}

#[test]
fn f10s_a_changed_pair_is_served_without_a_restart_and_a_broken_one_is_not() {
    let mut secured = Secured::new();
    let port = secured.serve(&[]);
    let (ca, home) = (secured.ca(), &secured.home);
    let served = || certificate(port, &ca);
    let first = served().expect("a certificate");
    let (cert, key) = secured.authority.issue("second", "-days 2");
    fs::copy(cert, &secured.cert).expect("copied");
    fs::copy(key, &secured.key).expect("copied");
    let second = until("a new certificate", home, || {
        served().filter(|now| *now != first)
    });
    // A certificate whose key has not come yet.
    let (cert, key) = secured.authority.issue("third", "-days 2");
    fs::copy(cert, &secured.cert).expect("copied");
    let refusal = || home.log().contains("is not the key to").then_some(());
    until("a warning", home, refusal);
    assert_eq!(served(), Some(second.clone()));
    fs::write(&secured.key, "nonsense").expect("written");
    until("a warning", home, || {
        home.log().contains("holds no key").then_some(())
    });
    assert_eq!(served(), Some(second.clone()));
    fs::copy(key, &secured.key).expect("copied");
    until("the third", home, || served().filter(|now| *now != second));
}

#[test]
fn f04s_f05s_over_tls_headers_and_cookie_are_those_of_https() {
    let mut secured = Secured::new();
    let port = secured.serve(&[]);
    let (status, headers, _) = get(port, &secured.ca(), "/login").expect("an answer");
    assert_eq!(status, 200);
    let hsts = headers
        .iter()
        .find(|(name, _)| name == "strict-transport-security");
    let hsts = hsts.map(|(_, value)| value.as_str());
    assert_eq!(hsts, Some("max-age=31536000; includeSubDomains"));
    let secret = fs::read_to_string(secured.home.data().join("secrets/admin-secret"));
    let secret = secret.expect("a secret");
    let out = std::process::Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "-D", "-", "--cacert"])
        .arg(secured.ca())
        .args(["-d", &format!("secret={}", secret.trim())])
        .arg(format!("https://localhost:{port}/login"))
        .output()
        .expect("curl");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let cookie = said
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let (pair, attributes) = cookie.and_then(|c| c.split_once("; ")).expect(&said);
    assert!(pair.starts_with("__Host-hanok_session=hs_"), "{said}");
    assert_eq!(
        attributes.trim(),
        "Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200"
    );
}

#[test]
fn the_plain_port_leads_to_https_at_a_name_of_ours() {
    let mut secured = Secured::new();
    let http = free_port();
    let told = [
        ("HTTP_PORT", http.to_string()),
        ("HANOK_ALLOWED_HOSTS", "studio.example".to_owned()),
    ];
    let told: Vec<_> = told
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let port = secured.serve(&told);
    let ask = |host: &str, path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        in_the_clear(http, request.as_bytes())
    };
    let answer = ask("studio.example", "/runs?page=2");
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    let place = format!("location: https://studio.example:{port}/runs?page=2\r\n");
    assert!(answer.contains(&place), "{answer}");
    let answer = ask("evil.example", "/");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let answer = ask("studio.example", "/.well-known/acme-challenge/x");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

/// What production does not make by itself.
const SECRETS: [(&str, &str); 3] = [
    (
        "SECRET_KEY",
        "3d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c2",
    ),
    ("JWT_SECRET", "7ab05e817ab05e817ab05e817ab05e81"),
    ("SESSION_SECRET", "c41d96f3c41d96f3c41d96f3c41d96f3"),
];

#[test]
fn commands_and_workers_of_this_machine_go_on_behind_tls_and_behind_a_proxy() {
    let mut secured = Secured::new();
    let off = [("APP_ENV", "production"), ("HOST", "0.0.0.0")];
    secured.serve(&[off.as_slice(), &SECRETS].concat());
    // A worker imports it.
    secured.home.write("own.csv", example::csv(60));
    secured
        .home
        .json(["dataset", "import", "own.csv", "--json"]);
    let mut proxied = Home::new();
    let behind = [
        ("TRUSTED_PROXIES", "127.0.0.0/8, ::1"),
        ("HANOK_ALLOWED_HOSTS", "studio.example"),
    ];
    proxied.serve(&[off.as_slice(), &SECRETS, &behind].concat());
    proxied.write("own.csv", example::csv(60));
    proxied.json(["dataset", "import", "own.csv", "--json"]);
    let address = hanok_store::lock::read_address(&proxied.data());
    let address = address.expect("an address").expect("a server");
    assert_eq!(address.public.as_deref(), Some("https://studio.example"));
    // The door for them lets nobody else in.
    let port = address
        .url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    let request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let answer = in_the_clear(port.expect("a port"), request);
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}
