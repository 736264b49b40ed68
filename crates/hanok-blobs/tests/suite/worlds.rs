//! The places that objects can be in, each as one world: a test body runs in every one there is.
//!
//! A world gives the store, and a way round it to what lies there, so that a test can look and damage.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use hanok_blobs::{ObjectRef, Objects, S3Settings, SealKey, Settings};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::files;

/// Names a service as `http://key:secret@host:port`.
const SERVICE: &str = "HANOK_TEST_S3";

pub struct World {
    pub name: &'static str,
    pub folder: tempfile::TempDir,
    pub settings: Settings,
    pub objects: Objects,
    bucket: Option<Arc<AmazonS3>>,
}

/// Every world there is: on disk always, in a bucket where a service is named.
pub fn worlds() -> Vec<World> {
    let mut worlds = vec![World::on_disk(false), World::on_disk(true)];
    worlds.extend([false, true].into_iter().filter_map(World::in_bucket));
    worlds
}

/// A master key for tests.
pub fn seal_key(byte: u8) -> SealKey {
    SealKey::new([byte; 32])
}

impl World {
    pub fn on_disk(sealed: bool) -> Self {
        let name = if sealed { "disk, sealed" } else { "disk" };
        Self::open(name, sealed, None)
    }

    /// A bucket of its own; none if no service is named.
    pub fn in_bucket(sealed: bool) -> Option<Self> {
        let name = if sealed { "S3, sealed" } else { "S3" };
        Some(Self::open(name, sealed, Some(service()?)))
    }

    fn open(name: &'static str, sealed: bool, s3: Option<S3Settings>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            reserve_bytes: 0,
            seal: sealed.then(|| seal_key(7)),
            s3: s3.clone(),
            ..Settings::default()
        };
        let objects = Objects::open_with(folder.path(), settings.clone()).unwrap();
        Self {
            name,
            folder,
            settings,
            objects,
            bucket: s3.map(|s3| Arc::new(client(&s3))),
        }
    }

    pub fn is_sealed(&self) -> bool {
        self.settings.seal.is_some()
    }

    /// The same place with other settings.
    pub fn again(&self, change: impl FnOnce(&mut Settings)) -> Objects {
        let mut settings = self.settings.clone();
        change(&mut settings);
        Objects::open_with(self.folder.path(), settings).unwrap()
    }

    fn file_of(&self, hash: &str) -> String {
        let suffix = if self.is_sealed() { ".sealed" } else { "" };
        format!("objects/proj_a/{}/{hash}{suffix}", &hash[..2])
    }

    /// What lies there of an object of `proj_a`.
    pub fn stored(&self, object: &ObjectRef) -> Vec<u8> {
        let file = self.file_of(&object.hash);
        match self.bucket.clone() {
            None => std::fs::read(self.folder.path().join(file)).unwrap(),
            Some(bucket) => apart(async move {
                let got = bucket.get(&Path::from(file)).await.unwrap();
                got.bytes().await.unwrap().to_vec()
            }),
        }
    }

    /// Puts other bytes where an object of `proj_a` lies.
    pub fn damage(&self, object: &ObjectRef, bytes: &[u8]) {
        let file = self.file_of(&object.hash);
        match self.bucket.clone() {
            None => std::fs::write(self.folder.path().join(file), bytes).unwrap(),
            Some(bucket) => {
                let bytes = bytes.to_vec();
                apart(async move {
                    let put = bucket.put(&Path::from(file), bytes.into()).await;
                    put.map(|_| ()).unwrap();
                });
            }
        }
    }

    /// Paths or keys of everything that lies there.
    pub fn all(&self) -> Vec<String> {
        match self.bucket.clone() {
            None => {
                let found = files(&self.folder.path().join("objects")).into_iter();
                found.map(|path| path.display().to_string()).collect()
            }
            Some(bucket) => apart(async move {
                let listed = bucket.list(None).map_ok(|meta| meta.location.to_string());
                listed.try_collect().await.unwrap()
            }),
        }
    }

    /// Temporary files that are there now.
    pub fn temporaries(&self) -> Vec<PathBuf> {
        files(&self.folder.path().join("tmp"))
    }

    pub fn assert_empty(&self) {
        assert!(self.all().is_empty(), "{}: {:?}", self.name, self.all());
        let left = self.temporaries();
        assert!(left.is_empty(), "{}: {left:?}", self.name);
    }
}

/// The service that tests were given, with a bucket that nobody has used.
pub fn service() -> Option<S3Settings> {
    let url = std::env::var(SERVICE).ok().filter(|url| !url.is_empty())?;
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (keys, host) = rest.split_once('@').expect("keys before the host");
    let (access_key, secret_key) = keys.split_once(':').expect("a key and its secret");
    let random: String = tempfile::Builder::new()
        .prefix("")
        .rand_bytes(16)
        .tempfile()
        .unwrap()
        .path()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .to_lowercase();
    Some(S3Settings {
        endpoint: format!("{scheme}://{host}"),
        bucket: format!("test-{random}-{}", std::process::id()),
        access_key: access_key.into(),
        secret_key: secret_key.into(),
        budget: Duration::from_secs(20),
        first_pause: Duration::from_millis(10),
        ..S3Settings::default()
    })
}

fn client(s3: &S3Settings) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint(&s3.endpoint)
        .with_allow_http(true)
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(&s3.access_key)
        .with_secret_access_key(&s3.secret_key)
        .build()
        .unwrap()
}

/// Runs a future on a thread of its own: the test may be in a runtime already.
fn apart<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let run = || tokio::runtime::Runtime::new().unwrap().block_on(work);
        scope.spawn(run).join().unwrap()
    })
}
