//! The repository's files as git sees them: tracked ones and new ones that are not ignored.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process;

/// Larger files are data, which no rule reads.
const LARGEST: u64 = 1 << 20;

pub struct Tree {
    /// Every text file.
    pub files: Vec<File>,
    /// Every file and folder, data too.
    names: BTreeSet<String>,
}

pub struct File {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

impl Tree {
    pub fn read(root: &Path) -> Result<Tree> {
        let mut list = Command::new("git");
        list.current_dir(root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let output = process::quiet(&mut list)?;
        ensure!(output.status.success(), "git cannot list the files here");
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut tree = Tree::of(&[]);
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            let Ok(meta) = std::fs::metadata(&full) else {
                continue;
            };
            let small = meta.is_file() && meta.len() <= LARGEST;
            let text = small.then(|| std::fs::read(&full)).transpose()?;
            tree.add(path, text.and_then(|bytes| String::from_utf8(bytes).ok()));
        }
        Ok(tree)
    }

    /// A tree of given files.
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree {
            files: Vec::new(),
            names: BTreeSet::new(),
        };
        for (path, text) in files {
            tree.add(path, Some((*text).to_owned()));
        }
        tree
    }

    fn add(&mut self, path: &str, text: Option<String>) {
        let mut name = path;
        while self.names.insert(name.to_owned()) {
            match name.rsplit_once('/') {
                Some((folder, _)) => name = folder,
                None => break,
            }
        }
        if let Some(text) = text {
            let path = path.to_owned();
            self.files.push(File { path, text });
        }
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.path == path)?;
        Some(&file.text)
    }

    /// Whether a file or folder of this name is there.
    pub fn has(&self, path: &str) -> bool {
        self.names.contains(path.trim_end_matches('/'))
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    /// The text files under a folder.
    pub fn under(&self, folder: &str) -> impl Iterator<Item = &File> {
        let folder = format!("{folder}/");
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(&folder))
    }
}
