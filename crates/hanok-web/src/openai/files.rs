//! `/v1/files`: upload, list, content, delete. An upload is streamed into an object before there is a row.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::Fault;
use hanok_studio::files::{FileView, check_purpose};
use hanok_studio::{Once, PageRequest};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use crate::access::guard::Signed;
use crate::api::datasets::{UploadForm, read_form};
use crate::api::page;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Parts, Query, attachment, idempotency_key};

/// Items of a page at most, as OpenAI has it.
const MOST: u64 = 10_000;

/// Query of the list.
#[derive(Debug, Deserialize)]
pub struct FilesQuery {
    purpose: Option<String>,
    after: Option<String>,
    limit: Option<u64>,
    order: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<FilesQuery>,
) -> Result<Json<Value>, ApiError> {
    let mut page =
        PageRequest::new(query.after, None).at_most(query.limit.unwrap_or(MOST).min(MOST));
    match query.order.as_deref().unwrap_or("desc") {
        "desc" => {}
        "asc" => page = page.oldest_first(),
        other => {
            let text = format!("order is asc or desc, not '{other}'.");
            return Err(Fault::invalid("invalid_order", text).field("order").into());
        }
    }
    let purpose = query.purpose.as_deref().filter(|p| !p.is_empty());
    if let Some(purpose) = purpose {
        check_purpose(purpose)?;
    }
    page::list(app.studio.files(&caller, purpose, page).await?)
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    Parts(multipart): Parts,
) -> Result<Json<FileView>, ApiError> {
    let key = idempotency_key(&headers)?;
    let form = read_form(&app, &caller, multipart).await?;
    let once = key.map(|key| Once::new(key, "POST /v1/files".into(), form.fingerprint()));
    let (form, purpose) = check(form)?;
    let file = form.file.ok_or_else(|| {
        Fault::invalid("no_file", "The form has no file.")
            .field("file")
            .remedy("Send multipart/form-data with a part named 'file'.")
    })?;
    let file = app
        .studio
        .create_file(&caller, file, &purpose, once)
        .await?;
    Ok(Json(file))
}

/// The purpose; fields that are not known are refused, so that a typo is not ignored.
fn check(mut form: UploadForm) -> Result<(UploadForm, String), Fault> {
    let purpose = form.fields.remove("purpose").ok_or_else(|| {
        Fault::invalid("no_purpose", "The form does not say what the file is for.").field("purpose")
    })?;
    // A file here stays until it is deleted; what OpenAI's expiry asks for is less than that.
    form.fields
        .retain(|name, _| !name.starts_with("expires_after"));
    match form.fields.keys().next() {
        Some(name) => {
            let text = format!("There is no field '{name}'.");
            Err(Fault::invalid("unknown_field", text).field(name))
        }
        None => Ok((form, purpose)),
    }
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<FileView>, ApiError> {
    Ok(Json(app.studio.file(&caller, &id).await?))
}

pub(super) async fn content(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let (file, reader) = app.studio.file_content(&caller, &id).await?;
    let length = reader.size();
    let body = Body::from_stream(ReaderStream::with_capacity(reader, 64 << 10));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    // Whatever it is, it is saved and never shown as a page of ours.
    let kind = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&file.filename));
    Ok(response)
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.delete_file(&caller, &id).await?;
    Ok(Json(json!({ "id": id, "object": "file", "deleted": true })))
}
