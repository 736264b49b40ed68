//! Another project is given a copy of a model: its files, the base of an adapter with it, and what is known of
//! them. The run that it came of stays behind.

use hanok_domain::fault::Fault;
use hanok_protocol::model::ModelFile;
use hanok_store::Tx;
use hanok_store::rows::models::{Model, NewModel};
use serde_json::json;

use super::import::checked_name;
use super::{files_of, find_model, manifest_of, must_be_ready};
use crate::access::Caller;
use crate::projects::receiver;
use crate::sharing::{Copies, Share, Shared, may_share, told};
use crate::studio::Studio;

/// A model and the base that its adapter needs.
struct Whole {
    model: Model,
    base: Option<Model>,
}

impl Studio {
    /// Gives a project a copy of a model, by id or name.
    ///
    /// # Errors
    /// Those of [`receiver`]; 409 for a model that is not ready or a name that is taken there, 507 where the
    /// receiver may store no more.
    pub async fn share_model(
        &self,
        caller: &Caller,
        id: &str,
        share: &Share,
    ) -> Result<Shared, Fault> {
        may_share(caller)?;
        if self.starter(id).is_some() {
            let text = format!("'{id}' ships with Hanok: every project has it.");
            return Err(Fault::conflict("same_project", text).field("model"));
        }
        let (whole, to) = self
            .store()
            .read(|tx| async move {
                let whole = whole(&tx, &caller.project_id, id).await?;
                let to = receiver(&tx, caller, &share.project).await?;
                named(&tx, &to.project_id, share, &whole.model).await?;
                Ok::<_, Fault>((whole, to))
            })
            .await?;
        let mut copies = Copies::begin(self, &caller.project_id, &to.project_id).await?;
        let model = copied(&mut copies, &whole.model).await?;
        let base = match &whole.base {
            Some(base) => Some(copied(&mut copies, base).await?),
            None => None,
        };
        let (of, model, base, copies) = (&whole.model, &model, base.as_ref(), &copies);
        self.store()
            .write(|tx| async move {
                // Copying takes its time: who might not any more, does not.
                let to = receiver(&tx, caller, &share.project).await?;
                copies.keep(&tx, &to.project_id).await?;
                let mut model = model.clone();
                model.name = named(&tx, &to.project_id, share, of).await?;
                if let Some(base) = base {
                    model.base = Some(base_there(&tx, &to, base).await?);
                }
                insert(&tx, caller, &to, &of.id, model).await
            })
            .await
    }
}

async fn whole(tx: &Tx, project: &str, id: &str) -> Result<Whole, Fault> {
    let model = find_model(tx, project, id).await?;
    must_be_ready(&model, "model")?;
    let base = match &model.base {
        Some(base) => tx.models().get(project, base).await?,
        None => None,
    };
    if model.base.is_some() && base.is_none() {
        let text = format!(
            "The model '{}' needs '{}', which is gone.",
            model.name, model.base_model
        );
        return Err(Fault::conflict("base_model_missing", text)
            .field("model")
            .remedy("Import the base model again and tune it again."));
    }
    Ok(Whole { model, base })
}

/// The name over there, which has to be free.
async fn named(tx: &Tx, project: &str, share: &Share, model: &Model) -> Result<String, Fault> {
    let name = match share.name.as_deref().filter(|name| *name != model.name) {
        Some(name) => checked_name(name)?,
        None => model.name.as_str(),
    };
    match tx.models().by_name(project, name).await? {
        None => Ok(name.to_owned()),
        Some(_) => {
            let text = format!("That project has a model '{name}' already.");
            Err(Fault::conflict("name_taken", text)
                .field("name")
                .remedy("Give the copy another name."))
        }
    }
}

/// The row of a copy, with its objects over there.
async fn copied(copies: &mut Copies, model: &Model) -> Result<NewModel, Fault> {
    let mut files: Vec<ModelFile> = files_of(model)?;
    for file in &mut files {
        file.object = copies.add(&file.object).await?;
    }
    let mut manifest = manifest_of(model)?;
    if let Some(head) = &mut manifest.head {
        *head = copies.add(head).await?;
    }
    Ok(NewModel {
        project_id: String::new(),
        name: model.name.clone(),
        kind: model.kind.clone(),
        base_model: model.base_model.clone(),
        base: None,
        run_id: None,
        manifest: json!(manifest),
        format: model.format.clone(),
        architecture: model.architecture.clone(),
        files: json!(files),
        parameters: model.parameters,
        context_length: model.context_length,
        ..NewModel::default()
    })
}

/// Id of the base in the receiving project: one of these very files, else a new one.
async fn base_there(tx: &Tx, to: &Caller, base: &NewModel) -> Result<String, Fault> {
    match tx.models().by_name(&to.project_id, &base.name).await? {
        Some(there) if there.files == base.files => Ok(there.id),
        Some(_) => {
            let text = format!("That project has another model '{}'.", base.name);
            Err(Fault::conflict("name_taken", text)
                .field("project")
                .remedy("Delete that one first, or share with another project."))
        }
        None => {
            let mut base = base.clone();
            base.project_id.clone_from(&to.project_id);
            Ok(tx.models().insert(&base).await?.id)
        }
    }
}

async fn insert(
    tx: &Tx,
    caller: &Caller,
    to: &Caller,
    of: &str,
    mut model: NewModel,
) -> Result<Shared, Fault> {
    model.project_id.clone_from(&to.project_id);
    let made = tx.models().insert(&model).await?;
    let shared = Shared {
        id: made.id,
        object: "model".to_owned(),
        name: made.name,
        project: made.project_id,
    };
    let actions = ["model.share", "model.receive"];
    told(tx, [caller, to], actions, of, &shared).await?;
    Ok(shared)
}
