//! The lock on a data directory. The `flock` is the lock, not the file's existence;
//! the file tells others where the server that holds it can be reached.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

const FILE: &str = "hanok.lock";

/// Where the server of a data directory can be reached, and with which token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAddress {
    /// For example `http://127.0.0.1:8080`.
    pub url: String,
    /// Where people find it, if that is another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// Lets whoever may read the file (mode 0600) act as the local user.
    pub token: String,
    /// The server's process.
    pub pid: u32,
}

impl std::fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerAddress")
            .field("url", &self.url)
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server holds it.
    #[error("{} is in use by another server{}", .dir.display(), at(.held_by.as_ref()))]
    Held {
        /// The data directory.
        dir: PathBuf,
        /// Where that server can be reached, once it has said so.
        held_by: Option<ServerAddress>,
    },
    /// Locks and SQLite's log are not reliable there.
    #[error("{} is on a network file system; the data directory must be on a local disk", .dir.display())]
    Network {
        /// The data directory.
        dir: PathBuf,
    },
    /// The file cannot be made, read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The lock file or its directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn at(address: Option<&ServerAddress>) -> String {
    address.map_or_else(String::new, |address| {
        let url = address.public.as_ref().unwrap_or(&address.url);
        format!(" (process {}, {url})", address.pid)
    })
}

/// The exclusive right to a data directory, for as long as this value lives.
#[derive(Debug)]
pub struct DataDirLock {
    file: File,
    path: PathBuf,
}

impl DataDirLock {
    /// Takes the lock at once or says who holds it. The directory must exist.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let path = dir.join(FILE);
        let failed = |source| LockError::Io {
            path: path.clone(),
            source,
        };
        if on_network(dir).map_err(failed)? {
            return Err(LockError::Network {
                dir: dir.to_owned(),
            });
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        if !try_lock(&file).map_err(failed)? {
            return Err(LockError::Held {
                dir: dir.to_owned(),
                held_by: read_file(&path).ok().flatten(),
            });
        }
        // Whatever it says is of a server that is gone.
        file.set_len(0).map_err(failed)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .map_err(failed)?;
        Ok(Self { file, path })
    }

    /// Tells others where this server can be reached.
    pub fn write_address(&mut self, address: &ServerAddress) -> Result<(), LockError> {
        let written = self.rewrite(address);
        written.map_err(|source| LockError::Io {
            path: self.path.clone(),
            source,
        })
    }

    fn rewrite(&mut self, address: &ServerAddress) -> io::Result<()> {
        let text = serde_json::to_vec(address)?;
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.file.sync_all()
    }
}

impl Drop for DataDirLock {
    fn drop(&mut self) {
        // The file stays: removing it would let two servers lock two files of one name.
        let _ = self.file.set_len(0);
    }
}

/// Where the server that holds this data directory says it can be reached.
/// Nothing if there is none, or it has not said so yet.
pub fn read_address(dir: &Path) -> Result<Option<ServerAddress>, LockError> {
    let path = dir.join(FILE);
    let failed = |source| LockError::Io {
        path: path.clone(),
        source,
    };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock_shared() {
        // Nobody holds it: what the file says is of a server that died.
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => read_file(&path).map_err(failed),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// [`read_address`] holds a shared lock for an instant, so one refusal proves nothing.
fn try_lock(file: &File) -> io::Result<bool> {
    for _ in 0..10 {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(target_os = "linux")]
fn on_network(dir: &Path) -> io::Result<bool> {
    const NFS: u32 = 0x6969;
    const SMB: [u32; 3] = [0x517b, 0xff53_4d42, 0xfe53_4d42];
    let kind = rustix::fs::statfs(dir)?.f_type as u32;
    Ok(kind == NFS || SMB.contains(&kind))
}

#[cfg(not(target_os = "linux"))]
fn on_network(_dir: &Path) -> io::Result<bool> {
    Ok(false)
}

/// A file half written reads as nothing said yet.
fn read_file(path: &Path) -> io::Result<Option<ServerAddress>> {
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text).ok())
}
