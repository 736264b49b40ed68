//! `GET /api/v1/models/{id}/download`: a model's files as one tar archive, or one of them by `?file=`.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use hanok_domain::fault::Fault;
use hanok_protocol::model::ModelFile;
use hanok_studio::models::ModelContent;
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::tar;
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Query, attachment};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// Query of a download.
#[derive(Debug, Deserialize)]
pub struct DownloadQuery {
    file: Option<String>,
}

pub(super) async fn download(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response, ApiError> {
    let wanted = query.file.as_deref();
    let content = app.studio.model_content(&caller, &id, wanted).await?;
    match query.file {
        Some(path) => Ok(one(content, &path).await?),
        None => Ok(all(content)?),
    }
}

async fn one(content: ModelContent, path: &str) -> Result<Response, Fault> {
    let file = content.files.iter().find(|file| file.path == path);
    let file = file.ok_or_else(|| Fault::not_found("file", path).field("file"))?;
    let reader = content.open(file).await?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let length = reader.size();
    let body = Body::from_stream(ReaderStream::with_capacity(reader, CHUNK));
    Ok(saved(body, "application/octet-stream", length, name))
}

/// The archive; what cannot be put into one is told before the first byte.
fn all(content: ModelContent) -> Result<Response, Fault> {
    let mut parts = Vec::new();
    for file in &content.files {
        let header = tar::header(&file.path, file.object.size).ok_or_else(|| {
            let text = format!("The path '{}' is too long for an archive.", file.path);
            Fault::invalid("path_too_long", text).remedy("Download files one by one with ?file=.")
        })?;
        parts.push((file.clone(), Bytes::copy_from_slice(&header)));
    }
    let length = tar::length(content.files.iter().map(|file| file.object.size));
    let name = format!("{}.tar", content.name.replace([':', '/'], "-"));
    let files = stream::iter(parts.into_iter().map(Ok))
        .and_then(move |(file, header)| entry(content.clone(), file, header))
        .try_flatten();
    let end = stream::iter([Ok(Bytes::from_static(&[0; tar::END]))]);
    let body = Body::from_stream(files.chain(end));
    Ok(saved(body, "application/x-tar", length, &name))
}

/// Header, content and padding of one file, which is opened only when its turn comes.
async fn entry(
    content: ModelContent,
    file: ModelFile,
    header: Bytes,
) -> io::Result<impl Stream<Item = io::Result<Bytes>>> {
    let reader = content.open(&file).await.map_err(io::Error::other)?;
    let padding = Bytes::from(vec![0; tar::padding(file.object.size)]);
    let head = stream::iter([Ok(header)]);
    let body = ReaderStream::with_capacity(reader, CHUNK);
    Ok(head.chain(body).chain(stream::iter([Ok(padding)])))
}

fn saved(body: Body, kind: &'static str, length: u64, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_DISPOSITION, attachment(name));
    response
}
