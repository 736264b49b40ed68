//! Things of every kind that has an id in a path, as rows: whole enough to be looked at and ended.

use std::collections::BTreeMap;

use hanok_blobs::{Objects, ProjectKey};
use hanok_domain::role::{MemberRole, UserRole};
use hanok_domain::state::DatasetState;
use hanok_protocol::job::{ImportSpec, JobSpec, ObjectName};
use hanok_store::rows::datasets::{DatasetChange, NewDataset, NewVersion};
use hanok_store::rows::deployments::NewDeployment;
use hanok_store::rows::evals::NewEval;
use hanok_store::rows::files::NewFile;
use hanok_store::rows::fine_tunes::NewFineTune;
use hanok_store::rows::invitations::NewInvitation;
use hanok_store::rows::jobs::NewJob;
use hanok_store::rows::keys::NewKey;
use hanok_store::rows::models::NewModel;
use hanok_store::rows::projects::{Member, NewProject, Project};
use hanok_store::rows::runs::{NewRun, RunChange};
use hanok_store::rows::sessions::NewSession;
use hanok_store::rows::users::NewUser;
use hanok_store::{StoreError, Tx};
use serde_json::json;

use crate::world::World;

/// Every kind; the table may name no other.
pub const KINDS: [&str; 16] = [
    "callable",
    "dataset",
    "run",
    "eval",
    "model",
    "deployment",
    "job",
    "file",
    "tune",
    "key",
    "project",
    "member",
    "program",
    "user",
    "invitation",
    "session",
];

/// Name of the model that a project calls; keys for a model are for it.
pub fn callable(project: &str) -> String {
    format!("of-{project}")
}

/// Ids by kind, in the order in which they stand in a path.
pub type Things = BTreeMap<&'static str, Vec<String>>;

/// Where things are made: the project, an object of it, and who a key of it is for.
#[derive(Debug, Clone)]
pub struct Place {
    pub project: String,
    pub object: (String, i64),
    /// Account and role that a key or project made for somebody is of; nobody's without it.
    pub holder: Option<(String, MemberRole)>,
}

impl Place {
    pub async fn of(world: &World, project: &Project) -> Self {
        let key = ProjectKey::from_hex(&project.id, project.object_key.expose()).unwrap();
        let objects = Objects::open(world.dir()).unwrap();
        let stored = objects.put_blocking(&key, b"a few bytes").unwrap();
        Self {
            project: project.id.clone(),
            object: (stored.hash, i64::try_from(stored.size).unwrap()),
            holder: None,
        }
    }

    /// One thing of each kind.
    pub async fn furnish(&self, world: &World) -> Things {
        let mut things = Things::new();
        for kind in KINDS {
            things.insert(kind, self.make(world, kind).await);
        }
        things
    }

    /// A new thing of this kind.
    pub async fn make(&self, world: &World, kind: &str) -> Vec<String> {
        let made: Result<_, StoreError> = world
            .store
            .write(|tx| async move {
                Ok(match kind {
                    "dataset" => vec![self.dataset(&tx).await?.0],
                    "run" => vec![self.run(&tx).await?],
                    "eval" => vec![self.eval(&tx).await?],
                    "callable" => vec![self.named(&tx, &callable(&self.project)).await?.1],
                    "model" => vec![self.model(&tx).await?.0],
                    "deployment" => vec![self.deployment(&tx).await?],
                    "job" => vec![self.job(&tx).await?],
                    "file" => vec![self.file(&tx).await?],
                    "tune" => vec![self.tune(&tx).await?],
                    "key" => vec![self.key(&tx).await?],
                    "project" => vec![self.team(&tx).await?],
                    "member" => self.member(&tx, UserRole::User).await?,
                    "program" => self.member(&tx, UserRole::Service).await?,
                    "user" => vec![self.member(&tx, UserRole::User).await?.remove(1)],
                    "invitation" => vec![self.invitation(&tx).await?],
                    "session" => vec![self.session(&tx).await?],
                    other => panic!("nothing makes a {other}"),
                })
            })
            .await;
        made.unwrap()
    }

    async fn dataset(&self, tx: &Tx) -> Result<(String, String), StoreError> {
        let new = NewDataset {
            project_id: self.project.clone(),
            name: "rows".into(),
            kind: "classification".into(),
            source_name: "rows.csv".into(),
            source_bytes: 12,
            created_by: "user_x".into(),
        };
        let dataset = tx.datasets().insert(&new).await?;
        let manifest = json!({
            "kind": "classification", "columns": ["text", "label"], "labels": ["a"],
            "chunks": [], "rows": 0,
        });
        let version = NewVersion {
            project_id: self.project.clone(),
            dataset_id: dataset.id.clone(),
            manifest,
            statistics: json!({}),
            rows: 0,
        };
        let version = tx.datasets().add_version(&version).await?;
        let ready = DatasetChange {
            state: Some(DatasetState::Ready),
            ..DatasetChange::default()
        };
        tx.datasets()
            .update(&self.project, &dataset.id, &ready)
            .await?;
        Ok((dataset.id, version.id))
    }

    async fn job(&self, tx: &Tx) -> Result<String, StoreError> {
        let (dataset, _) = self.dataset(tx).await?;
        let spec = JobSpec::Import(ImportSpec {
            file_name: "rows.csv".into(),
            source: ObjectName {
                hash: self.object.0.clone(),
                size: self.object.1.unsigned_abs(),
            },
            options: json!({}),
        });
        self.enqueue(tx, JobSpec::KINDS[0], &dataset, &spec).await
    }

    async fn enqueue(
        &self,
        tx: &Tx,
        kind: &str,
        subject: &str,
        spec: &JobSpec,
    ) -> Result<String, StoreError> {
        let new = NewJob {
            project_id: self.project.clone(),
            kind: kind.to_owned(),
            executor: "worker".into(),
            payload: serde_json::to_value(spec).unwrap(),
            subject: subject.to_owned(),
            priority: 0,
            max_attempts: 3,
        };
        Ok(tx.jobs().insert(&new).await?.id)
    }

    /// A run that waits for a worker.
    async fn run(&self, tx: &Tx) -> Result<String, StoreError> {
        let (_, version) = self.dataset(tx).await?;
        let new = NewRun {
            project_id: self.project.clone(),
            name: "a run".into(),
            method: "head".into(),
            base_model: "hanok-encoder".into(),
            dataset_version_id: version,
            params: json!({}),
            created_by: "user_x".into(),
        };
        let run = tx.runs().insert(&new).await?.id;
        let spec = JobSpec::Import(ImportSpec {
            file_name: "stands for a run".into(),
            source: ObjectName {
                hash: self.object.0.clone(),
                size: 1,
            },
            options: json!({}),
        });
        let job = self.enqueue(tx, JobSpec::KINDS[1], &run, &spec).await?;
        let change = RunChange {
            job_id: Some(job),
            ..RunChange::default()
        };
        tx.runs().update(&self.project, &run, &change).await?;
        Ok(run)
    }

    /// Id and name.
    async fn model(&self, tx: &Tx) -> Result<(String, String), StoreError> {
        self.named(tx, &hanok_domain::id::new("m")).await
    }

    async fn named(&self, tx: &Tx, name: &str) -> Result<(String, String), StoreError> {
        let file = json!({ "path": "config.json", "hash": self.object.0, "size": self.object.1 });
        let new = NewModel {
            project_id: self.project.clone(),
            name: name.to_owned(),
            kind: "decoder".into(),
            format: "hf".into(),
            manifest: json!({}),
            files: json!([file]),
            ..NewModel::default()
        };
        Ok((tx.models().insert(&new).await?.id, new.name))
    }

    async fn eval(&self, tx: &Tx) -> Result<String, StoreError> {
        let (_, version) = self.dataset(tx).await?;
        let new = NewEval {
            project_id: self.project.clone(),
            run_id: None,
            model_id: self.model(tx).await?.0,
            base_model: "hanok-encoder".into(),
            dataset_version_id: version,
        };
        Ok(tx.evals().insert(&new).await?.id)
    }

    async fn deployment(&self, tx: &Tx) -> Result<String, StoreError> {
        let new = NewDeployment {
            project_id: self.project.clone(),
            model_id: self.model(tx).await?.0,
            name: "served".into(),
        };
        Ok(tx.deployments().insert(&new).await?.id)
    }

    async fn file(&self, tx: &Tx) -> Result<String, StoreError> {
        let (hash, size) = &self.object;
        tx.objects().put(&self.project, hash, *size).await?;
        let new = NewFile {
            project_id: self.project.clone(),
            name: "rows.jsonl".into(),
            purpose: "fine-tune".into(),
            bytes: *size,
            hash: hash.clone(),
            created_by: "user_x".into(),
        };
        Ok(tx.files().insert(&new).await?.id)
    }

    async fn tune(&self, tx: &Tx) -> Result<String, StoreError> {
        let (dataset, _) = self.dataset(tx).await?;
        let new = NewFineTune {
            project_id: self.project.clone(),
            model: "hanok-encoder".into(),
            training_file: self.file(tx).await?,
            validation_file: None,
            dataset_id: dataset,
            validation_dataset_id: None,
            request: json!({}),
            created_by: "user_x".into(),
        };
        Ok(tx.fine_tunes().insert(&new).await?.id)
    }

    async fn key(&self, tx: &Tx) -> Result<String, StoreError> {
        let user = match &self.holder {
            Some((user, _)) => user.clone(),
            None => self.member(tx, UserRole::User).await?.remove(1),
        };
        let new = NewKey {
            project_id: self.project.clone(),
            user_id: user,
            name: "a key".into(),
            prefix: "hk_aaaaaaa".into(),
            hash: hanok_domain::id::new("hash"),
            scopes: Vec::new(),
            limits: Default::default(),
            lifetime: None,
        };
        Ok(tx.keys().insert(&new).await?.id)
    }

    async fn session(&self, tx: &Tx) -> Result<String, StoreError> {
        let user = match &self.holder {
            Some((user, _)) => user.clone(),
            None => self.member(tx, UserRole::User).await?.remove(1),
        };
        let new = NewSession {
            user_id: user,
            token_hash: hanok_domain::id::new("hash"),
            lifetime: std::time::Duration::from_secs(3600),
            user_agent: "test".into(),
            address: "127.0.0.1".into(),
            method: "password".into(),
        };
        Ok(tx.sessions().insert(&new).await?.id)
    }

    async fn invitation(&self, tx: &Tx) -> Result<String, StoreError> {
        let new = NewInvitation {
            hash: hanok_domain::id::new("hash"),
            email: None,
            role: UserRole::User,
            project: None,
            created_by: self.member(tx, UserRole::User).await?.remove(1),
            lifetime: std::time::Duration::from_secs(3600),
        };
        Ok(tx.invitations().insert(&new).await?.id)
    }

    /// A project of its own, where the holder is what they are here.
    async fn team(&self, tx: &Tx) -> Result<String, StoreError> {
        let new = NewProject {
            name: "a team".into(),
            kind: "team".into(),
        };
        let project = tx.projects().insert(&new).await?.id;
        if let Some((user, role)) = &self.holder {
            let member = Member {
                project_id: project.clone(),
                user_id: user.clone(),
                role: role.clone(),
            };
            tx.projects().set_member(&member).await?;
        }
        Ok(project)
    }

    /// The project and somebody in it.
    async fn member(&self, tx: &Tx, role: UserRole) -> Result<Vec<String>, StoreError> {
        let new = NewUser {
            name: hanok_domain::id::new("name"),
            email: None,
            role,
            password_hash: None,
        };
        let user = tx.users().insert(&new).await?.id;
        let member = Member {
            project_id: self.project.clone(),
            user_id: user.clone(),
            role: MemberRole::Viewer,
        };
        tx.projects().set_member(&member).await?;
        Ok(vec![self.project.clone(), user])
    }
}
