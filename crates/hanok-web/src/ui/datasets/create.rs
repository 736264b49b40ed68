//! `POST /datasets`: a file is uploaded and its import enqueued.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use hanok_domain::fault::Fault;

use super::form::{self, UploadForm};
use crate::access::client::Client;
use crate::access::guard::Signed;
use crate::api::datasets::read_form;
use crate::app::App;
use crate::error::{ApiError, status_of};
use crate::extract::Parts;
use crate::ui::frame::Frame;
use crate::ui::parts::FieldError;
use crate::ui::visit::{Visit, check_token};

/// The action.
pub async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    client: Client,
    headers: HeaderMap,
    Parts(multipart): Parts,
) -> Result<Response, ApiError> {
    let mut sent = match read_form(&app, &caller, multipart).await {
        Ok(sent) => sent,
        Err(fault) => return shown(&app, &frame, &BTreeMap::new(), fault),
    };
    check_token(
        &headers,
        client.secure,
        sent.fields.remove("csrf").as_deref(),
    )?;
    let fields = sent.fields.clone();
    // A browser sends a file without a name where none was chosen.
    let chosen = sent
        .file
        .as_ref()
        .is_none_or(|f| f.object.size > 0 || f.file_name != "upload");
    if !chosen {
        sent.file = None;
    }
    let made = match sent.into_upload() {
        Ok(upload) => app.studio.create_dataset(&caller, upload, None).await,
        Err(fault) => Err(fault),
    };
    match made {
        Ok(dataset) => Ok(Redirect::to(&format!("/datasets/{}", dataset.id)).into_response()),
        Err(fault) => shown(&app, &frame, &fields, fault),
    }
}

/// The form again, with what was filled in and what is wrong; faults of ours go their own way.
fn shown(
    app: &App,
    frame: &Frame,
    fields: &BTreeMap<String, String>,
    fault: Fault,
) -> Result<Response, ApiError> {
    let (status, _) = status_of(fault.kind);
    if status.is_server_error() {
        return Err(fault.into());
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let known = [
        "name",
        "text_column",
        "label_column",
        "delimiter",
        "header",
        "quoting",
        "encoding",
    ];
    let named = fault
        .field
        .as_deref()
        .filter(|f| known.contains(f))
        .unwrap_or("file");
    let view = UploadForm {
        name: field("name"),
        text_column: field("text_column"),
        label_column: field("label_column"),
        delimiter: field("delimiter"),
        header: field("header"),
        quoting: field("quoting"),
        encoding: field("encoding"),
        max_bytes: app.config.max_upload,
        errors: vec![FieldError {
            field: named.to_owned(),
            message: fault.to_string(),
        }],
        again: None,
    };
    Ok((status, Html(form::render(&view, frame))).into_response())
}
