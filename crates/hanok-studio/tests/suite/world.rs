//! A studio over a test database and a temporary folder, and a worker played by the test.

use std::io::Cursor;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_protocol::VERSION;
use hanok_protocol::job::{
    ChunkRef, EvalResult, ImportResult, JobResult, JobSpec, Manifest, ObjectName, TrainResult,
};
use hanok_protocol::lease::{
    Assignment, Complete, LeaseRef, NewEvent, Outcome, PostEvents, Register, WorkerRole,
};
use hanok_studio::access::{Caller, Credential};
use hanok_studio::datasets::{DatasetView, NewUpload};
use hanok_studio::runs::{RunView, StartRun};
use hanok_studio::{Once, Studio, StudioParts, Timing};
use hanok_testkit::TestDatabase;
use serde_json::{Map, json};
use tempfile::TempDir;

pub struct World {
    pub studio: Studio,
    pub caller: Caller,
    pub store: hanok_store::Store,
    objects: Objects,
    _dir: TempDir,
}

impl World {
    pub async fn new(database: &TestDatabase) -> Self {
        Self::with_timing(database, Timing::default()).await
    }

    /// Leases that are over as soon as they begin, and no patience with anyone.
    pub async fn impatient(database: &TestDatabase) -> Self {
        let timing = Timing {
            heartbeat: Duration::ZERO,
            lease: Duration::ZERO,
        };
        Self::with_timing(database, timing).await
    }

    async fn with_timing(database: &TestDatabase, timing: Timing) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = database.open().await;
        let objects = Objects::open(dir.path()).unwrap();
        let studio = Studio::new(StudioParts {
            store: store.clone(),
            objects: objects.clone(),
            timing,
        });
        assert!(studio.bootstrap().await.unwrap());
        let caller = studio.local_caller().await.unwrap();
        Self {
            studio,
            caller,
            store,
            objects,
            _dir: dir,
        }
    }

    /// Somebody else, with a project of their own.
    pub async fn stranger(&self) -> Caller {
        let (user, project) = TestDatabase::account(&self.store, "stranger").await;
        Caller {
            user_id: user.id,
            user_name: user.name,
            user_role: UserRole::User,
            project_id: project.id,
            project_role: MemberRole::Owner,
            credential: Credential::Local,
        }
    }

    pub async fn upload(&self, once: Option<Once>) -> Result<DatasetView, Fault> {
        let file = self
            .studio
            .upload(
                &self.caller,
                "mood.csv".into(),
                1 << 20,
                stream::iter([Ok(Bytes::from(csv()))]),
            )
            .await?;
        let upload = NewUpload {
            name: None,
            file,
            options: Default::default(),
        };
        self.studio.create_dataset(&self.caller, upload, once).await
    }

    pub async fn worker(&self, id: &str) -> PlayedWorker<'_> {
        let message = Register {
            version: VERSION,
            worker: id.to_owned(),
            role: WorkerRole::Jobs,
            pid: 1,
            address: String::new(),
            threads: 2,
            memory: 0,
            build: "test".into(),
        };
        self.studio.register_worker(&message).await.unwrap();
        PlayedWorker {
            world: self,
            id: id.to_owned(),
        }
    }

    /// A data set that is ready.
    pub async fn dataset(&self, worker: &PlayedWorker<'_>) -> DatasetView {
        let made = self.upload(None).await.unwrap();
        let assignment = worker.lease().await.expect("an import");
        worker.finish(&assignment).await.unwrap();
        self.studio.dataset(&self.caller, &made.id).await.unwrap()
    }

    pub async fn start_run(&self, dataset: &str) -> Result<RunView, Fault> {
        self.studio
            .start_run(&self.caller, start(dataset), None)
            .await
    }
}

pub fn start(dataset: &str) -> StartRun {
    StartRun {
        dataset: dataset.to_owned(),
        name: None,
        base_model: "hanok-encoder".into(),
        method: "head".into(),
        held_out: 0.2,
        params: Map::new(),
    }
}

fn csv() -> String {
    let rows = (0..30).map(|i| {
        let mood = if i % 2 == 0 { "good" } else { "bad" };
        format!("row {i} is quite {mood} and long enough,{mood}\n")
    });
    std::iter::once("text,label\n".to_owned())
        .chain(rows)
        .collect()
}

/// A worker that does what it is told, with real chunks and made-up figures.
pub struct PlayedWorker<'a> {
    world: &'a World,
    pub id: String,
}

impl PlayedWorker<'_> {
    pub async fn lease(&self) -> Option<Assignment> {
        self.world
            .studio
            .lease_job(&self.id, Duration::ZERO)
            .await
            .unwrap()
    }

    pub fn lease_of(assignment: &Assignment) -> LeaseRef {
        LeaseRef {
            job: assignment.job.clone(),
            epoch: assignment.epoch,
        }
    }

    pub async fn post(&self, assignment: &Assignment, kind: &str) -> Result<(), Fault> {
        self.world
            .studio
            .post_events(PostEvents {
                worker: self.id.clone(),
                lease: Self::lease_of(assignment),
                events: vec![NewEvent {
                    kind: kind.to_owned(),
                    data: json!({ "by": self.id }),
                }],
            })
            .await
    }

    pub async fn end(&self, assignment: &Assignment, outcome: Outcome) -> Result<(), Fault> {
        self.world
            .studio
            .complete_job(Complete {
                worker: self.id.clone(),
                lease: Self::lease_of(assignment),
                outcome,
            })
            .await
    }

    pub async fn finish(&self, assignment: &Assignment) -> Result<(), Fault> {
        let project =
            ProjectKey::from_hex(&assignment.project.id, &assignment.project.object_key).unwrap();
        let result = match &assignment.spec {
            JobSpec::Import(spec) => JobResult::Import(self.import(&project, &spec.source).await),
            JobSpec::Train(spec) => JobResult::Train(TrainResult {
                artefact: self.put(&project, b"a head").await,
                labels: spec.manifest.labels.clone(),
                metrics: json!({ "steps": 3 }),
            }),
            JobSpec::Eval(_) => JobResult::Eval(EvalResult {
                report: json!({ "tuned": { "accuracy": 1.0 } }),
            }),
        };
        self.end(
            assignment,
            Outcome::Done {
                result: Box::new(result),
            },
        )
        .await
    }

    async fn put(&self, project: &ProjectKey, bytes: &'static [u8]) -> ObjectName {
        let stored = self
            .world
            .objects
            .put_bytes(project, Bytes::from(bytes))
            .await;
        let stored = stored.unwrap();
        ObjectName {
            hash: stored.hash,
            size: stored.size,
        }
    }

    async fn import(&self, project: &ProjectKey, source: &ObjectName) -> ImportResult {
        let objects = &self.world.objects;
        let upload = objects.get_bytes(project, &source.hash).await.unwrap();
        let mut made = Vec::new();
        let mut sink = |chunk| {
            made.push(chunk);
            Ok(())
        };
        let imported = hanok_data::import(
            Cursor::new(upload),
            "mood.csv",
            &Default::default(),
            &mut sink,
        )
        .unwrap();
        let mut chunks = Vec::new();
        for chunk in made {
            let stored = objects.put_bytes(project, chunk.bytes).await.unwrap();
            chunks.push(ChunkRef {
                object: ObjectName {
                    hash: stored.hash,
                    size: stored.size,
                },
                rows: chunk.rows,
                offset: chunk.offset,
            });
        }
        ImportResult {
            manifest: Manifest {
                kind: imported.kind.as_str().into(),
                columns: imported.columns.clone(),
                labels: vec!["bad".into(), "good".into()],
                chunks,
                rows: imported.rows,
            },
            statistics: serde_json::to_value(&imported).unwrap(),
        }
    }
}
