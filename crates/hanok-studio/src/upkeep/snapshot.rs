//! The rows of one project as they stood at one moment: which objects they name, and what is
//! supposed to be at work.

use std::collections::{BTreeMap, HashMap};

use hanok_blobs::ObjectRef;
use hanok_domain::fault::Fault;
use hanok_domain::state::{DatasetState, JobState, ModelState, RunState};
use hanok_store::Tx;
use serde_json::Value;

/// A row that names an object.
pub(super) struct Named {
    /// Id of the row.
    pub by: String,
    pub object: ObjectRef,
}

/// A job, as far as others depend on it.
pub(super) struct JobBrief {
    pub id: String,
    pub kind: String,
    pub subject: String,
    pub state: JobState,
    pub lease_until: Option<i64>,
}

/// A run or an evaluation.
pub(super) struct Computed {
    pub what: &'static str,
    pub id: String,
    pub state: RunState,
    pub job: Option<String>,
    /// Of a run: the model that it says it made.
    pub made: Option<String>,
}

#[derive(Default)]
pub(super) struct Snapshot {
    /// By the clock that leases are counted by, µs.
    pub now: i64,
    /// Objects that the project has, with their sizes.
    pub noted: BTreeMap<String, u64>,
    pub named: Vec<Named>,
    /// Rows whose JSON cannot be read: what they name is not known.
    pub damaged: Vec<String>,
    pub unanswered: Vec<String>,
    pub jobs: Vec<JobBrief>,
    pub datasets: Vec<(String, DatasetState)>,
    /// Versions by data set.
    pub versions: HashMap<String, u64>,
    pub models: Vec<(String, ModelState, Option<String>)>,
    pub computed: Vec<Computed>,
}

impl Snapshot {
    /// Reads a project's rows; one transaction, so that they belong together.
    pub async fn read(tx: &Tx, project: &str) -> Result<Self, Fault> {
        let mut snapshot = Self {
            now: tx.steady().await?,
            unanswered: tx.survey().unanswered(project).await?,
            ..Self::default()
        };
        snapshot.objects(tx, project).await?;
        snapshot.files(tx, project).await?;
        snapshot.data(tx, project).await?;
        snapshot.made(tx, project).await?;
        snapshot.work(tx, project).await?;
        Ok(snapshot)
    }

    async fn objects(&mut self, tx: &Tx, project: &str) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let rows = tx.objects().list(project, &after, 500).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.hash);
            let sized = rows.into_iter().map(|row| (row.hash, unsigned(row.size)));
            self.noted.extend(sized);
        }
    }

    async fn files(&mut self, tx: &Tx, project: &str) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let rows = tx.survey().files(project, &after).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            self.named.extend(rows.into_iter().map(|row| Named {
                by: row.id,
                object: ObjectRef {
                    hash: row.hash,
                    size: unsigned(row.bytes),
                },
            }));
        }
    }

    async fn data(&mut self, tx: &Tx, project: &str) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let rows = tx.survey().datasets(project, &after).await?;
            let Some(last) = rows.last() else {
                break;
            };
            after.clone_from(&last.id);
            self.datasets
                .extend(rows.into_iter().map(|row| (row.id, row.state)));
        }
        after.clear();
        loop {
            let rows = tx.survey().versions(project, &after).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            for row in rows {
                *self.versions.entry(row.dataset_id).or_default() += 1;
                self.names_in(&row.id, &row.manifest);
            }
        }
    }

    async fn made(&mut self, tx: &Tx, project: &str) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let rows = tx.survey().models(project, &after).await?;
            let Some(last) = rows.last() else {
                break;
            };
            after.clone_from(&last.id);
            for row in rows {
                self.names_in(&row.id, &row.manifest);
                self.names_in(&row.id, &row.files);
                self.models.push((row.id, row.state, row.job_id));
            }
        }
        after.clear();
        loop {
            let rows = tx.survey().runs(project, &after).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            self.computed.extend(rows.into_iter().map(|row| Computed {
                what: "run",
                id: row.id,
                state: row.state,
                job: row.job_id,
                made: row.model_id,
            }));
        }
    }

    async fn work(&mut self, tx: &Tx, project: &str) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let rows = tx.survey().evals(project, &after).await?;
            let Some(last) = rows.last() else {
                break;
            };
            after.clone_from(&last.id);
            self.computed.extend(rows.into_iter().map(|row| Computed {
                what: "evaluation",
                id: row.id,
                state: row.state,
                job: row.job_id,
                made: None,
            }));
        }
        after.clear();
        loop {
            let rows = tx.survey().jobs(project, &after).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            for row in rows {
                // What an ended job read may be gone by now.
                if matches!(row.state, JobState::Queued | JobState::Running) {
                    self.names_in(&row.id, &row.payload);
                }
                self.jobs.push(JobBrief {
                    id: row.id,
                    kind: row.kind,
                    subject: row.subject,
                    state: row.state,
                    lease_until: row.lease_until,
                });
            }
        }
    }

    /// Objects in a JSON column, wherever in it they stand.
    fn names_in(&mut self, by: &str, value: &Value) {
        if value.is_null() {
            self.damaged.push(by.to_owned());
        }
        collect(by, value, &mut self.named);
    }
}

fn collect(by: &str, value: &Value, found: &mut Vec<Named>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(by, item, found)),
        Value::Object(fields) => {
            let hash = fields.get("hash").and_then(Value::as_str);
            let size = fields.get("size").and_then(Value::as_u64);
            if let (Some(hash), Some(size), 2) = (hash, size, fields.len()) {
                found.push(Named {
                    by: by.to_owned(),
                    object: ObjectRef {
                        hash: hash.to_owned(),
                        size,
                    },
                });
            }
            fields.values().for_each(|field| collect(by, field, found));
        }
        _ => {}
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_found_wherever_a_document_names_them() {
        let mut snapshot = Snapshot::default();
        let (one, two) = (
            json!({ "hash": "aa", "size": 1 }),
            json!({ "hash": "bb", "size": 2 }),
        );
        let document = json!({
            "chunks": [{ "object": one, "rows": 3 }],
            "base": { "files": [{ "path": "x", "object": two }] },
            "other": { "hash": "cc", "size": 3, "more": true },
        });
        snapshot.names_in("dsv_1", &document);
        let mut hashes: Vec<_> = snapshot.named.iter().map(|n| &n.object.hash).collect();
        hashes.sort();
        assert_eq!(hashes, ["aa", "bb"]);
        assert!(snapshot.damaged.is_empty());
        snapshot.names_in("dsv_2", &Value::Null);
        assert_eq!(snapshot.damaged, ["dsv_2"]);
    }
}
