//! The signed end of the chain, kept elsewhere than the database: a file to which lines are added, one for each
//! batch that was sealed. Whoever changes the database cannot make these lines, nor take them away.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use hanok_store::rows::audit::Head;

use crate::secret::hex;

/// Bytes from which on a file is put aside; two of them are kept.
const MOST: u64 = 4 << 20;

/// Signs heads, and knows those that were signed before the master key changed.
#[derive(Clone)]
pub struct HeadKey {
    current: [u8; 32],
    previous: Vec<[u8; 32]>,
}

impl HeadKey {
    /// A key, and earlier ones.
    pub fn new(current: [u8; 32], previous: Vec<[u8; 32]>) -> Self {
        Self { current, previous }
    }

    /// A signed head.
    pub fn sign(&self, seq: i64, hash: &str, at: i64) -> Head {
        Head {
            seq,
            hash: hash.to_owned(),
            at,
            signature: hex(&mac(&self.current, seq, hash, at).finalize().into_bytes()),
        }
    }

    /// Whether the head was signed with this key or an earlier one.
    pub fn holds(&self, head: &Head) -> bool {
        let mut bytes = Vec::with_capacity(32);
        for pair in head.signature.as_bytes().chunks(2) {
            let digits = std::str::from_utf8(pair).unwrap_or("x");
            match u8::from_str_radix(digits, 16) {
                Ok(byte) => bytes.push(byte),
                Err(_) => return false,
            }
        }
        let mut keys = std::iter::once(&self.current).chain(&self.previous);
        keys.any(|key| {
            let mac = mac(key, head.seq, &head.hash, head.at);
            mac.verify_slice(&bytes).is_ok()
        })
    }
}

fn mac(key: &[u8; 32], seq: i64, hash: &str, at: i64) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block);
    mac.update(&seq.to_be_bytes());
    mac.update(&at.to_be_bytes());
    mac.update(hash.as_bytes());
    mac
}

/// The key, and the file that the heads are kept in.
#[derive(Clone)]
pub struct Heads {
    pub(super) key: HeadKey,
    path: PathBuf,
}

/// What the files say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// In the order of their places.
    pub heads: Vec<Head>,
    /// Lines that are no head, apart from a last one that was cut off.
    pub broken: u64,
}

impl Heads {
    /// Heads signed with this key and kept in this file, which is made when it is first needed.
    pub fn new(key: HeadKey, path: PathBuf) -> Self {
        Self { key, path }
    }

    /// Where they are kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a head; it is on the disk when this returns.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, head: &Head) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let mut file = self.open()?;
        let length = file.metadata()?.len();
        if length > MOST && std::fs::rename(&self.path, self.older()).is_ok() {
            file = self.open()?;
        }
        let mut line = serde_json::to_string(head).map_err(io::Error::other)?;
        line.push('\n');
        if length > 0 && !ends_a_line(&self.path)? {
            // A line that was cut off stays alone.
            line.insert(0, '\n');
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        if length == 0
            && let Some(folder) = self.path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.path)
    }

    fn older(&self) -> PathBuf {
        self.path.with_extension("1.jsonl")
    }

    /// Reads what is kept.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn read(&self) -> io::Result<Kept> {
        let mut kept = Kept::default();
        for path in [self.older(), self.path.clone()] {
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let whole = text.ends_with('\n');
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            for (at, line) in lines.iter().enumerate() {
                match serde_json::from_str(line) {
                    Ok(head) => kept.heads.push(head),
                    Err(_) if at + 1 == lines.len() && !whole => {}
                    Err(_) => kept.broken += 1,
                }
            }
        }
        kept.heads.sort_by_key(|head: &Head| head.seq);
        Ok(kept)
    }
}

fn ends_a_line(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn heads(dir: &Path) -> Heads {
        let path = dir.join("audit").join("heads.jsonl");
        Heads::new(HeadKey::new([7; 32], Vec::new()), path)
    }

    #[test]
    fn f100_only_the_key_signs_and_every_part_is_signed() {
        let key = HeadKey::new([7; 32], Vec::new());
        let head = key.sign(3, "ab", 9);
        assert!(key.holds(&head));
        assert!(!HeadKey::new([8; 32], Vec::new()).holds(&head));
        let changes: [fn(&mut Head); 5] = [
            |head| head.seq = 4,
            |head| head.hash = "ac".into(),
            |head| head.at = 10,
            |head| head.signature = "zz".into(),
            |head| head.signature.clear(),
        ];
        for change in changes {
            let mut other = head.clone();
            change(&mut other);
            assert!(!key.holds(&other), "{other:?}");
        }
    }

    #[test]
    fn lines_are_added_in_private_and_a_line_that_was_cut_off_harms_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let heads = heads(dir.path());
        assert_eq!(heads.read().unwrap(), Kept::default());
        let (first, second) = (heads.key.sign(1, "a", 1), heads.key.sign(2, "b", 2));
        heads.keep(&first).unwrap();
        let mode = std::fs::metadata(heads.path())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut text = std::fs::read_to_string(heads.path()).unwrap();
        text.push_str("{\"seq\":2,\"ha");
        std::fs::write(heads.path(), text).unwrap();
        assert_eq!(heads.read().unwrap().heads, std::slice::from_ref(&first));
        assert_eq!(heads.read().unwrap().broken, 0);
        heads.keep(&second).unwrap();
        let kept = heads.read().unwrap();
        assert_eq!((kept.heads, kept.broken), (vec![first, second], 1));
    }

    #[test]
    fn a_long_file_is_put_aside_and_still_read() {
        let dir = tempfile::tempdir().unwrap();
        let heads = heads(dir.path());
        heads.keep(&heads.key.sign(1, "a", 1)).unwrap();
        let mut text = std::fs::read_to_string(heads.path()).unwrap();
        text.push_str(&"\n".repeat(usize::try_from(MOST).unwrap()));
        std::fs::write(heads.path(), text).unwrap();
        heads.keep(&heads.key.sign(2, "b", 2)).unwrap();
        let length = std::fs::metadata(heads.path()).unwrap().len();
        assert!(length < 1000, "{length}");
        assert_eq!(heads.read().unwrap().heads.len(), 2);
    }
}
