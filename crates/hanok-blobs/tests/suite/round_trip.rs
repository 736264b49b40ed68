//! What goes in comes out, by every way in and out.

use std::io;
use std::os::unix::fs::PermissionsExt;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hanok_blobs::{ObjectError, address_of};
use tokio::io::AsyncReadExt;

use crate::{files, fresh, project};

#[tokio::test]
async fn every_way_in_gives_the_same_object() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let content = Bytes::from("한옥 and some text".repeat(50_000));
    let first = objects.put_bytes(&owner, content.clone()).await.unwrap();
    assert_eq!(first.hash, address_of(&owner, &content));
    assert_eq!(first.size, content.len() as u64);

    let parts = content
        .chunks(7_001)
        .map(|part| Ok::<_, io::Error>(Bytes::copy_from_slice(part)))
        .collect::<Vec<_>>();
    let streamed = objects.put_stream(&owner, stream::iter(parts), u64::MAX);
    assert_eq!(streamed.await.unwrap(), first);
    let read = objects.put_reader_blocking(&owner, &mut &content[..], first.size);
    assert_eq!(read.unwrap(), first);
    assert_eq!(objects.list("proj_a").unwrap(), vec![first.clone()]);

    assert_eq!(
        objects.get_bytes(&owner, &first.hash).await.unwrap(),
        content
    );
    let mut reader = objects.get(&owner, &first.hash).await.unwrap();
    assert_eq!(reader.size(), first.size);
    let mut back = Vec::new();
    reader.read_to_end(&mut back).await.unwrap();
    assert_eq!(back, content);
    let path = objects.get_path("proj_a", &first.hash).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), content);
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let stored = objects.put_bytes(&owner, Bytes::new()).await.unwrap();
    assert_eq!(stored.size, 0);
    assert!(
        objects
            .get_bytes(&owner, &stored.hash)
            .await
            .unwrap()
            .is_empty()
    );
}

#[test]
fn projects_do_not_share_objects() {
    let (_folder, objects) = fresh();
    let (a, b) = (project("proj_a", 1), project("proj_b", 2));
    let in_a = objects.put_blocking(&a, b"same").unwrap();
    let in_b = objects.put_blocking(&b, b"same").unwrap();
    assert_ne!(in_a.hash, in_b.hash);
    assert!(!objects.exists("proj_b", &in_a.hash).unwrap());
    let other = objects.get_blocking(&b, &in_a.hash);
    assert!(matches!(other, Err(ObjectError::NotFound { .. })));
}

#[test]
fn delete_tells_whether_there_was_one() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"gone soon").unwrap();
    assert!(objects.delete("proj_a", &stored.hash).unwrap());
    assert!(!objects.delete("proj_a", &stored.hash).unwrap());
    assert!(objects.list("proj_a").unwrap().is_empty());
}

#[tokio::test]
async fn content_over_the_limit_is_refused_and_leaves_nothing() {
    let (folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let parts = [0, 1].map(|byte| Ok::<_, io::Error>(Bytes::from(vec![byte; 600])));
    let refused = objects.put_stream(&owner, stream::iter(parts), 1_199).await;
    assert!(matches!(
        refused,
        Err(ObjectError::TooLarge { limit: 1_199 })
    ));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let (folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let parts = vec![
        Ok(Bytes::from_static(b"half of it")),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ];
    let cut = objects
        .put_stream(&owner, stream::iter(parts), u64::MAX)
        .await;
    assert!(matches!(cut, Err(ObjectError::Source(_))));
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let (folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let (waited, waits) = tokio::sync::oneshot::channel();
    let first = stream::once(async { Ok::<_, io::Error>(Bytes::from_static(b"half")) });
    let never = stream::once(async move {
        let _ = waited.send(());
        std::future::pending().await
    });
    let mut upload = Box::pin(objects.put_stream(&owner, first.chain(never), u64::MAX));
    tokio::select! {
        _ = &mut upload => panic!("the second part never comes"),
        asked = waits => asked.unwrap(),
    }
    assert_eq!(files(folder.path()).len(), 1);
    drop(upload);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn only_the_owner_can_read_the_files() {
    let (folder, objects) = fresh();
    let stored = objects
        .put_blocking(&project("proj_a", 1), b"private")
        .unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let mut path = objects.get_path("proj_a", &stored.hash).unwrap();
    assert_eq!(mode(&path), 0o600);
    while path.pop() && path != folder.path() {
        assert_eq!(mode(&path), 0o700, "{}", path.display());
    }
    assert_eq!(mode(&folder.path().join("tmp")), 0o700);
}

#[test]
fn names_cannot_leave_the_folder() {
    let (_folder, objects) = fresh();
    let hash = "a".repeat(64);
    for id in ["..", "a/../b", "", "proj_A", "/etc"] {
        assert!(objects.exists(id, &hash).is_err(), "{id}");
        assert!(objects.put_blocking(&project(id, 1), b"x").is_err(), "{id}");
        assert!(objects.list(id).is_err(), "{id}");
    }
    for hash in [
        "..",
        "../../../etc/passwd",
        "",
        &"A".repeat(64),
        &"a/".repeat(32),
    ] {
        assert!(objects.exists("proj_a", hash).is_err(), "{hash}");
        assert!(objects.delete("proj_a", hash).is_err(), "{hash}");
    }
}
