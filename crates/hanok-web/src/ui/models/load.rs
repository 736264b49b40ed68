//! Models, filled from the studio.

use std::collections::BTreeMap;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::PageRequest;
use hanok_studio::access::Caller;
use hanok_studio::models::{ModelView, STARTER_ENCODER};

use super::view::{Facts, ModelRow, ModelShow, Related};
use crate::app::App;
use crate::ui::format::micros;
use crate::ui::runs::load as runs;
use crate::ui::runs::result::Evaluation;

/// A row of the list.
pub fn row(
    model: &ModelView,
    evaluations: &BTreeMap<String, Evaluation>,
    deployed: &[String],
) -> ModelRow {
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let evaluation = model.run_id.as_ref().and_then(|run| evaluations.get(run));
    ModelRow {
        id: model.id.clone(),
        name: model.name.clone(),
        base_model: model.base_model.clone(),
        kind: model.kind.clone(),
        state: model.status.clone(),
        facts: Facts {
            architecture: model.architecture.clone().unwrap_or_default(),
            parameters: number(model.parameters),
            context: number(model.context_length),
        },
        tuned: model.run_id.is_some(),
        labels: model.labels.len() as u64,
        accuracy: evaluation.map(|e| e.tuned),
        deployed: deployed.contains(&model.id),
        created_at: micros(&model.created_at),
    }
}

/// The models that ship, as rows.
pub async fn shipped(app: &App, caller: &Caller) -> Result<Vec<ModelRow>, Fault> {
    let all = app.studio.callable_models(caller).await?;
    let shipped = all.into_iter().filter(|model| model.project == "hanok");
    Ok(shipped.map(|model| starter(model.name)).collect())
}

fn starter(name: String) -> ModelRow {
    let kind = match name.as_str() {
        STARTER_ENCODER => "encoder",
        _ => "decoder",
    };
    ModelRow {
        name,
        kind: kind.to_owned(),
        state: "ready".to_owned(),
        ..ModelRow::default()
    }
}

/// One model with all that belongs to it.
pub async fn show(app: &App, caller: &Caller, id: &str) -> Result<ModelShow, Fault> {
    let model = app.studio.model(caller, id).await?;
    let evaluations = runs::evaluations(app, caller).await?;
    let deployed = runs::deployed(app, caller).await?;
    let mut view = ModelShow {
        row: row(&model, &evaluations, &deployed),
        format: model.format.clone(),
        has_chat_template: model.has_chat_template,
        fault: model.error.clone(),
        files: model
            .files
            .iter()
            .map(|file| (file.path.clone(), file.object.size))
            .collect(),
        labels: model.labels.clone(),
        bytes: model.bytes,
        base: model.base.clone(),
        may_edit: caller.may_write(),
        ..ModelShow::default()
    };
    relate(app, caller, &model, &mut view).await?;
    if let Some(run) = &model.run_id {
        let run = app.studio.run(caller, run).await?;
        let name = runs::dataset_name(app, caller, &run.dataset_id).await?;
        view.delta = evaluations.get(&run.id).map(|e| e.delta.delta);
        view.run = Some((run.id, run.name));
        view.dataset = Some((run.dataset_id, name));
    }
    Ok(view)
}

/// Checkpoints of the same run, and models that were tuned from this one.
async fn relate(
    app: &App,
    caller: &Caller,
    model: &ModelView,
    view: &mut ModelShow,
) -> Result<(), Fault> {
    let all = app.studio.models(caller, PageRequest::first(100)).await?;
    for other in all.items.into_iter().filter(|other| other.id != model.id) {
        let same_run = model.run_id.is_some() && other.run_id == model.run_id;
        let tuned_from = other.base.as_deref() == Some(model.id.as_str());
        let related = Related {
            step: step_of(&other.name),
            id: other.id,
            name: other.name,
        };
        if same_run {
            view.siblings.push(related);
        } else if tuned_from {
            view.tuned.push(related);
        }
    }
    view.siblings
        .sort_by_key(|one| one.step.unwrap_or(u64::MAX));
    if let Some(base) = &view.base
        && let Err(fault) = app.studio.model(caller, base).await
    {
        // A base that was deleted is named without a link.
        if fault.kind != FaultKind::NotFound {
            return Err(fault);
        }
        view.base = None;
    }
    Ok(())
}

/// The step of a checkpoint, as it stands in its name.
fn step_of(name: &str) -> Option<u64> {
    name.rsplit_once(":ckpt-step-")?.1.parse().ok()
}
