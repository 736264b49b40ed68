//! A service that fails, row by row of the list of faults.

mod reads;
mod refusals;
mod retries;
mod tls;
mod uploads;

use std::time::Duration;

use hanok_blobs::{ObjectError, Objects, S3Settings, Settings};

use crate::fake::{Call, Fake};

const SECRET: &str = "wJalrXUtnFEMI-very-secret";
/// For tests that wait for its end; a busy machine answers within a third of it all the same.
const SHORT: Duration = Duration::from_millis(900);
/// Content that is sent in two parts.
const LARGE: usize = (8 << 20) + 100_000;

fn bucket(fake: &Fake) -> S3Settings {
    S3Settings {
        endpoint: fake.url(),
        bucket: "bucket".into(),
        access_key: "AKIDEXAMPLE".into(),
        secret_key: SECRET.into(),
        budget: Duration::from_secs(3),
        slowest: 1 << 20,
        first_pause: Duration::from_millis(5),
        ..S3Settings::default()
    }
}

fn open_with(
    change: impl FnOnce(&mut S3Settings),
    fake: &Fake,
) -> Result<(tempfile::TempDir, Objects), ObjectError> {
    let folder = tempfile::tempdir().unwrap();
    let mut s3 = bucket(fake);
    change(&mut s3);
    let settings = Settings {
        reserve_bytes: 0,
        s3: Some(s3),
        ..Settings::default()
    };
    let objects = Objects::open_with(folder.path(), settings)?;
    Ok((folder, objects))
}

fn open(fake: &Fake) -> (tempfile::TempDir, Objects) {
    open_with(|_| {}, fake).unwrap()
}

fn puts(call: &Call) -> bool {
    call.is("PUT") && !call.key.is_empty() && call.parameter("uploadId").is_none()
}

fn parts(call: &Call) -> bool {
    call.is("PUT") && call.parameter("uploadId").is_some()
}

fn completes(call: &Call) -> bool {
    call.is("POST") && call.parameter("uploadId").is_some()
}

fn aborts(call: &Call) -> bool {
    call.is("DELETE") && call.parameter("uploadId").is_some()
}

fn gets(call: &Call) -> bool {
    call.is("GET") && !call.key.is_empty()
}

fn any(_: &Call) -> bool {
    true
}
