//! Crashes, concurrent writers and rot.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use hanok_blobs::{Condition, ObjectError, Objects, Settings};
use tokio::io::AsyncReadExt;

use crate::worlds::{World, worlds};
use crate::{fresh, project};

#[test]
fn writers_of_the_same_content_end_with_one_object() {
    for world in worlds() {
        let content = vec![7u8; 3 << 20];
        let stored = std::thread::scope(|scope| {
            let put = || world.objects.put_blocking(&project("proj_a", 1), &content);
            let writers = (0..8).map(|_| scope.spawn(put)).collect::<Vec<_>>();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap().unwrap())
                .collect::<Vec<_>>()
        });
        assert!(stored.iter().all(|one| *one == stored[0]));
        assert_eq!(world.all().len(), 1, "{}", world.name);
        let back = world
            .objects
            .get_blocking(&project("proj_a", 1), &stored[0].hash);
        assert_eq!(back.unwrap(), content);
    }
}

#[test]
fn the_start_removes_what_a_killed_writer_left() {
    for world in worlds() {
        let put = world.objects.put_blocking(&project("proj_a", 1), b"whole");
        let stored = put.unwrap();
        let old = world.folder.path().join("tmp/left-behind");
        let young = world.folder.path().join("tmp/being-written");
        std::fs::write(&old, b"half").unwrap();
        std::fs::write(&young, b"half").unwrap();
        let past = SystemTime::now() - Duration::from_secs(25 * 3600);
        let file = std::fs::File::options().write(true).open(&old).unwrap();
        file.set_modified(past).unwrap();

        let again = world.again(|_| {});
        assert!(!old.exists());
        assert!(young.exists());
        assert!(again.exists("proj_a", &stored.hash).unwrap());
        let left = again.temporaries().unwrap();
        assert_eq!(left.len(), 1, "{}", world.name);
        assert_eq!(left[0].path, young);
        assert!(again.remove_leftover(&left[0]).unwrap());
        assert!(!again.remove_leftover(&left[0]).unwrap());
        std::fs::write(&young, b"half").unwrap();
        assert_eq!(again.sweep(Duration::ZERO).unwrap(), 1);
        assert!(!young.exists());
    }
}

#[tokio::test]
async fn rot_is_found_on_reading_and_healed_by_writing_again() {
    for world in worlds() {
        let objects = &world.objects;
        let owner = project("proj_a", 1);
        let content = vec![42u8; 100_000];
        let object = objects.put_blocking(&owner, &content).unwrap();
        let whole = world.stored(&object);
        let mut rotten = whole.clone();
        rotten[50_000] ^= 1;
        for bytes in [&rotten[..], &whole[..whole.len() - 1], &[]] {
            world.damage(&object, bytes);
            let whole = objects.get_blocking(&owner, &object.hash);
            let is_corrupt = |error| matches!(error, ObjectError::Corrupt { .. });
            assert!(whole.is_err_and(is_corrupt), "{}", world.name);
            let read = async {
                let mut reader = objects.get(&owner, &object.hash).await?;
                let read = reader.read_to_end(&mut Vec::new()).await;
                read.map_err(|error| {
                    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
                    *error.into_inner().unwrap().downcast().unwrap()
                })
            };
            assert!(read.await.is_err_and(is_corrupt), "{}", world.name);
            let copy = world.folder.path().join("copy");
            let copied = objects.copy_blocking(&owner, &object.hash, &copy);
            assert!(copied.is_err_and(is_corrupt), "{}", world.name);
            assert!(!copy.exists());
        }
        objects.put_blocking(&owner, &content).unwrap();
        assert_eq!(objects.get_blocking(&owner, &object.hash).unwrap(), content);
    }
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
    for world in worlds() {
        let objects = &world.objects;
        let owner = project("proj_a", 1);
        let object = objects.put_blocking(&owner, b"content").unwrap();
        let look = |key| objects.check_blocking("proj_a", &object, key).unwrap();
        assert_eq!(look(Some(&owner)), Condition::Whole);
        let mut bytes = world.stored(&object);
        *bytes.last_mut().unwrap() ^= 1;
        world.damage(&object, &bytes);
        assert_eq!(look(Some(&owner)), Condition::Corrupt, "{}", world.name);
        assert_eq!(look(None), Condition::Whole);
        bytes.pop();
        world.damage(&object, &bytes);
        assert_eq!(look(None), Condition::Length(6), "{}", world.name);
        objects.delete("proj_a", &object.hash).unwrap();
        assert_eq!(look(None), Condition::Missing);
    }
}

#[test]
fn only_the_owner_can_read_the_files() {
    for world in worlds() {
        let owner = project("proj_a", 1);
        let stored = world.objects.put_blocking(&owner, b"private").unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let mut path = world.objects.get_file(&owner, &stored.hash).unwrap();
        assert_eq!(mode(&path), 0o600, "{}", world.name);
        while path.pop() && path != world.folder.path() {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
        }
        assert_eq!(mode(&world.folder.path().join("tmp")), 0o700);
    }
}

#[test]
fn a_folder_is_opened_by_others_who_then_see_the_same() {
    let world = World::on_disk(false);
    let owner = project("proj_a", 1);
    let stored = world.objects.put_blocking(&owner, b"shared").unwrap();
    let other = Objects::open_with(world.folder.path(), Settings::default()).unwrap();
    assert_eq!(
        other.get_blocking(&owner, &stored.hash).unwrap(),
        b"shared"[..]
    );
}
