//! The file of the log: begun anew when it has grown large, with a few old ones kept as `.1`, `.2`, ….
//! One process writes it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file grows to this size.
const LARGEST: u64 = 10 << 20;
/// Old files that are kept.
const KEPT: usize = 5;

/// A log's file, open.
pub struct LogFile {
    path: PathBuf,
    file: File,
    written: u64,
    largest: u64,
}

impl LogFile {
    /// Opens the file, or makes it, for its owner only.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::open_with(path, LARGEST)
    }

    fn open_with(path: &Path, largest: u64) -> io::Result<Self> {
        let file = append(path)?;
        Ok(Self {
            written: file.metadata()?.len(),
            path: path.to_owned(),
            file,
            largest,
        })
    }

    /// `hanok.log` becomes `hanok.log.1`, that `hanok.log.2`; the oldest goes.
    fn rotate(&mut self) -> io::Result<()> {
        let old = |n: usize| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{n}"));
            PathBuf::from(name)
        };
        for n in (1..KEPT).rev() {
            match fs::rename(old(n), old(n + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, old(1))?;
        self.file = append(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + bytes.len() as u64 > self.largest {
            self.rotate()?;
        }
        let n = self.file.write(bytes)?;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_begins_anew_when_large_and_keeps_a_few() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hanok.log");
        let mut log = LogFile::open_with(&path, 20).unwrap();
        for n in 0..20 {
            log.write_all(format!("line {n:02} ....\n").as_bytes())
                .unwrap();
        }
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("hanok.log"), "line 19 ....\n");
        assert_eq!(read("hanok.log.1"), "line 18 ....\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1 + KEPT);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn it_goes_on_where_an_earlier_process_ended() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hanok.log");
        for text in ["one\n", "two\n"] {
            let mut log = LogFile::open(&path).unwrap();
            log.write_all(text.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }
}
