//! Models in memory: the least recently used go first. Loading verifies the object's bytes.

use std::sync::{Arc, Mutex, PoisonError};

use hanok_blobs::Objects;
use hanok_domain::fault::Fault;
use hanok_models::{Classifier, Encoder, Head, ModelError};
use hanok_protocol::job::{ModelRef, ProjectAccess};

use crate::jobs::project_key;

/// Bytes of heads kept in memory.
const BUDGET: u64 = 512 << 20;

/// The name under which the starter encoder is a base model.
pub const STARTER_ENCODER: &str = "hanok-encoder";

/// A loaded model.
#[derive(Clone)]
pub struct Held {
    /// The model.
    pub classifier: Arc<Classifier>,
    /// Bytes it takes.
    pub memory: u64,
}

/// The models held, most recently used last.
pub struct Cache {
    objects: Objects,
    held: Mutex<Vec<(String, Held)>>,
}

impl Cache {
    /// Empty.
    pub fn new(objects: Objects) -> Self {
        Self {
            objects,
            held: Mutex::new(Vec::new()),
        }
    }

    /// The model, loaded if it is not there.
    pub async fn get(&self, project: &ProjectAccess, model: &ModelRef) -> Result<Held, Fault> {
        let Some(head) = &model.head else {
            return Err(Fault::invalid(
                "no_head",
                format!("'{}' has no classification head.", model.id),
            ));
        };
        let name = format!("{}/{}", project.id, head.hash);
        if let Some(held) = self.find(&name) {
            return Ok(held);
        }
        let key = project_key(project).map_err(|e| Fault::internal(e.to_string()))?;
        let bytes = self.objects.get_bytes(&key, &head.hash).await?;
        let held = Held {
            memory: bytes.len() as u64,
            classifier: Arc::new(load(&model.base_model, &bytes)?),
        };
        self.keep(name, held.clone());
        Ok(held)
    }

    fn find(&self, name: &str) -> Option<Held> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|(n, _)| n == name)?;
        let found = held.remove(at);
        let model = found.1.clone();
        held.push(found);
        Some(model)
    }

    fn keep(&self, name: String, model: Held) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(n, _)| *n != name);
        held.push((name, model));
        let mut total: u64 = held.iter().map(|(_, h)| h.memory).sum();
        while total > BUDGET && held.len() > 1 {
            total -= held.remove(0).1.memory;
        }
    }
}

/// Builds a classifier from a head's bytes.
pub fn load(base_model: &str, head: &[u8]) -> Result<Classifier, Fault> {
    let head = Head::from_safetensors(head).map_err(invalid_model)?;
    Classifier::new(encoder(base_model)?, head).map_err(invalid_model)
}

/// A base model by name.
pub fn encoder(name: &str) -> Result<Arc<Encoder>, Fault> {
    if name != STARTER_ENCODER {
        return Err(Fault::invalid(
            "unknown_base_model",
            format!("There is no base model '{name}'."),
        )
        .field("base_model")
        .remedy(format!("Use '{STARTER_ENCODER}'.")));
    }
    Encoder::starter().map_err(invalid_model)
}

fn invalid_model(error: ModelError) -> Fault {
    Fault::invalid(
        "invalid_model",
        format!("The model cannot be used: {error}."),
    )
}
