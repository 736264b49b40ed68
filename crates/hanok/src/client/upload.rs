//! Uploads of data sets and files: a file or bytes go as a stream, saying how far it is.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use serde_json::Value;
use tokio::io::AsyncReadExt;

use super::http::idempotency_key;
use super::{Client, ClientError};

const CHUNK: usize = 256 << 10;

/// What is uploaded.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file of this machine.
    File(PathBuf),
    /// Bytes under a file name.
    Bytes(&'static str, &'static [u8]),
}

/// A file on its way, with what the person said of it.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The content.
    pub source: Source,
    /// Fields beside the file: `name`, `format`, ….
    pub fields: Vec<(&'static str, String)>,
}

impl Upload {
    /// The file's own name.
    pub fn file_name(&self) -> String {
        match &self.source {
            Source::File(path) => path
                .file_name()
                .map_or_else(|| "upload".to_owned(), |n| n.to_string_lossy().into_owned()),
            Source::Bytes(name, _) => (*name).to_owned(),
        }
    }

    /// The name as the person wrote it, for messages.
    pub fn shown(&self) -> String {
        match &self.source {
            Source::File(path) => path.display().to_string(),
            Source::Bytes(name, _) => (*name).to_owned(),
        }
    }

    /// What can be said of the file without a server: it is there, a file, readable and not empty.
    pub fn check(&self) -> Result<u64, ClientError> {
        match &self.source {
            Source::File(path) => check_file(path),
            Source::Bytes(_, bytes) => Ok(bytes.len() as u64),
        }
    }
}

fn check_file(path: &Path) -> Result<u64, ClientError> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let (code, message, remedy) = if meta.is_dir() {
        (
            "not_a_file",
            "this is a directory",
            "Name one CSV, TSV or JSONL file in it.",
        )
    } else if !meta.is_file() {
        (
            "not_a_file",
            "this is no regular file",
            "Write the data into a CSV, TSV or JSONL file first.",
        )
    } else if meta.len() == 0 {
        (
            "empty_file",
            "this file is empty",
            "It needs rows with a text and a label.",
        )
    } else {
        std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
        return Ok(meta.len());
    };
    Err(unusable(path, code, message, remedy))
}

fn unreadable(path: &Path, error: &std::io::Error) -> ClientError {
    match error.kind() {
        ErrorKind::NotFound => unusable(
            path,
            "no_such_file",
            "there is no such file",
            "Check the path; a relative one starts at the working directory.",
        ),
        ErrorKind::PermissionDenied => unusable(
            path,
            "unreadable_file",
            "this file may not be read",
            "Give yourself the right to read it (chmod u+r).",
        ),
        _ => unusable(
            path,
            "unreadable_file",
            &error.to_string(),
            "Check the path and the disk.",
        ),
    }
}

fn unusable(path: &Path, code: &'static str, message: &str, remedy: &str) -> ClientError {
    ClientError::File {
        code,
        file: path.display().to_string(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// Sends it to `/api/v1/datasets` or `/v1/files`; `sent` is told how many bytes went out. Gives what the
/// server made of it.
pub async fn upload(
    client: &Client,
    path: &str,
    what: &Upload,
    sent: Arc<dyn Fn(u64) + Send + Sync>,
) -> Result<Value, ClientError> {
    let size = what.check()?;
    let body = body_of(&what.source, sent).await?;
    // A file name goes as it is, in UTF-8: percent signs would become part of it.
    let name: String = what
        .file_name()
        .chars()
        .map(|c| if c.is_control() { '_' } else { c })
        .collect();
    let mut form = Form::new().percent_encode_noop();
    for (field, value) in &what.fields {
        form = form.text(*field, value.clone());
    }
    let form = form.part("file", Part::stream_with_length(body, size).file_name(name));
    let request = client
        .request(Method::POST, path)
        .header("Idempotency-Key", idempotency_key())
        .multipart(form);
    let answer = client.answer(request).await;
    answer.map_err(|error| of_file(error, &what.source))
}

/// What the server says of a file, people know by the file's name.
fn of_file(error: ClientError, source: &Source) -> ClientError {
    match (error, source) {
        (
            ClientError::Refused {
                status,
                mut failure,
            },
            Source::File(path),
        ) if failure.code == "unsupported_file_type" => {
            failure.file = Some(path.display().to_string());
            ClientError::Refused { status, failure }
        }
        (error, _) => error,
    }
}

async fn body_of(
    source: &Source,
    sent: Arc<dyn Fn(u64) + Send + Sync>,
) -> Result<Body, ClientError> {
    let path = match source {
        Source::Bytes(_, bytes) => {
            sent(bytes.len() as u64);
            return Ok(Body::from(*bytes));
        }
        Source::File(path) => path,
    };
    let file = tokio::fs::File::open(path)
        .await
        .map_err(|error| unreadable(path, &error))?;
    let chunks = stream::try_unfold((file, 0u64), move |(mut file, before)| {
        let sent = sent.clone();
        async move {
            let mut chunk = vec![0; CHUNK];
            let read = file.read(&mut chunk).await?;
            chunk.truncate(read);
            let after = before + read as u64;
            sent(after);
            Ok::<_, std::io::Error>((read > 0).then_some((chunk, (file, after))))
        }
    });
    Ok(Body::wrap_stream(chunks))
}
