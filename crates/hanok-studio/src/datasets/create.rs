//! A new data set: the file becomes an object, then a row and an import job, together.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hanok_blobs::ObjectError;
use hanok_domain::fault::Fault;
use hanok_protocol::job::{ImportSpec, JobSpec, ObjectName};
use hanok_store::Tx;
use hanok_store::rows::datasets::{Dataset, NewDataset};
use serde_json::{Value, json};

use super::head::{Head, refuse_others};
use super::options::import_options;
use super::{DatasetView, NewUpload, Uploaded, view};
use crate::Once;
use crate::access::Caller;
use crate::audit::{Deed, record};
use crate::once::{earlier, remember};
use crate::studio::Studio;
use crate::workers::note;

const MAX_NAME: usize = 120;

impl Studio {
    /// Streams a file into an object of the caller's project. Nothing refers to it yet.
    pub async fn upload<S>(
        &self,
        caller: &Caller,
        file_name: String,
        limit: u64,
        content: S,
    ) -> Result<Uploaded, Fault>
    where
        S: Stream<Item = Result<Bytes, io::Error>>,
    {
        let head = Head::default();
        let content = content.inspect(|part| head.see(part));
        let key = self.project_key(&caller.project_id).await?;
        let room = self.room_of(&caller.project_id).await?;
        let most = room.map_or(limit, |room| room.min(limit));
        let stored = match self.objects().put_stream(&key, content, most).await {
            Err(ObjectError::TooLarge { .. }) if most < limit => Err(self.quota_exceeded()),
            other => other.map_err(Fault::from),
        }?;
        Ok(Uploaded {
            file_name: base_name(&file_name),
            object: ObjectName {
                hash: stored.hash,
                size: stored.size,
            },
            head: head.into_bytes(),
        })
    }

    /// Makes a data set of an uploaded file and enqueues its import.
    pub async fn create_dataset(
        &self,
        caller: &Caller,
        upload: NewUpload,
        once: Option<Once>,
    ) -> Result<DatasetView, Fault> {
        refuse_others(&upload.file)?;
        let options = &import_options(&upload.options)?;
        let name = &dataset_name(&upload)?;
        let (file, once) = (&upload.file, once.as_ref());
        self.store()
            .write(|tx| async move {
                let project = &caller.project_id;
                if let Some(answer) = earlier(&tx, project, once).await? {
                    return Ok(answer);
                }
                let dataset = self.add_dataset(&tx, caller, name, file, options).await?;
                let answer = view(dataset, None);
                remember(&tx, project, once, &answer).await?;
                Ok(answer)
            })
            .await
    }

    /// Adds a data set and its import in the caller's transaction.
    pub(crate) async fn add_dataset(
        &self,
        tx: &Tx,
        caller: &Caller,
        name: &str,
        file: &Uploaded,
        options: &Value,
    ) -> Result<Dataset, Fault> {
        let project = caller.project_id.as_str();
        self.keep_upload(tx, project, &file.object).await?;
        let dataset = tx
            .datasets()
            .insert(&new_dataset(caller, name, file))
            .await?;
        let spec = JobSpec::Import(ImportSpec {
            file_name: file.file_name.clone(),
            source: file.object.clone(),
            options: options.clone(),
        });
        self.enqueue(tx, project, &dataset.id, &spec).await?;
        let content = json!({ "state": "importing" });
        note(tx, project, &dataset.id, "state", content).await?;
        let deed = Deed::done("dataset.create", "dataset", &dataset.id)
            .detail(json!({ "name": name, "bytes": dataset.source_bytes }));
        record(tx, caller, deed).await?;
        Ok(dataset)
    }
}

fn new_dataset(caller: &Caller, name: &str, file: &Uploaded) -> NewDataset {
    NewDataset {
        project_id: caller.project_id.clone(),
        name: name.to_owned(),
        kind: "unknown".to_owned(),
        source_name: file.file_name.clone(),
        source_bytes: i64::try_from(file.object.size).unwrap_or(i64::MAX),
        created_by: caller.user_id.clone(),
    }
}

fn dataset_name(upload: &NewUpload) -> Result<String, Fault> {
    let stem = upload.file.file_name.rsplit_once('.');
    let stem = stem.map_or(upload.file.file_name.as_str(), |(stem, _)| stem);
    let name = upload.name.as_deref().unwrap_or(stem).trim();
    checked_name(if name.is_empty() { "data" } else { name })
}

/// A name as people see it.
pub(super) fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Fault::invalid(
            "invalid_name",
            format!("A name has 1 to {MAX_NAME} characters and no control characters."),
        )
        .field("name"));
    }
    Ok(name.to_owned())
}

/// A browser may send a path; only its last part is the file's name.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.is_empty() {
        "upload".to_owned()
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_no_path() {
        assert_eq!(base_name("../../etc/passwd"), "passwd");
        assert_eq!(base_name("C:\\data\\리뷰.csv"), "리뷰.csv");
        assert_eq!(base_name("a\r\nb.csv"), "ab.csv");
        assert_eq!(base_name("/"), "upload");
    }
}
