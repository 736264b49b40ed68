//! `GET /datasets/new`: the upload form.

use axum::extract::State;
use axum::response::Html;
use serde::Deserialize;

use super::form::{self, UploadForm};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::visit::Visit;

/// The data set whose file is tried again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    again: String,
}

/// The page.
pub async fn new(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Query(query): Query<NewQuery>,
) -> Result<Html<String>, ApiError> {
    let mut view = UploadForm {
        max_bytes: app.config.max_upload,
        ..UploadForm::default()
    };
    if !query.again.is_empty() {
        let dataset = app.studio.dataset(&caller, &query.again).await?;
        view.name = dataset.name;
        view.again = Some(dataset.source_name);
    }
    Ok(Html(form::render(&view, &frame)))
}
