//! How a store of objects behaves; where it is comes from whoever opens it.

use std::time::Duration;

use crate::disk::Fault;
use crate::{S3Settings, SealKey};

/// How a store of objects behaves.
#[derive(Clone)]
pub struct Settings {
    /// Free bytes that writes never touch, so that the database and the log can go on.
    pub reserve_bytes: u64,
    /// Temporary files and uploads idle for longer are removed at the start.
    pub temporary_age: Duration,
    /// Objects in a bucket instead of on the disk.
    pub s3: Option<S3Settings>,
    /// New objects are sealed; older ones that are not stay readable.
    pub seal: Option<SealKey>,
    /// Earlier keys: what they sealed stays readable, nothing new is sealed with them.
    pub seal_previous: Vec<SealKey>,
    /// Room for local copies of objects that do not lie in files of their own; the copies that
    /// nobody has asked for the longest go first.
    pub copies_bytes: u64,
    /// A copy that somebody asked for so lately stays, whatever room is left: they may be about
    /// to open it.
    pub copies_grace: Duration,
    /// Fails chosen steps: tests only.
    pub fault: Option<Fault>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reserve_bytes: 256 << 20,
            temporary_age: Duration::from_secs(24 * 3600),
            s3: None,
            seal: None,
            seal_previous: Vec::new(),
            copies_bytes: 10 << 30,
            copies_grace: Duration::from_secs(60),
            fault: None,
        }
    }
}
