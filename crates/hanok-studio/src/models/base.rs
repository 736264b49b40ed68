//! What can be tuned: a starter model, an imported one, or one that was tuned as a whole.

use hanok_domain::fault::Fault;
use hanok_domain::state::ModelState;
use hanok_protocol::model::{ModelKind, ModelRef};
use hanok_store::Tx;
use hanok_store::rows::models::Model;

use super::reference::kind_of;
use super::{ModelManifest, Starter, manifest_of, model_ref};
use crate::studio::Studio;

/// A model to tune.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// Built in.
    Starter(Starter),
    /// A row of the project, with what a worker needs to know of it.
    Row(Box<Model>, ModelRef),
}

impl Base {
    /// The name to call it by.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Starter(starter) => &starter.name,
            Self::Row(model, _) => &model.name,
        }
    }

    /// Its row, if it is none that ships.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Starter(_) => None,
            Self::Row(model, _) => Some(&model.id),
        }
    }

    /// What it does.
    pub(crate) fn kind(&self) -> ModelKind {
        match self {
            Self::Starter(starter) => starter.kind,
            Self::Row(_, reference) => reference.kind,
        }
    }

    /// As a worker needs it.
    pub(crate) fn reference(&self) -> ModelRef {
        match self {
            Self::Starter(starter) => ModelRef {
                id: starter.name.clone(),
                kind: starter.kind,
                base_model: starter.name.clone(),
                files: Vec::new(),
                adapter: Vec::new(),
                head: None,
            },
            Self::Row(_, reference) => reference.clone(),
        }
    }

    /// Ways to tune it, the usual one first.
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match (self, self.kind()) {
            (_, ModelKind::Decoder) => &["lora", "full"],
            (Self::Starter(_), _) => &["head"],
            (Self::Row(..), _) => &["head", "lora", "full"],
        }
    }

    /// Kind of the data sets that it is tuned on.
    pub(crate) fn data_kind(&self) -> &'static str {
        match self.kind() {
            ModelKind::Decoder => "messages",
            ModelKind::Encoder | ModelKind::Classifier => "classification",
        }
    }

    /// For example `llama`.
    pub(crate) fn architecture(&self) -> Option<String> {
        match self {
            Self::Starter(starter) => Some(starter.architecture.clone()),
            Self::Row(model, _) => model.architecture.clone(),
        }
    }

    /// Tokens that it reads at most.
    pub(crate) fn context_length(&self) -> Option<i64> {
        match self {
            Self::Starter(starter) => starter
                .context_length
                .map(|length| i64::try_from(length).unwrap_or(i64::MAX)),
            Self::Row(model, _) => model.context_length,
        }
    }

    /// Weights in it.
    pub(crate) fn parameters(&self) -> Option<i64> {
        match self {
            Self::Starter(_) => None,
            Self::Row(model, _) => model.parameters,
        }
    }

    /// What else is known of it.
    pub(crate) fn manifest(&self) -> ModelManifest {
        match self {
            Self::Starter(starter) => ModelManifest {
                has_chat_template: starter.kind == ModelKind::Decoder,
                ..ModelManifest::default()
            },
            Self::Row(model, _) => manifest_of(model).unwrap_or_default(),
        }
    }
}

impl Studio {
    /// The starter model of this name.
    pub(crate) fn starter(&self, name: &str) -> Option<&Starter> {
        self.starters().iter().find(|starter| starter.name == name)
    }
}

/// A model to tune, by id or name.
///
/// # Errors
/// 422 on the field `base_model` when there is none, or none that can be tuned.
pub(crate) async fn find_base(
    studio: &Studio,
    tx: &Tx,
    project: &str,
    name: &str,
) -> Result<Base, Fault> {
    if let Some(starter) = studio.starter(name) {
        return Ok(Base::Starter(starter.clone()));
    }
    let model = match tx.models().get(project, name).await? {
        Some(model) => Some(model),
        None => tx.models().by_name(project, name).await?,
    };
    let Some(model) = model else {
        return Err(unknown(studio, name));
    };
    if model.state != ModelState::Ready {
        let text = format!("The model '{}' is {}.", model.name, model.state);
        return Err(Fault::invalid("model_not_ready", text)
            .field("base_model")
            .remedy("Wait for its import to end, or import its files again."));
    }
    if model.format != "hf" {
        let text = format!(
            "'{}' is what was tuned on '{}', not a whole model.",
            model.name, model.base_model
        );
        return Err(Fault::invalid("model_not_tunable", text)
            .field("base_model")
            .remedy(format!("Tune '{}' itself.", model.base_model)));
    }
    kind_of(&model)?;
    let reference = model_ref(tx, &model).await?;
    Ok(Base::Row(Box::new(model), reference))
}

fn unknown(studio: &Studio, name: &str) -> Fault {
    let shipped: Vec<&str> = studio.starters().iter().map(|s| s.name.as_str()).collect();
    let fault = Fault::invalid(
        "unknown_base_model",
        format!("There is no base model '{name}'."),
    );
    let remedy = if name == super::STARTER_DECODER {
        "This build does not ship it; import a Llama or Qwen2 directory and name that.".to_owned()
    } else {
        format!(
            "Use {} or the name of an imported model.",
            shipped.join(", ")
        )
    };
    fault.field("base_model").remedy(remedy)
}
