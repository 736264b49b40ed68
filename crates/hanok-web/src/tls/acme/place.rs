//! Where account and certificate are kept: a folder of each directory, files of mode 0600, each written
//! whole or not at all. Key and chain are one file, so that they always fit.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hanok_domain::fault::Fault;
use instant_acme::AccountCredentials;
use sha2::{Digest, Sha256};

use super::AcmePlan;
use crate::tls::Pair;

/// The folder of one directory.
pub struct Place(PathBuf);

impl Place {
    /// Makes the folder. An authority's trial directory and its real one have accounts of their own.
    pub fn open(plan: &AcmePlan) -> io::Result<Self> {
        let digest = Sha256::digest(plan.directory.as_bytes());
        let name: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
        let folder = plan.folder.join(name);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    /// The account of an earlier start.
    pub fn account(&self) -> Option<AccountCredentials> {
        let text = fs::read(self.0.join("account.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps an account.
    pub fn keep_account(&self, account: &AccountCredentials) -> io::Result<()> {
        write(&self.0.join("account.json"), &serde_json::to_vec(account)?)
    }

    /// The certificate of an earlier start.
    pub fn certificate(&self) -> Option<Pair> {
        let path = self.0.join("certificate.pem");
        let pem = fs::read_to_string(&path).ok()?;
        match parse(&pem) {
            Ok(pair) => Some(pair),
            Err(fault) => {
                tracing::warn!(%fault, path = %path.display(), "a kept certificate is asked for anew");
                None
            }
        }
    }

    /// Keeps a certificate with its key.
    pub fn keep_certificate(&self, pem: &str) -> io::Result<()> {
        write(&self.0.join("certificate.pem"), pem.as_bytes())
    }
}

/// A pair from one text.
pub fn parse(pem: &str) -> Result<Pair, Fault> {
    let (name, pem) = ("the issued certificate", pem.as_bytes());
    Pair::parse(pem, name, pem, "the key to it")
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    path.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}
