//! What goes in comes out, by every way in and out, wherever it lies.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hanok_blobs::{Condition, ObjectError, Stored, address_of};
use tokio::io::AsyncReadExt;

use crate::worlds::worlds;
use crate::{content, project};

#[tokio::test]
async fn every_way_in_gives_the_same_object() {
    for world in worlds() {
        let objects = &world.objects;
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
        assert_eq!(world.all().len(), 1, "{}", world.name);
        assert!(world.temporaries().is_empty(), "{}", world.name);
    }
}

#[tokio::test]
async fn every_way_out_gives_what_went_in() {
    for world in worlds() {
        let objects = &world.objects;
        let owner = project("proj_a", 1);
        // Chunks of sealing, buffers of reading and parts of an upload, met and missed by one.
        for length in [
            0,
            1,
            65_535,
            65_536,
            65_537,
            262_144,
            8 << 20,
            (8 << 20) + 1,
            20_000_003,
        ] {
            let content = content(length);
            let stored = objects.put_blocking(&owner, &content).unwrap();
            assert_eq!(stored.size, length as u64);
            let hash = &stored.hash;
            let whole = objects.get_bytes(&owner, hash).await.unwrap();
            assert!(whole == content, "{}, {length}", world.name);
            let mut reader = objects.get(&owner, hash).await.unwrap();
            assert_eq!(reader.size(), stored.size);
            let mut back = Vec::new();
            reader.read_to_end(&mut back).await.unwrap();
            assert!(back == content, "{}, {length}", world.name);
            let path = objects.get_file(&owner, hash).unwrap();
            assert!(std::fs::read(path).unwrap() == content, "{}", world.name);
            let copy = world.folder.path().join("copy");
            assert_eq!(
                objects.copy_blocking(&owner, hash, &copy).unwrap(),
                stored.size
            );
            assert!(std::fs::read(&copy).unwrap() == content, "{}", world.name);
            std::fs::remove_file(copy).unwrap();
            let look = objects.check_blocking("proj_a", &stored, Some(&owner));
            assert_eq!(look.unwrap(), Condition::Whole, "{}", world.name);
        }
    }
}

#[test]
fn blocking_calls_work_from_any_thread() {
    for world in worlds() {
        let objects = world.objects.clone();
        let owner = project("proj_a", 1);
        let stored = objects
            .put_blocking(&owner, b"from a plain thread")
            .unwrap();
        let read = move || {
            let whole = objects.get_blocking(&owner, &stored.hash).unwrap();
            assert_eq!(whole, &b"from a plain thread"[..]);
            assert!(objects.exists("proj_a", &stored.hash).unwrap());
        };
        std::thread::spawn(read.clone()).join().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            read();
            tokio::task::spawn_blocking(read).await.unwrap();
        });
    }
}

#[test]
fn projects_do_not_share_objects() {
    for world in worlds() {
        let objects = &world.objects;
        let (a, b) = (project("proj_a", 1), project("proj_b", 2));
        let in_a = objects.put_blocking(&a, b"same").unwrap();
        let in_b = objects.put_blocking(&b, b"same").unwrap();
        assert_ne!(in_a.hash, in_b.hash);
        assert!(!objects.exists("proj_b", &in_a.hash).unwrap());
        let other = objects.get_blocking(&b, &in_a.hash);
        assert!(matches!(other, Err(ObjectError::NotFound { .. })));
        assert_eq!(objects.projects().unwrap(), ["proj_a", "proj_b"]);
        assert_eq!(objects.list("proj_b").unwrap(), vec![in_b]);
    }
}

#[test]
fn listing_tells_lengths_and_ages() {
    for world in worlds() {
        let objects = &world.objects;
        let owner = project("proj_a", 1);
        let mut sizes = Vec::new();
        for length in 0..12 {
            let put = objects.put_blocking(&owner, &content(length * 10_000));
            sizes.push(put.unwrap());
        }
        sizes.sort_by(|a, b| a.hash.cmp(&b.hash));
        assert_eq!(objects.list("proj_a").unwrap(), sizes, "{}", world.name);
        let stored: Vec<Stored> = objects.stored("proj_a").unwrap();
        assert!(stored.iter().all(|object| object.idle.as_secs() < 600));
        assert!(objects.list("proj_b").unwrap().is_empty());
    }
}

#[test]
fn delete_tells_whether_there_was_one() {
    for world in worlds() {
        let objects = &world.objects;
        let owner = project("proj_a", 1);
        let stored = objects.put_blocking(&owner, b"gone soon").unwrap();
        let copy = objects.get_file(&owner, &stored.hash).unwrap();
        let hour = std::time::Duration::from_secs(3600);
        assert!(!objects.delete_idle("proj_a", &stored.hash, hour).unwrap());
        assert!(objects.delete("proj_a", &stored.hash).unwrap());
        assert!(!objects.delete("proj_a", &stored.hash).unwrap());
        assert!(objects.list("proj_a").unwrap().is_empty());
        assert!(!copy.exists(), "{}", world.name);
        let gone = objects.get_blocking(&owner, &stored.hash);
        assert!(matches!(gone, Err(ObjectError::NotFound { .. })));
        let look = objects.check_blocking("proj_a", &stored, Some(&owner));
        assert_eq!(look.unwrap(), Condition::Missing);
    }
}

#[tokio::test]
async fn content_over_the_limit_is_refused_and_leaves_nothing() {
    for world in worlds() {
        let owner = project("proj_a", 1);
        let parts = [0, 1].map(|byte| Ok::<_, io::Error>(Bytes::from(vec![byte; 600])));
        let put = world.objects.put_stream(&owner, stream::iter(parts), 1_199);
        assert!(matches!(
            put.await,
            Err(ObjectError::TooLarge { limit: 1_199 })
        ));
        world.assert_empty();
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    for world in worlds() {
        let owner = project("proj_a", 1);
        let parts = vec![
            Ok(Bytes::from_static(b"half of it")),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ];
        let put = world
            .objects
            .put_stream(&owner, stream::iter(parts), u64::MAX);
        assert!(matches!(put.await, Err(ObjectError::Source(_))));
        world.assert_empty();
    }
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    for world in worlds() {
        let owner = project("proj_a", 1);
        let (waited, waits) = tokio::sync::oneshot::channel();
        let first = stream::once(async { Ok::<_, io::Error>(Bytes::from_static(b"half")) });
        let never = stream::once(async move {
            let _ = waited.send(());
            std::future::pending().await
        });
        let content = first.chain(never);
        let mut upload = Box::pin(world.objects.put_stream(&owner, content, u64::MAX));
        tokio::select! {
            _ = &mut upload => panic!("the second part never comes"),
            asked = waits => asked.unwrap(),
        }
        assert_eq!(world.temporaries().len(), 1, "{}", world.name);
        drop(upload);
        world.assert_empty();
    }
}

#[test]
fn names_cannot_leave_their_place() {
    for world in worlds() {
        let objects = &world.objects;
        let hash = "a".repeat(64);
        for id in ["..", "a/../b", "", "proj_A", "/etc"] {
            assert!(objects.exists(id, &hash).is_err(), "{id}");
            assert!(objects.put_blocking(&project(id, 1), b"x").is_err(), "{id}");
            assert!(objects.get_file(&project(id, 1), &hash).is_err(), "{id}");
            assert!(objects.list(id).is_err(), "{id}");
            assert!(objects.forget_copies(id).is_err(), "{id}");
        }
        for hash in [
            "..",
            "../../../etc/passwd",
            "",
            &"A".repeat(64),
            &"a/".repeat(32),
            &format!("{}.sealed", "a".repeat(64)),
        ] {
            let owner = project("proj_a", 1);
            assert!(objects.exists("proj_a", hash).is_err(), "{hash}");
            assert!(objects.delete("proj_a", hash).is_err(), "{hash}");
            assert!(objects.get_blocking(&owner, hash).is_err(), "{hash}");
            assert!(objects.get_file(&owner, hash).is_err(), "{hash}");
        }
        world.assert_empty();
    }
}
