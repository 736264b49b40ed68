//! F42: answers that end early, hold other bytes, or hardly come.

use std::time::Duration;

use hanok_blobs::{ObjectError, ObjectRef, Objects};
use tokio::io::AsyncReadExt;

use super::{SHORT, gets, open, open_with};
use crate::fake::{Fake, Reply};
use crate::{content, files, project};

const LENGTH: usize = 300_000;

fn stored(objects: &Objects) -> ObjectRef {
    let put = objects.put_blocking(&project("proj_a", 1), &content(LENGTH));
    put.unwrap()
}

/// Replaces the bytes of the one object there is.
fn damage(fake: &Fake, change: impl FnOnce(&mut Vec<u8>)) {
    fake.store(|store| change(&mut store.objects.values_mut().next().unwrap().bytes));
}

#[test]
fn f42_a_read_that_is_cut_goes_on_where_it_stopped() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let object = stored(&objects);
    fake.fail(gets, [Reply::Cut(100_000), Reply::Cut(50_000)]);
    let read = objects.get_blocking(&project("proj_a", 1), &object.hash);
    assert!(read.unwrap() == content(LENGTH));
    let ranges: Vec<Option<String>> = fake
        .calls(gets)
        .iter()
        .map(|call| call.header("range").map(str::to_owned))
        .collect();
    assert_eq!(ranges.len(), 3);
    assert_eq!(ranges[0], None);
    let from = |range: &Option<String>| -> usize {
        let range = range.as_ref().unwrap().strip_prefix("bytes=").unwrap();
        let (from, to) = range.split_once('-').unwrap();
        assert_eq!(to, (LENGTH - 1).to_string());
        from.parse().unwrap()
    };
    assert!(from(&ranges[1]) > 0 && from(&ranges[1]) <= 100_000);
    assert!(from(&ranges[2]) >= from(&ranges[1]));
}

#[tokio::test]
async fn f42_a_stream_that_is_cut_goes_on_too() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let object = stored(&objects);
    fake.fail(gets, [Reply::Cut(200_000)]);
    let mut reader = objects
        .get(&project("proj_a", 1), &object.hash)
        .await
        .unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).await.unwrap();
    assert!(read == content(LENGTH));
    assert_eq!(fake.calls(gets).len(), 2);
}

#[test]
fn f42_a_read_that_hangs_goes_on_by_another_connection() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let object = stored(&objects);
    fake.fail(gets, [Reply::Stuck(70_000)]);
    let read = objects.get_blocking(&project("proj_a", 1), &object.hash);
    assert!(read.unwrap() == content(LENGTH));
    assert_eq!(fake.calls(gets).len(), 2);
}

#[test]
fn f42_a_service_that_cuts_every_read_is_given_up() {
    let fake = Fake::start();
    let (folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
    let object = stored(&objects);
    fake.always(gets, Reply::Cut(10));
    let owner = project("proj_a", 1);
    let read = objects.get_blocking(&owner, &object.hash);
    assert!(matches!(read, Err(ObjectError::Unavailable { .. })));
    let file = objects.get_file(&owner, &object.hash);
    assert!(matches!(file, Err(ObjectError::Unavailable { .. })));
    assert!(files(&folder.path().join("tmp")).is_empty());
    assert!(files(&folder.path().join("cache/objects/proj_a")).is_empty());
}

#[test]
fn f42_progress_that_is_too_slow_is_none() {
    let fake = Fake::start();
    let slow = Reply::Slow(20, Duration::from_millis(20));
    let (_folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
    let object = stored(&objects);
    fake.always(gets, slow.clone());
    let owner = project("proj_a", 1);
    let failed = objects.get_blocking(&owner, &object.hash).unwrap_err();
    assert!(failed.to_string().contains("too slowly"), "{failed}");
    // The same pace is progress to somebody who expects no more.
    let (_other, humble) = open_with(|s3| s3.slowest = 100, &fake).unwrap();
    fake.script(|_| None);
    let few = humble.put_blocking(&owner, &content(200)).unwrap();
    fake.always(gets, slow);
    let read = humble.get_blocking(&owner, &few.hash);
    assert_eq!(read.unwrap(), content(200));
}

#[test]
fn f42_other_bytes_and_other_lengths_are_found_before_use() {
    let fake = Fake::start();
    let (folder, objects) = open(&fake);
    let object = stored(&objects);
    let owner = project("proj_a", 1);
    let changes: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes[150_000] ^= 1,
        |bytes| bytes.truncate(LENGTH - 1),
        |bytes| bytes.push(0),
        |bytes| bytes.clear(),
    ];
    for change in changes {
        damage(&fake, change);
        let read = objects.get_blocking(&owner, &object.hash);
        assert!(matches!(read, Err(ObjectError::Corrupt { .. })));
        let file = objects.get_file(&owner, &object.hash);
        assert!(matches!(file, Err(ObjectError::Corrupt { .. })));
        assert!(files(&folder.path().join("cache/objects/proj_a")).is_empty());
        damage(&fake, |bytes| *bytes = content(LENGTH));
    }
    assert!(objects.get_blocking(&owner, &object.hash).is_ok());
}

#[test]
fn f42_an_object_replaced_while_it_is_read_is_not_mixed() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let object = stored(&objects);
    fake.fail(gets, [Reply::Cut(100_000)]);
    let reader = std::thread::scope(|scope| {
        let reading = scope.spawn(|| objects.get_blocking(&project("proj_a", 1), &object.hash));
        while fake.calls(gets).is_empty() {
            std::thread::yield_now();
        }
        damage(&fake, |bytes| bytes[299_999] ^= 1);
        reading.join().unwrap()
    });
    // By the mark where the service knows it, by the address in any case.
    assert!(matches!(
        reader,
        Err(ObjectError::Unavailable { .. } | ObjectError::Corrupt { .. })
    ));
}

#[test]
fn f42_an_object_removed_while_it_is_read_is_told() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let object = stored(&objects);
    fake.fail(gets, [Reply::Cut(10), Reply::Says(404, "NoSuchKey")]);
    let read = objects.get_blocking(&project("proj_a", 1), &object.hash);
    assert!(
        matches!(read, Err(ObjectError::NotFound { .. })),
        "{read:?}"
    );
}
