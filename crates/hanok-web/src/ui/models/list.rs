//! `GET /models`: the list.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Html;
use hanok_studio::PageRequest;
use hanok_studio::models::ModelView;
use serde::Deserialize;

use super::view::{self, ModelList, ModelRow};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::ui::format::micros;
use crate::ui::runs::load;
use crate::ui::runs::result::Evaluation;
use crate::ui::visit::Visit;

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
    Query(query): Query<ListQuery>,
) -> Result<Html<String>, ApiError> {
    let page = PageRequest::new(Some(query.after.clone()), Some(25));
    let listed = app.studio.models(&caller, page).await?;
    let evaluations = load::evaluations(&app, &caller).await?;
    let deployed = load::deployed(&app, &caller).await?;
    let rows = listed
        .items
        .iter()
        .map(|model| row(model, &evaluations, &deployed));
    let view = ModelList {
        rows: rows.collect(),
        later: !query.after.is_empty(),
        next: listed.last_id.filter(|_| listed.has_more),
    };
    Ok(Html(view::render_list(&view, &frame)))
}

/// A row of the list.
pub fn row(
    model: &ModelView,
    evaluations: &BTreeMap<String, Evaluation>,
    deployed: &[String],
) -> ModelRow {
    let evaluation = model.run_id.as_ref().and_then(|run| evaluations.get(run));
    ModelRow {
        id: model.id.clone(),
        name: model.name.clone(),
        base_model: model.base_model.clone(),
        labels: model.labels.len() as u64,
        accuracy: evaluation.map(|e| e.tuned),
        deployed: deployed.contains(&model.id),
        created_at: micros(&model.created_at),
    }
}
