//! Another project is given a copy of a data set: of its newest version, without the file it was imported from.

use hanok_domain::fault::Fault;
use hanok_domain::state::DatasetState;
use hanok_protocol::job::Manifest;
use hanok_store::Tx;
use hanok_store::rows::datasets::{Dataset, DatasetChange, DatasetVersion, NewDataset, NewVersion};
use serde_json::json;

use super::create::checked_name;
use crate::access::Caller;
use crate::projects::receiver;
use crate::sharing::{Copies, Share, Shared, may_share, told};
use crate::studio::Studio;

impl Studio {
    /// Gives a project a copy of a data set.
    ///
    /// # Errors
    /// Those of [`receiver`]; 409 for a data set that is not ready, 507 where the receiver may store no more.
    pub async fn share_dataset(
        &self,
        caller: &Caller,
        id: &str,
        share: &Share,
    ) -> Result<Shared, Fault> {
        may_share(caller)?;
        let (mut dataset, version, to) = self
            .store()
            .read(|tx| async move {
                let (dataset, version) = ready(&tx, &caller.project_id, id).await?;
                Ok::<_, Fault>((
                    dataset,
                    version,
                    receiver(&tx, caller, &share.project).await?,
                ))
            })
            .await?;
        if let Some(name) = &share.name {
            dataset.name = checked_name(name)?;
        }
        let mut copies = Copies::begin(self, &caller.project_id, &to.project_id).await?;
        let manifest = copied(&mut copies, &version).await?;
        let (dataset, version, manifest, copies) = (&dataset, &version, &manifest, &copies);
        self.store()
            .write(|tx| async move {
                // Copying takes its time: who might not any more, does not.
                let to = receiver(&tx, caller, &share.project).await?;
                copies.keep(&tx, &to.project_id).await?;
                let made = insert(&tx, &to, dataset, version, manifest).await?;
                let shared = Shared {
                    id: made.id,
                    object: "dataset".to_owned(),
                    name: made.name,
                    project: made.project_id,
                };
                let actions = ["dataset.share", "dataset.receive"];
                told(&tx, [caller, &to], actions, id, &shared).await?;
                Ok(shared)
            })
            .await
    }
}

/// What the version consists of, over there.
async fn copied(copies: &mut Copies, version: &DatasetVersion) -> Result<Manifest, Fault> {
    let manifest = serde_json::from_value(version.manifest.clone());
    let mut manifest: Manifest = manifest
        .map_err(|e| Fault::internal(format!("the manifest of {} is damaged: {e}", version.id)))?;
    for chunk in &mut manifest.chunks {
        chunk.object = copies.add(&chunk.object).await?;
    }
    Ok(manifest)
}

async fn ready(tx: &Tx, project: &str, id: &str) -> Result<(Dataset, DatasetVersion), Fault> {
    let dataset = tx.datasets().get(project, id).await?;
    let dataset = dataset.ok_or_else(|| Fault::not_found("data set", id))?;
    let version = tx.datasets().latest_version(project, id).await?;
    match version {
        Some(version) if dataset.state == DatasetState::Ready => Ok((dataset, version)),
        _ => {
            let text = format!("The data set is {}.", dataset.state.as_str());
            Err(Fault::conflict("dataset_not_ready", text)
                .remedy("Wait for its import to end, or import the file again."))
        }
    }
}

async fn insert(
    tx: &Tx,
    to: &Caller,
    dataset: &Dataset,
    version: &DatasetVersion,
    manifest: &Manifest,
) -> Result<Dataset, Fault> {
    let project = &to.project_id;
    let new = NewDataset {
        project_id: project.clone(),
        name: dataset.name.clone(),
        kind: dataset.kind.clone(),
        source_name: dataset.source_name.clone(),
        source_bytes: dataset.source_bytes,
        created_by: to.user_id.clone(),
    };
    let made = tx.datasets().insert(&new).await?;
    let copy = NewVersion {
        project_id: project.clone(),
        dataset_id: made.id.clone(),
        manifest: json!(manifest),
        statistics: version.statistics.clone(),
        rows: version.rows,
    };
    tx.datasets().add_version(&copy).await?;
    let change = DatasetChange {
        state: Some(DatasetState::Ready),
        ..DatasetChange::default()
    };
    Ok(tx.datasets().update(project, &made.id, &change).await?)
}
