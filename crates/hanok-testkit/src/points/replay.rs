//! A data directory as a crash would leave it after any number of recorded calls: of a killed process
//! every call counts, of a machine without power only what was flushed. A name counts as flushed once its
//! directory was; the worst that POSIX allows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::record::{Call, Kind};

type Content = Vec<u8>;

/// A directory in memory, and what of it is on the disk for sure.
#[derive(Clone)]
pub struct Replay {
    root: PathBuf,
    /// Contents by number; a file keeps its number through renames.
    now: BTreeMap<usize, Content>,
    flushed: BTreeMap<usize, Content>,
    names: BTreeMap<PathBuf, usize>,
    flushed_names: BTreeMap<PathBuf, usize>,
}

impl Replay {
    /// Begins with what lies under `root` now, all of it flushed.
    pub fn of(root: &Path) -> Self {
        let mut replay = Self {
            root: root.to_owned(),
            now: BTreeMap::new(),
            flushed: BTreeMap::new(),
            names: BTreeMap::new(),
            flushed_names: BTreeMap::new(),
        };
        replay.read(root);
        replay.flushed = replay.now.clone();
        replay.flushed_names = replay.names.clone();
        replay
    }

    fn read(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.read(&path);
            } else if path.is_file() && !is_index(&path) {
                let content = std::fs::read(&path).expect("a file");
                self.now.insert(self.names.len(), content);
                self.names.insert(path, self.names.len());
            }
        }
    }

    /// Takes in a file as it lies there now: somebody else made it, and made it durable.
    pub fn keep(&mut self, path: &Path) {
        let content = std::fs::read(path).expect("a file");
        *self.file(path) = content;
        self.sync(path);
        self.flushed_names.insert(path.to_owned(), self.names[path]);
    }

    /// Applies a call.
    pub fn apply(&mut self, call: &Call) {
        let at = usize::try_from(call.offset).unwrap_or(usize::MAX);
        match call.kind {
            Kind::Create => {
                self.file(&call.path);
            }
            Kind::Write => {
                let content = self.file(&call.path);
                let end = at + call.data.len();
                content.resize(content.len().max(end), 0);
                content[at..end].copy_from_slice(&call.data);
            }
            Kind::Truncate => self.file(&call.path).resize(at, 0),
            Kind::Sync => self.sync(&call.path),
            Kind::Rename => {
                if let Some(number) = self.names.remove(&call.path) {
                    self.names.insert(call.to.clone(), number);
                }
            }
            Kind::Unlink => {
                self.names.remove(&call.path);
            }
            // A directory is there once a file in it is.
            Kind::MakeFolder | Kind::Database | Kind::Answer | Kind::Open => {}
        }
    }

    fn file(&mut self, path: &Path) -> &mut Content {
        let fresh = self.now.len();
        let number = *self.names.entry(path.to_owned()).or_insert(fresh);
        self.now.entry(number).or_default()
    }

    fn sync(&mut self, path: &Path) {
        if let Some(number) = self.names.get(path) {
            self.flushed.insert(*number, self.now[number].clone());
            return;
        }
        let inside = |name: &Path| name.parent() == Some(path);
        self.flushed_names.retain(|name, _| !inside(name));
        let named = self.names.iter().filter(|(name, _)| inside(name));
        self.flushed_names
            .extend(named.map(|(name, number)| (name.clone(), *number)));
    }

    /// Writes the directory of a process that was killed now.
    pub fn write_killed(&self, to: &Path) {
        self.write(to, &self.names, &self.now);
    }

    /// Writes the directory of a machine that lost its power now.
    pub fn write_flushed(&self, to: &Path) {
        self.write(to, &self.flushed_names, &self.flushed);
    }

    fn write(
        &self,
        to: &Path,
        names: &BTreeMap<PathBuf, usize>,
        contents: &BTreeMap<usize, Content>,
    ) {
        for (name, number) in names {
            let inside = name.strip_prefix(&self.root).expect("a path in the root");
            let path = to.join(inside);
            std::fs::create_dir_all(path.parent().unwrap_or(to)).expect("a folder");
            let content = contents.get(number).map_or(&[][..], Vec::as_slice);
            std::fs::write(path, content).expect("a file");
        }
    }
}

/// SQLite's shared index is memory, made anew after a crash.
fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(kind: Kind, path: &Path, to: &Path, data: &[u8]) -> Call {
        Call {
            kind,
            path: path.to_owned(),
            to: to.to_owned(),
            offset: 0,
            data: data.to_vec(),
        }
    }

    #[test]
    fn only_what_was_flushed_outlives_the_power() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = from.path();
        let (draft, done) = (root.join("draft"), root.join("done"));
        let mut replay = Replay::of(root);
        let none = Path::new("");
        let mut seen = Vec::new();
        for call in [
            call(Kind::Create, &draft, none, b""),
            call(Kind::Write, &draft, none, b"text"),
            call(Kind::Rename, &draft, &done, b""),
            call(Kind::Sync, root, none, b""),
            call(Kind::Sync, &done, none, b""),
        ] {
            replay.apply(&call);
            let place = to.path().join(seen.len().to_string());
            replay.write_flushed(&place);
            seen.push(std::fs::read_to_string(place.join("done")).ok());
        }
        // Renamed and its name flushed before its content was: an empty file.
        assert_eq!(
            seen,
            [None, None, None, Some(String::new()), Some("text".into())]
        );
        let killed = to.path().join("killed");
        replay.write_killed(&killed);
        assert_eq!(
            std::fs::read_to_string(killed.join("done")).unwrap(),
            "text"
        );
    }
}
