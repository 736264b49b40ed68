//! `/api/v1/datasets`: upload, list, preview, delete. An upload is streamed into an object before any
//! row is written; fields may come before or after the file.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use futures_util::TryStreamExt;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::Once;
use hanok_studio::access::Caller;
use hanok_studio::datasets::{DatasetView, NewUpload, Uploaded};
use hanok_studio::sharing::{Share, Shared};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Json as Body, Parts, Query, hex, idempotency_key};

/// A field that is not the file is short.
const MAX_FIELD: usize = 4096;

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, ApiError> {
    page::list(app.studio.datasets(&caller, query.into()).await?)
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<DatasetView>, ApiError> {
    Ok(Json(app.studio.dataset(&caller, &id).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.studio.delete_dataset(&caller, &id).await?;
    Ok(Json(
        json!({ "id": id, "object": "dataset", "deleted": true }),
    ))
}

pub(super) async fn share(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<Share>,
) -> Result<(StatusCode, Json<Shared>), ApiError> {
    let shared = app.studio.share_dataset(&caller, &id, &body).await?;
    Ok((StatusCode::CREATED, Json(shared)))
}

/// Query of a preview.
#[derive(Debug, Deserialize)]
pub struct RowsQuery {
    after: Option<u64>,
    limit: Option<u64>,
}

pub(super) async fn rows(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<RowsQuery>,
) -> Result<Json<Value>, ApiError> {
    let limit = query.limit.unwrap_or(20).clamp(1, 200);
    let page = app
        .studio
        .dataset_rows(&caller, &id, query.after.unwrap_or(0), limit)
        .await?;
    Ok(Json(json!({
        "object": "list",
        "data": page.rows,
        "columns": page.columns,
        "has_more": page.has_more,
    })))
}

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    Parts(multipart): Parts,
) -> Result<(StatusCode, Json<DatasetView>), ApiError> {
    let key = idempotency_key(&headers)?;
    let form = read_form(&app, &caller, multipart).await?;
    let once = key.map(|key| Once::new(key, "POST /api/v1/datasets".into(), form.fingerprint()));
    let upload = form.into_upload()?;
    let dataset = app.studio.create_dataset(&caller, upload, once).await?;
    Ok((StatusCode::CREATED, Json(dataset)))
}

/// What an upload form held.
#[derive(Default)]
pub(crate) struct UploadForm {
    /// The small fields by name.
    pub fields: BTreeMap<String, String>,
    /// The file, already an object.
    pub file: Option<Uploaded>,
}

impl UploadForm {
    /// Names the form's content: the same form has the same one.
    pub(crate) fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        if let Some(file) = &self.file {
            digest.update(file.object.hash.as_bytes());
        }
        for (name, value) in &self.fields {
            digest.update(format!("\0{name}\0{value}").as_bytes());
        }
        hex(&digest.finalize())
    }

    /// The upload that the form asks for; unknown fields are refused, so that a typo is not ignored.
    pub(crate) fn into_upload(mut self) -> Result<NewUpload, Fault> {
        let file = self.file.ok_or_else(|| {
            Fault::invalid("no_file", "The form has no file.")
                .field("file")
                .remedy("Send multipart/form-data with a part named 'file'.")
        })?;
        let name = self.fields.remove("name").filter(|n| !n.trim().is_empty());
        self.fields.retain(|_, value| !value.is_empty());
        Ok(NewUpload {
            name,
            file,
            options: self.fields,
        })
    }
}

/// Reads a multipart form, streaming its file into an object.
pub(crate) async fn read_form(
    app: &App,
    caller: &Caller,
    mut multipart: Multipart,
) -> Result<UploadForm, Fault> {
    let mut form = UploadForm::default();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            if form.file.is_some() {
                return Err(Fault::new(
                    FaultKind::Malformed,
                    "two_files",
                    "The form has two files; send one at a time.",
                )
                .field("file"));
            }
            form.file = Some(read_file(app, caller, field).await?);
        } else {
            let value = read_field(field).await?;
            form.fields.insert(name, value);
        }
    }
    Ok(form)
}

async fn read_file(app: &App, caller: &Caller, field: Field<'_>) -> Result<Uploaded, Fault> {
    let file_name = field.file_name().unwrap_or("upload").to_owned();
    let stream = field.map_err(std::io::Error::other);
    app.studio
        .upload(caller, file_name, app.config.max_upload, stream)
        .await
}

async fn read_field(mut field: Field<'_>) -> Result<String, Fault> {
    let name = field.name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > MAX_FIELD {
            return Err(Fault::new(
                FaultKind::TooLarge,
                "field_too_large",
                "A field is too long.",
            )
            .field(name));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| {
        Fault::new(
            FaultKind::Malformed,
            "invalid_field",
            "A field is not UTF-8.",
        )
        .field(name)
    })
}

fn unreadable(error: MultipartError) -> Fault {
    let kind = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => FaultKind::TooLarge,
        _ => FaultKind::Malformed,
    };
    Fault::new(
        kind,
        "malformed_multipart",
        format!("The form could not be read: {}.", error.body_text()),
    )
}
