//! `/api/v1/audit`: the audit log listed, exported and verified.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hanok_studio::audit::{AuditExport, AuditFormat, AuditPart, AuditQuery, AuditReport};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Query, attachment};

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PartQuery {
    after: Option<String>,
    before: Option<String>,
    limit: Option<u64>,
}

/// How the file is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FormatQuery {
    format: String,
}

impl From<PartQuery> for AuditPart {
    fn from(query: PartQuery) -> Self {
        Self {
            after: query.after,
            before: query.before,
            limit: query.limit,
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<AuditQuery>,
    Query(part): Query<PartQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = app.studio.audit_log(&caller, &query, &part.into()).await?;
    Ok(Json(json!({
        "object": "list",
        "data": page.rows,
        "has_more": page.has_more,
        "last_id": page.last_id,
    })))
}

pub(super) async fn export(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<AuditQuery>,
    Query(how): Query<FormatQuery>,
) -> Result<Response, ApiError> {
    let format = AuditFormat::parse(&how.format)?;
    let export = app.studio.export_audit(&caller, query, format).await?;
    let pieces = stream::try_unfold(export, |mut export: AuditExport| async move {
        let piece = export.next().await.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(piece.map(|text| (Bytes::from(text), export)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let kind = match format {
        AuditFormat::Csv => "text/csv; charset=utf-8",
        AuditFormat::Jsonl => "application/jsonl",
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let name = format!("audit.{}", format.ending());
    headers.insert(header::CONTENT_DISPOSITION, attachment(&name));
    Ok(response)
}

pub(super) async fn verify(
    State(app): State<App>,
    Signed(caller): Signed,
) -> Result<Json<AuditReport>, ApiError> {
    let told = &mut |_, _| {};
    Ok(Json(app.studio.verify_audit(Some(&caller), told).await?))
}
