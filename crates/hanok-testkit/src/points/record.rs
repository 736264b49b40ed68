//! Calls as the loaded library writes them down.

use std::path::PathBuf;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Writes bytes into a file.
    Write = 1,
    /// Cuts or extends a file.
    Truncate,
    /// Flushes a file or a directory.
    Sync,
    /// Gives a file another name.
    Rename,
    /// Removes a file.
    Unlink,
    /// Makes a directory.
    MakeFolder,
    /// Makes a file.
    Create,
    /// Sends something to the database.
    Database,
    /// Sends the head of an answer to a client.
    Answer,
    /// Opens a file, also one that is there; such calls are no points, but they can fail.
    Open,
}

/// A call, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it does.
    pub kind: Kind,
    /// The file or directory.
    pub path: PathBuf,
    /// The new name of a rename.
    pub to: PathBuf,
    /// Where in the file; of a truncation the length.
    pub offset: u64,
    /// What is written; of an answer its first bytes.
    pub data: Vec<u8>,
}

impl Call {
    /// Whether it tells a client of success.
    pub fn is_success(&self) -> bool {
        self.kind == Kind::Answer && self.data.get(9) == Some(&b'2')
    }
}

/// Reads a record; a call cut short by the end of the process is left out.
pub(super) fn parse(mut bytes: &[u8]) -> Vec<Call> {
    let mut calls = Vec::new();
    while let Some(call) = next(&mut bytes) {
        calls.push(call);
    }
    calls
}

fn next(bytes: &mut &[u8]) -> Option<Call> {
    let kind = kind_of(number::<4>(bytes)?);
    let (path, to) = (number::<4>(bytes)?, number::<4>(bytes)?);
    let (offset, length) = (number::<8>(bytes)?, number::<8>(bytes)?);
    let mut text = |length: u64| {
        let taken = take(bytes, length)?.to_vec();
        Some(PathBuf::from(String::from_utf8(taken).expect("a path")))
    };
    let (path, to) = (text(path)?, text(to)?);
    Some(Call {
        kind,
        path,
        to,
        offset,
        data: take(bytes, length)?.to_vec(),
    })
}

fn number<const N: usize>(bytes: &mut &[u8]) -> Option<u64> {
    let mut wide = [0; 8];
    wide[..N].copy_from_slice(take(bytes, N as u64)?);
    Some(u64::from_le_bytes(wide))
}

fn take<'b>(bytes: &mut &'b [u8], length: u64) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(taken)
}

fn kind_of(number: u64) -> Kind {
    match number {
        1 => Kind::Write,
        2 => Kind::Truncate,
        3 => Kind::Sync,
        4 => Kind::Rename,
        5 => Kind::Unlink,
        6 => Kind::MakeFolder,
        7 => Kind::Create,
        8 => Kind::Database,
        9 => Kind::Answer,
        other => panic!("no kind {other}"),
    }
}
