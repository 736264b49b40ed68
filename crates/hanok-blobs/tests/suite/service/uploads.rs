//! F45: uploads that nobody ended are listed and aborted; and who collects keeps off what is new.

use std::path::Path;
use std::time::Duration;

use super::{LARGE, SHORT, aborts, any, open, open_with, parts};
use crate::fake::{Call, Fake, LONG_AGO, Reply};
use crate::{content, project};

const OLD: &str = "2020-01-01T00:00:00.000Z";
const YOUNG: &str = "2100-01-01T00:00:00.000Z";

fn keys(fake: &Fake) -> Vec<String> {
    fake.store(|store| {
        let uploads = store.uploads.values();
        uploads.map(|upload| upload.key.clone()).collect()
    })
}

#[test]
fn f45_the_start_aborts_what_a_killed_writer_left() {
    let fake = Fake::start();
    fake.store(|store| {
        store.page = 1;
        store.begin("u1", "studio/objects/proj_a/aa/1", OLD);
        store.begin("u2", "studio/objects/proj_a/bb/2", YOUNG);
        store.begin("u3", "studio/objects/proj_b/cc/3", OLD);
        store.begin("u4", "somebody/else", OLD);
    });
    let prefix = |s3: &mut hanok_blobs::S3Settings| s3.prefix = "studio".into();
    let (_folder, objects) = open_with(prefix, &fake).unwrap();
    assert_eq!(keys(&fake), ["studio/objects/proj_a/bb/2", "somebody/else"]);
    // What is young may be at work: it is listed, and only an explicit word removes it.
    let left = objects.temporaries().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(
        left[0].path,
        Path::new("s3://bucket/studio/objects/proj_a/bb/2")
    );
    assert_eq!(left[0].idle, Duration::ZERO);
    assert!(objects.remove_leftover(&left[0]).unwrap());
    assert!(!objects.remove_leftover(&left[0]).unwrap());
    assert_eq!(keys(&fake), ["somebody/else"]);
}

#[test]
fn f45_an_upload_that_fails_is_aborted_by_who_began_it() {
    let fake = Fake::start();
    let (folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    fake.always(parts, Reply::Says(403, "AccessDenied"));
    assert!(objects.put_blocking(&owner, &content(LARGE)).is_err());
    assert_eq!(fake.calls(aborts).len(), 1);
    assert!(keys(&fake).is_empty());
    assert!(crate::files(&folder.path().join("tmp")).is_empty());
}

#[test]
fn f45_an_upload_that_could_not_be_aborted_is_swept_later() {
    let fake = Fake::start();
    let (_folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
    let owner = project("proj_a", 1);
    fake.always(
        |call| parts(call) || aborts(call),
        Reply::Says(403, "AccessDenied"),
    );
    assert!(objects.put_blocking(&owner, &content(LARGE)).is_err());
    assert_eq!(objects.temporaries().unwrap().len(), 1);
    fake.script(|_| None);
    assert_eq!(objects.sweep(Duration::from_secs(3600)).unwrap(), 0);
    assert_eq!(objects.sweep(Duration::ZERO).unwrap(), 1);
    assert!(keys(&fake).is_empty());
    assert!(objects.temporaries().unwrap().is_empty());
}

#[test]
fn f45_a_service_that_cannot_list_uploads_can_be_used() {
    let fake = Fake::start();
    fake.always(
        |call| call.parameter("uploads").is_some() && call.is("GET"),
        Reply::Says(501, "NotImplemented"),
    );
    let (_folder, objects) = open(&fake);
    assert!(objects.temporaries().unwrap().is_empty());
    assert_eq!(objects.sweep(Duration::ZERO).unwrap(), 0);
    assert!(!fake.calls(any).is_empty());
}

#[test]
fn who_stores_what_is_being_collected_from_a_bucket_is_never_left_with_nothing() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let object = objects.put_blocking(&owner, b"wanted again").unwrap();
    let hour = Duration::from_secs(3600);
    let looks = |call: &Call| call.is("HEAD");
    for _ in 0..60 {
        fake.store(|store| {
            for object in store.objects.values_mut() {
                object.modified = LONG_AGO.into();
            }
        });
        fake.script(|_| None);
        std::thread::scope(|scope| {
            let collector = scope.spawn(|| objects.delete_idle("proj_a", &object.hash, hour));
            // The worst moment: the collector has looked, and has not removed it yet.
            while fake.calls(looks).is_empty() {
                std::thread::yield_now();
            }
            objects.put_blocking(&owner, b"wanted again").unwrap();
            assert!(collector.join().unwrap().unwrap());
        });
        assert!(objects.exists("proj_a", &object.hash).unwrap());
    }
}
