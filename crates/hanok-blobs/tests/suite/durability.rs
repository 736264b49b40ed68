//! Crashes, concurrent writers and rot.

use std::time::{Duration, SystemTime};

use hanok_blobs::{Condition, ObjectError, Objects, Settings};
use tokio::io::AsyncReadExt;

use crate::{files, fresh, project};

#[test]
fn writers_of_the_same_content_end_with_one_object() {
    let (folder, objects) = fresh();
    let content = vec![7u8; 3 << 20];
    let stored = std::thread::scope(|scope| {
        let writers = (0..8)
            .map(|_| scope.spawn(|| objects.put_blocking(&project("proj_a", 1), &content)))
            .collect::<Vec<_>>();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap().unwrap())
            .collect::<Vec<_>>()
    });
    assert!(stored.iter().all(|one| *one == stored[0]));
    assert_eq!(files(folder.path()).len(), 1);
    let back = objects.get_blocking(&project("proj_a", 1), &stored[0].hash);
    assert_eq!(back.unwrap(), content);
}

#[test]
fn the_start_removes_what_a_killed_writer_left() {
    let (folder, objects) = fresh();
    let stored = objects
        .put_blocking(&project("proj_a", 1), b"whole")
        .unwrap();
    let old = folder.path().join("tmp/left-behind");
    let young = folder.path().join("tmp/being-written");
    std::fs::write(&old, b"half").unwrap();
    std::fs::write(&young, b"half").unwrap();
    let past = SystemTime::now() - Duration::from_secs(25 * 3600);
    let file = std::fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(past).unwrap();

    let settings = Settings {
        reserve_bytes: 0,
        ..Settings::default()
    };
    let again = Objects::open_with(folder.path(), settings).unwrap();
    assert!(!old.exists());
    assert!(young.exists());
    assert!(again.exists("proj_a", &stored.hash).unwrap());
    assert_eq!(again.sweep(Duration::ZERO).unwrap(), 1);
    assert!(!young.exists());
}

#[tokio::test]
async fn rot_is_found_on_reading_and_healed_by_writing_again() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let content = vec![42u8; 100_000];
    let stored = objects.put_blocking(&owner, &content).unwrap();
    let path = objects.get_path("proj_a", &stored.hash).unwrap();
    let mut rotten = content.clone();
    rotten[50_000] ^= 1;
    for bytes in [&rotten[..], &content[..99_999], &[]] {
        std::fs::write(&path, bytes).unwrap();
        let whole = objects.get_blocking(&owner, &stored.hash);
        assert!(matches!(whole, Err(ObjectError::Corrupt { .. })));
        let mut reader = objects.get(&owner, &stored.hash).await.unwrap();
        let error = reader.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    }
    objects.put_blocking(&owner, &content).unwrap();
    assert_eq!(objects.get_blocking(&owner, &stored.hash).unwrap(), content);
}

#[test]
fn who_stores_what_is_being_collected_is_never_left_with_nothing() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"wanted again").unwrap();
    let path = objects.get_path("proj_a", &stored.hash).unwrap();
    let hour = Duration::from_secs(3600);
    let mut removed = 0;
    for _ in 0..500 {
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - 2 * hour).unwrap();
        std::thread::scope(|scope| {
            let collector = scope.spawn(|| objects.delete_idle("proj_a", &stored.hash, hour));
            objects.put_blocking(&owner, b"wanted again").unwrap();
            removed += u32::from(collector.join().unwrap().unwrap());
        });
        assert!(objects.exists("proj_a", &stored.hash).unwrap());
    }
    assert!(removed > 0, "the collector never came first");
}

#[test]
fn a_look_tells_what_is_wrong_with_an_object() {
    let (_folder, objects) = fresh();
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"content").unwrap();
    let path = objects.get_path("proj_a", &stored.hash).unwrap();
    let look = |key| objects.check_blocking("proj_a", &stored, key).unwrap();
    assert_eq!(look(Some(&owner)), Condition::Whole);
    std::fs::write(&path, b"contenT").unwrap();
    assert_eq!(look(Some(&owner)), Condition::Corrupt);
    assert_eq!(look(None), Condition::Whole);
    std::fs::write(&path, b"conten").unwrap();
    assert_eq!(look(None), Condition::Length(6));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(look(None), Condition::Missing);
}
