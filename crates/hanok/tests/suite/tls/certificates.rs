//! Certificates of tests, made by OpenSSL: an authority, and pairs for `localhost` by it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of certificates.
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// A fresh authority in a folder.
    pub fn new(dir: &Path) -> Self {
        std::fs::create_dir_all(dir).expect("a folder");
        std::fs::write(
            dir.join("names"),
            "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
        )
        .expect("a file");
        let authority = Self {
            dir: dir.to_owned(),
        };
        // Two of one name would be told apart by their signatures only.
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        authority.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={name} \
             -keyout ca.key -out ca.pem"
        ));
        authority
    }

    /// Its own certificate.
    pub fn ca(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// A pair for `localhost`; `when` is what OpenSSL says of its dates.
    pub fn issue(&self, name: &str, when: &str) -> (PathBuf, PathBuf) {
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
             -keyout {name}.key -out {name}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial {when} \
             -extfile names -out {name}.pem"
        ));
        let file = |kind| self.dir.join(format!("{name}.{kind}"));
        (file("pem"), file("key"))
    }

    fn openssl(&self, arguments: &str) {
        let made = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&self.dir)
            .output()
            .expect("openssl");
        assert!(made.status.success(), "{arguments}: {made:?}");
    }
}
