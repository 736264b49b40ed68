//! A studio over a test database and a temporary folder, and a worker played by the test.

use std::io::Cursor;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::fault::Fault;
use hanok_domain::role::{MemberRole, UserRole};
use hanok_domain::scope::Scopes;
use hanok_protocol::VERSION;
use hanok_protocol::job::{
    ChunkRef, EvalResult, ImportResult, ImportSpec, JobResult, JobSpec, Manifest,
    ModelImportResult, ObjectName, TrainResult, TrainSpec,
};
use hanok_protocol::lease::{
    Assignment, Complete, LeaseRef, NewEvent, Outcome, PostEvents, Register, WorkerRole,
};
use hanok_protocol::model::{ModelFacts, ModelFile, ModelFormat, ModelKind};
use hanok_studio::access::{Caller, Credential, Origin};
use hanok_studio::accounts::{AccountSettings, Credentials, Pepper};
use hanok_studio::datasets::{DatasetView, NewUpload};
use hanok_studio::files::FileView;
use hanok_studio::models::{ImportFile, ImportModel, ModelView, Starter};
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
    dir: TempDir,
}

impl World {
    pub async fn new(database: &TestDatabase) -> Self {
        Self::with_timing(database, Timing::default()).await
    }

    /// Leases that are over as soon as they begin, and no patience with anyone.
    pub async fn impatient(database: &TestDatabase) -> Self {
        let timing = Timing {
            stall: Timing::default().stall,
            heartbeat: Duration::ZERO,
            lease: Duration::ZERO,
        };
        Self::with_timing(database, timing).await
    }

    async fn with_timing(database: &TestDatabase, timing: Timing) -> Self {
        Self::build(database, timing, accounts()).await
    }

    /// With other settings of accounts.
    pub async fn with_accounts(database: &TestDatabase, accounts: AccountSettings) -> Self {
        Self::build(database, Timing::default(), accounts).await
    }

    async fn build(database: &TestDatabase, timing: Timing, accounts: AccountSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = database.open().await;
        let objects = Objects::open(dir.path()).unwrap();
        let studio = Studio::new(StudioParts {
            store: store.clone(),
            objects: objects.clone(),
            cache: hanok_cache::Cache::memory(1 << 20),
            quota: None,
            secrets: hanok_studio::sealing::Secrets::random().unwrap(),
            remote: hanok_remote::Remote::new(hanok_remote::Config::default()).unwrap(),
            timing,
            starters: vec![Starter::encoder()],
            accounts,
            credentials: Credentials::passing().unwrap(),
        });
        studio.bootstrap().await.unwrap();
        let caller = studio.local_caller().await.unwrap();
        Self {
            studio,
            caller,
            store,
            objects,
            dir,
        }
    }

    /// Another studio over the same stores, with these secrets.
    pub fn studio_with(&self, secrets: hanok_studio::sealing::Secrets) -> Studio {
        Studio::new(StudioParts {
            store: self.store.clone(),
            objects: self.objects.clone(),
            cache: hanok_cache::Cache::memory(1 << 20),
            quota: None,
            secrets,
            remote: hanok_remote::Remote::new(hanok_remote::Config::default()).unwrap(),
            timing: Timing::default(),
            starters: Vec::new(),
            accounts: accounts(),
            credentials: Credentials::passing().unwrap(),
        })
    }

    /// Another studio over the same database, as another server has it.
    pub async fn over(database: &TestDatabase, data: &std::path::Path) -> Studio {
        Studio::new(StudioParts {
            store: database.open().await,
            objects: Objects::open(data).unwrap(),
            cache: hanok_cache::Cache::memory(1 << 20),
            quota: None,
            secrets: hanok_studio::sealing::Secrets::random().unwrap(),
            remote: hanok_remote::Remote::new(hanok_remote::Config::default()).unwrap(),
            timing: Timing::default(),
            starters: vec![Starter::encoder()],
            accounts: accounts(),
            credentials: Credentials::passing().unwrap(),
        })
    }

    /// A second studio over the same database, as after a restart.
    pub async fn reopened(database: &TestDatabase) -> Self {
        Self::reopened_with(database, accounts()).await
    }

    /// The same with other settings of accounts.
    pub async fn reopened_with(database: &TestDatabase, accounts: AccountSettings) -> Self {
        Self::build(database, Timing::default(), accounts).await
    }

    /// The data directory.
    pub fn data(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Where the bytes are.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Somebody else, with a project of their own.
    pub async fn stranger(&self) -> Caller {
        let (user, project) = TestDatabase::account(&self.store, "stranger").await;
        Caller {
            user_id: user.id,
            user_name: user.name,
            user_role: UserRole::User,
            project_id: project.id,
            project_name: project.name,
            project_role: MemberRole::Owner,
            credential: Credential::Local,
            scopes: Scopes::default(),
            limits: Default::default(),
            second_factor: false,
            origin: Origin::default(),
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

    pub async fn file(&self, name: &str, purpose: &str, content: &str) -> Result<FileView, Fault> {
        let bytes = Bytes::from(content.to_owned());
        let file = self
            .studio
            .upload(
                &self.caller,
                name.into(),
                1 << 20,
                stream::iter([Ok(bytes)]),
            )
            .await?;
        self.studio
            .create_file(&self.caller, file, purpose, None)
            .await
    }

    /// The import of a model of three files.
    pub async fn import_model(&self, name: &str) -> Result<ModelView, Fault> {
        let mut files = Vec::new();
        for path in ["config.json", "model.safetensors", "tokenizer.json"] {
            let file = self.file(path, "model", &format!("{name} {path}")).await?;
            files.push(ImportFile {
                path: path.into(),
                file_id: file.id,
            });
        }
        let import = ImportModel {
            name: name.into(),
            files,
        };
        self.studio.import_model(&self.caller, import, None).await
    }

    /// A decoder that is ready.
    pub async fn decoder(&self, worker: &PlayedWorker<'_>, name: &str) -> ModelView {
        self.import_model(name).await.unwrap();
        let assignment = worker.lease().await.expect("a look at the files");
        worker.finish(&assignment).await.unwrap();
        self.studio.model(&self.caller, name).await.unwrap()
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
        validation: None,
        dataset: dataset.to_owned(),
        name: None,
        base_model: "hanok-encoder".into(),
        method: "head".into(),
        held_out: 0.2,
        params: Map::new(),
    }
}

/// Conversations as a file.
pub fn messages(rows: usize) -> String {
    let row = |i| {
        let turns = json!([
            { "role": "user", "content": format!("What is {i}?") },
            { "role": "assistant", "content": format!("A number, {i}.") },
        ]);
        format!("{}\n", json!({ "messages": turns }))
    };
    (0..rows).map(row).collect()
}

/// What a look at a small decoder tells.
pub fn facts() -> ModelFacts {
    ModelFacts {
        kind: ModelKind::Decoder,
        architecture: "llama".into(),
        parameters: 260_000,
        context_length: 512,
        hidden_size: 64,
        layers: 5,
        vocab_size: 512,
        has_chat_template: false,
        labels: Vec::new(),
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
        self.tell(assignment, kind, json!({ "by": self.id })).await
    }

    pub async fn tell(
        &self,
        assignment: &Assignment,
        kind: &str,
        data: serde_json::Value,
    ) -> Result<(), Fault> {
        self.world
            .studio
            .post_events(PostEvents {
                worker: self.id.clone(),
                lease: Self::lease_of(assignment),
                events: vec![NewEvent {
                    kind: kind.to_owned(),
                    data,
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
            JobSpec::Import(spec) => JobResult::Import(self.import(&project, spec).await),
            JobSpec::Train(spec) => JobResult::Train(self.train(&project, spec).await),
            JobSpec::ModelImport(_) => JobResult::ModelImport(ModelImportResult { facts: facts() }),
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

    /// What a checkpoint's event holds.
    pub async fn checkpoint(&self, assignment: &Assignment, step: u64) -> Result<(), Fault> {
        let project = &assignment.project;
        let project = ProjectKey::from_hex(&project.id, &project.object_key).unwrap();
        let file = ModelFile {
            path: "adapter_model.safetensors".into(),
            object: self.put(&project, b"a checkpoint").await,
        };
        let data = json!({
            "step": step, "epoch": 1, "train_loss": 2.5, "valid_loss": 2.25,
            "format": "peft", "files": [file],
        });
        self.tell(assignment, "checkpoint", data).await
    }

    async fn train(&self, project: &ProjectKey, spec: &TrainSpec) -> TrainResult {
        let (format, path) = match spec.method.as_str() {
            "lora" => (ModelFormat::Peft, "adapter_model.safetensors"),
            "full" => (ModelFormat::Hf, "model.safetensors"),
            _ => (ModelFormat::Head, "head.safetensors"),
        };
        let object = self.put(project, b"a head").await;
        TrainResult {
            format,
            files: vec![ModelFile {
                path: path.into(),
                object,
            }],
            labels: spec.manifest.labels.clone(),
            parameters: None,
            tokens: Some(1234),
            metrics: json!({ "steps": 3 }),
        }
    }

    async fn import(&self, project: &ProjectKey, spec: &ImportSpec) -> ImportResult {
        let objects = &self.world.objects;
        let upload = objects.get_bytes(project, &spec.source.hash).await.unwrap();
        let mut made = Vec::new();
        let mut sink = |chunk| {
            made.push(chunk);
            Ok(())
        };
        let imported = hanok_data::import(
            Cursor::new(upload),
            &spec.file_name,
            &Default::default(),
            &mut sink,
        )
        .unwrap();
        let mut labels: Vec<String> = imported
            .statistics
            .labels
            .iter()
            .map(|count| count.label.clone())
            .collect();
        labels.sort();
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
                labels,
                chunks,
                rows: imported.rows,
            },
            statistics: serde_json::to_value(&imported).unwrap(),
        }
    }
}

/// Passwords whose hashes take a moment instead of a quarter of a second.
pub fn accounts() -> AccountSettings {
    let mut settings = AccountSettings::new(Pepper::new([7; 32], Vec::new()));
    settings.bcrypt_cost = 4;
    settings
}
