//! Models in memory: the least recently used go first, before a new one comes. Loading verifies the
//! objects' bytes, and happens one model at a time.

use std::sync::{Arc, Mutex, PoisonError};

use hanok_blobs::Objects;
use hanok_domain::fault::Fault;
use hanok_protocol::job::ProjectAccess;
use hanok_protocol::model::ModelRef;

use super::held::Held;
use crate::jobs::project_key;
use crate::models::Directories;

/// Bytes of models kept in memory. One that is larger is held alone.
const BUDGET: u64 = 4 << 30;

/// The models held, most recently used last.
pub struct Cache {
    objects: Objects,
    directories: Directories,
    held: Mutex<Vec<(String, Arc<Held>)>>,
    /// Two requests for one model load it once, and two models do not need their memory at once.
    loading: tokio::sync::Mutex<()>,
}

impl Cache {
    /// Empty.
    pub fn new(objects: Objects, directories: Directories) -> Self {
        Self {
            objects,
            directories,
            held: Mutex::new(Vec::new()),
            loading: tokio::sync::Mutex::new(()),
        }
    }

    /// The model, loaded if it is not there.
    pub async fn get(&self, project: &ProjectAccess, model: &ModelRef) -> Result<Arc<Held>, Fault> {
        let name = name_of(project, model)?;
        if let Some(held) = self.find(&name) {
            return Ok(held);
        }
        let _one_at_a_time = self.loading.lock().await;
        if let Some(held) = self.find(&name) {
            return Ok(held);
        }
        self.make_room(size_of(model));
        let key = project_key(project).map_err(|e| Fault::internal(e.to_string()))?;
        let (objects, directories) = (self.objects.clone(), self.directories.clone());
        let model = model.clone();
        let loaded =
            tokio::task::spawn_blocking(move || Held::load(&objects, &directories, &key, &model));
        let held = loaded
            .await
            .map_err(|e| Fault::internal(format!("loading a model panicked: {e}")))??;
        let held = Arc::new(held);
        self.lock().push((name, held.clone()));
        Ok(held)
    }

    fn find(&self, name: &str) -> Option<Arc<Held>> {
        let mut held = self.lock();
        let at = held.iter().position(|(n, _)| n == name)?;
        let found = held.remove(at);
        let model = found.1.clone();
        held.push(found);
        Some(model)
    }

    fn make_room(&self, wanted: u64) {
        let mut held = self.lock();
        let mut total: u64 = held.iter().map(|(_, h)| h.memory()).sum();
        while total.saturating_add(wanted) > BUDGET && !held.is_empty() {
            total -= held.remove(0).1.memory();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Arc<Held>)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A model by everything that it consists of, in its project.
fn name_of(project: &ProjectAccess, model: &ModelRef) -> Result<String, Fault> {
    let whole = serde_json::to_string(model)
        .map_err(|e| Fault::internal(format!("a model cannot be named: {e}")))?;
    Ok(format!("{}/{whole}", project.id))
}

fn size_of(model: &ModelRef) -> u64 {
    let files = model.files.iter().chain(&model.adapter);
    files.map(|file| file.object.size).sum()
}
