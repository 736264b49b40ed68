//! Moving objects to another place: each once, each checked, whatever happens on the way.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hanok_blobs::{Objects, ProjectKey, S3Settings, SealKey, Settings};
use hanok_store::rows::projects::Project;
use hanok_store::{Store, StoreError};
use hanok_studio::upkeep::{ObjectProgress, copy_objects};
use hanok_testkit::TestDatabase;
use tempfile::TempDir;
use tokio::sync::Notify;

/// Names a service as `http://key:secret@host:port`.
const SERVICE: &str = "HANOK_TEST_S3";

struct Source {
    store: Store,
    keys: Vec<ProjectKey>,
    objects: Objects,
    dir: TempDir,
    _database: TestDatabase,
}

fn key_of(project: &Project) -> ProjectKey {
    ProjectKey::from_hex(&project.id, project.object_key.expose()).unwrap()
}

fn settings() -> Settings {
    Settings {
        reserve_bytes: 0,
        ..Settings::default()
    }
}

/// Two projects that hold the same contents, of many lengths, none among them.
async fn source() -> Source {
    let database = TestDatabase::sqlite(None);
    let store = database.open().await;
    let dir = tempfile::tempdir().unwrap();
    let objects = Objects::open_with(dir.path(), settings()).unwrap();
    let mut keys = Vec::new();
    for name in ["ann", "bob"] {
        let (_, project) = TestDatabase::account(&store, name).await;
        let key = key_of(&project);
        for length in [0, 1, 1000, 256 << 10, 300_000, 1 << 20] {
            let content = Bytes::from(vec![7; length]);
            let put = objects.put_bytes(&key, content).await.unwrap();
            let size = i64::try_from(put.size).unwrap();
            store
                .write(async |tx| tx.objects().put(&key.id, &put.hash, size).await)
                .await
                .unwrap();
        }
        keys.push(key);
    }
    Source {
        store,
        keys,
        objects,
        dir,
        _database: database,
    }
}

fn target(dir: &Path, seal: Option<SealKey>, s3: Option<S3Settings>) -> Objects {
    let how = Settings {
        seal,
        s3,
        ..settings()
    };
    Objects::open_with(dir, how).unwrap()
}

/// A bucket of a test's own, where a service is named.
fn bucket() -> Option<S3Settings> {
    let service = std::env::var(SERVICE).ok()?;
    let (scheme, rest) = service.split_once("://")?;
    let (credential, host) = rest.split_once('@')?;
    let (access_key, secret_key) = credential.split_once(':')?;
    Some(S3Settings {
        endpoint: format!("{scheme}://{host}"),
        bucket: hanok_domain::id::new("move")
            .replace('_', "-")
            .to_lowercase(),
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned(),
        ..S3Settings::default()
    })
}

impl Source {
    async fn agrees(&self, other: &Objects) {
        for key in &self.keys {
            let (ours, theirs) = (self.objects.list(&key.id), other.list(&key.id));
            let ours = ours.unwrap();
            assert_eq!(ours, theirs.unwrap());
            for object in &ours {
                let content = other.get_bytes(key, &object.hash).await.unwrap();
                assert_eq!(content.len() as u64, object.size);
            }
        }
    }
}

#[tokio::test]
async fn every_object_arrives_once_at_every_kind_of_place() {
    let source = source().await;
    let seal = SealKey::new([3; 32]);
    let places = [(None, None), (Some(seal), None), (None, bucket())];
    for (place, (seal, s3)) in places.into_iter().enumerate() {
        if place == 2 && s3.is_none() {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        let to = target(dir.path(), seal, s3);
        let mut last = ObjectProgress::default();
        let copied = copy_objects(&source.store, &source.objects, &to, &mut |at| last = at).await;
        let copied = copied.unwrap();
        assert_eq!((copied.copied, copied.present), (12, 0));
        assert_eq!(
            (copied.damaged.len(), copied.unknown_projects.len()),
            (0, 0)
        );
        assert_eq!(
            (last.objects, last.bytes),
            (last.objects_total, last.bytes_total)
        );
        assert_eq!(copied.bytes, last.bytes);
        source.agrees(&to).await;
        let again = copy_objects(&source.store, &source.objects, &to, &mut |_| ()).await;
        let again = again.unwrap();
        assert_eq!((again.copied, again.present), (0, 12));
    }
}

#[tokio::test]
async fn what_was_interrupted_goes_on_where_it_was() {
    let source = source().await;
    let dir = tempfile::tempdir().unwrap();
    let to = target(dir.path(), None, None);
    for stop_at in [3, 7] {
        let enough = Arc::new(Notify::new());
        let signal = enough.clone();
        let mut told = |at: ObjectProgress| {
            if at.objects == stop_at {
                signal.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = enough.notified() => {}
            done = copy_objects(&source.store, &source.objects, &to, &mut told) => {
                panic!("it ended before: {done:?}");
            }
        }
    }
    let copied = copy_objects(&source.store, &source.objects, &to, &mut |_| ()).await;
    let copied = copied.unwrap();
    assert!(copied.present >= 6, "{copied:?}");
    assert_eq!(copied.copied + copied.present, 12);
    source.agrees(&to).await;
}

#[tokio::test]
async fn damaged_and_lost_objects_are_named_and_the_others_arrive() {
    let source = source().await;
    let key = &source.keys[0];
    let listed = source.objects.list(&key.id).unwrap();
    let damaged = listed.iter().find(|object| object.size == 300_000).unwrap();
    let lost = listed.iter().find(|object| object.size == 1000).unwrap();
    let path = source.objects.get_path(&key.id, &damaged.hash).unwrap();
    let mut content = std::fs::read(&path).unwrap();
    content[299_999] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, content).unwrap();
    assert!(source.objects.delete(&key.id, &lost.hash).unwrap());
    std::fs::create_dir_all(source.dir.path().join("objects/proj_gone/aa")).unwrap();

    let dir = tempfile::tempdir().unwrap();
    let to = target(dir.path(), None, None);
    let copied = copy_objects(&source.store, &source.objects, &to, &mut |_| ()).await;
    let copied = copied.unwrap();
    assert_eq!(copied.copied, 10);
    let mut named: Vec<&str> = copied.damaged.iter().map(|one| one.hash.as_str()).collect();
    named.sort_unstable();
    let mut expected = [damaged.hash.as_str(), lost.hash.as_str()];
    expected.sort_unstable();
    assert_eq!(named, expected);
    assert_eq!(copied.unknown_projects, ["proj_gone"]);
    assert!(!to.exists(&key.id, &damaged.hash).unwrap());
    let rows: Result<i64, StoreError> = source
        .store
        .read(async |tx| Ok(tx.objects().total().await?.0))
        .await;
    assert_eq!(rows.unwrap(), 12, "rows stay as they are");
}
