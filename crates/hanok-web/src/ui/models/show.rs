//! `GET /models/{id}`: one model and how to call it.

use axum::extract::{Path, State};
use axum::response::Html;

use super::list::row;
use super::view::{self, ModelShow};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::ui::runs::load;
use crate::ui::visit::Visit;

/// The page.
pub async fn show(
    State(app): State<App>,
    Signed(caller): Signed,
    Visit(frame): Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, ApiError> {
    let model = app.studio.model(&caller, &id).await?;
    let evaluations = load::evaluations(&app, &caller).await?;
    let deployed = load::deployed(&app, &caller).await?;
    let mut view = ModelShow {
        row: row(&model, &evaluations, &deployed),
        labels: model.labels,
        bytes: model.bytes,
        may_edit: caller.may_write(),
        ..ModelShow::default()
    };
    if let Some(run) = &model.run_id {
        let run = app.studio.run(&caller, run).await?;
        let name = load::dataset_name(&app, &caller, &run.dataset_id).await?;
        view.delta = evaluations.get(&run.id).map(|e| e.delta.delta);
        view.run = Some((run.id, run.name));
        view.dataset = Some((run.dataset_id, name));
    }
    Ok(Html(view::render_show(&view, &frame)))
}
