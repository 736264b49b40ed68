//! Takes up a pair of files that has changed. A pair that cannot be used is refused with a warning, and
//! the one before it stays.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use super::pair::date;
use super::{Current, read};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What tells one state of a file from another.
type Stamp = Option<(SystemTime, u64)>;

/// Looks at the files until told to stop.
pub async fn watch(current: Current, cert: PathBuf, key: PathBuf, stop: CancellationToken) {
    let mut seen = stamps(&cert, &key);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let now = stamps(&cert, &key);
        if now == seen {
            continue;
        }
        seen = now;
        match read(&cert, &key).and_then(|pair| pair.unexpired("the new certificate")) {
            Ok(pair) => {
                current.install(&pair);
                tracing::info!(until = date(pair.ends), "the certificate was replaced");
            }
            Err(fault) => tracing::warn!(%fault, "the certificate stays as it was"),
        }
    }
}

fn stamps(cert: &Path, key: &Path) -> [Stamp; 2] {
    [cert, key].map(|path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}
