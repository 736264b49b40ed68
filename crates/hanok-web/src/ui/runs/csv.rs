//! `GET /runs/{id}/metrics.csv`: every figure of the chart.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{load, metrics};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;

/// The file.
pub async fn csv(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let (view, _) = load::show(&app, &caller, &id).await?;
    app.studio.note_run_export(&caller, &view.id).await?;
    let name = format!("attachment; filename=\"{}-metrics.csv\"", view.id);
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((head, metrics::csv(&view.metrics)).into_response())
}
