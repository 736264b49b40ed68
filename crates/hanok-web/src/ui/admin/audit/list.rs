//! `GET /admin/audit`: a part of the log, with filters in the address.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use hanok_domain::fault::FaultKind;
use hanok_studio::audit::{AuditPage, AuditPart, AuditQuery};
use serde::Deserialize;

use super::view::{self, AuditLog, Seal};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// Rows of a part.
const ROWS: u64 = 50;

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    after: String,
}

/// The page.
pub async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<AuditQuery>,
    Query(part): Query<ListQuery>,
) -> Result<Response, ApiError> {
    let wanted = AuditPart {
        after: Some(part.after.clone()),
        before: None,
        limit: Some(ROWS),
    };
    let (page, fault) = match app.studio.audit_log(&caller, &query, &wanted).await {
        Ok(page) => (page, None),
        // What is wrong with a filter stands above the form.
        Err(fault) if fault.kind == FaultKind::Invalid => (nothing(), Some(fault)),
        Err(fault) => return Err(fault.into()),
    };
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view = AuditLog {
        rows: page.rows,
        next: page.last_id.filter(|_| page.has_more),
        later: !part.after.is_empty(),
        seal: Seal {
            head: app.studio.audit_head().await?,
            trouble: app.studio.audit_figures().trouble,
            verified: app.studio.audit_verified(),
        },
        fault,
        query,
    };
    Ok((status, Html(view::render(&view, &frame))).into_response())
}

fn nothing() -> AuditPage {
    AuditPage {
        rows: Vec::new(),
        has_more: false,
        last_id: None,
    }
}
