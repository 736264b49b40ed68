//! A service behind TLS: the authority that the settings name vouches for it, and no other does.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::open_with;
use crate::fake::Fake;
use crate::project;

/// An authority and a certificate for `localhost` by it.
fn certify(dir: &Path) {
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(dir)
            .output()
            .expect("openssl");
        assert!(made.status.success(), "{arguments}: {made:?}");
    };
    std::fs::write(dir.join("names"), "subjectAltName=DNS:localhost\n").expect("a file");
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile names -out server.pem",
    );
}

fn acceptor(dir: &Path) -> TlsAcceptor {
    let chain = CertificateDer::from_pem_file(dir.join("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(dir.join("server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .expect("a configuration");
    TlsAcceptor::from(Arc::new(config))
}

/// Takes TLS off and passes on what is within; the port that it listens at.
async fn terminate(acceptor: TlsAcceptor, service: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let (acceptor, service) = (acceptor.clone(), service.clone());
            tokio::spawn(async move {
                let Ok(mut outer) = acceptor.accept(outer).await else {
                    return;
                };
                let mut inner = TcpStream::connect(service).await.expect("the service");
                let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
            });
        }
    });
    port
}

#[test]
fn a_service_is_trusted_by_the_authority_that_the_settings_name() {
    let dir = tempfile::tempdir().expect("a folder");
    certify(dir.path());
    let fake = Fake::start();
    let service = fake.url().replace("http://", "");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let port = runtime.block_on(terminate(acceptor(dir.path()), service));
    let endpoint = format!("localhost:{port}");
    let (_folder, objects) = open_with(
        |s3| {
            s3.endpoint.clone_from(&endpoint);
            s3.ca_file = Some(dir.path().join("ca.pem"));
        },
        &fake,
    )
    .expect("opens");
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"content").expect("stores");
    let read = objects.get_blocking(&owner, &stored.hash).expect("reads");
    assert_eq!(read.as_ref(), b"content");
    // Nobody on this machine vouches for it.
    let refused = open_with(|s3| s3.endpoint.clone_from(&endpoint), &fake);
    let error = refused.map(|_| ()).expect_err("opened all the same");
    assert!(error.to_string().contains("certificate"), "{error}");
}
