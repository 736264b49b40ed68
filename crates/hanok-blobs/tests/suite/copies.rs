//! Local copies: made once, checked, bounded, shared by processes.

use std::time::Duration;

use hanok_blobs::{ObjectError, ObjectRef};

use crate::worlds::{World, worlds};
use crate::{content, files, project};

/// Worlds whose objects do not lie in files as they are.
fn elsewhere() -> Vec<World> {
    let worlds = worlds().into_iter();
    worlds.filter(|world| world.name != "disk").collect()
}

#[test]
fn a_copy_is_made_once_and_then_found() {
    for world in elsewhere() {
        let owner = project("proj_a", 1);
        let object = world.objects.put_blocking(&owner, b"content").unwrap();
        let first = world.objects.get_file(&owner, &object.hash).unwrap();
        world.damage(&object, b"not asked for again");
        let other = world.again(|_| {});
        let second = other.get_file(&owner, &object.hash).unwrap();
        assert_eq!(first, second);
        assert_eq!(std::fs::read(second).unwrap(), b"content");
        assert!(world.temporaries().is_empty());
        let path = world.objects.get_path("proj_a", &object.hash);
        assert!(matches!(path, Err(ObjectError::NoFile { .. })), "{path:?}");
    }
}

#[test]
fn rot_never_becomes_a_copy() {
    for world in elsewhere() {
        let owner = project("proj_a", 1);
        let object = world
            .objects
            .put_blocking(&owner, &content(100_000))
            .unwrap();
        let mut bytes = world.stored(&object);
        *bytes.last_mut().unwrap() ^= 1;
        world.damage(&object, &bytes);
        let refused = world.objects.get_file(&owner, &object.hash);
        assert!(matches!(refused, Err(ObjectError::Corrupt { .. })));
        assert!(world.temporaries().is_empty(), "{}", world.name);
        let copies = files(&world.folder.path().join("cache/objects/proj_a"));
        assert!(copies.is_empty(), "{copies:?}");
    }
}

#[test]
fn copies_that_nobody_asked_for_the_longest_go_first() {
    for world in elsewhere() {
        let objects = world.again(|settings| {
            settings.copies_bytes = 25_000;
            settings.copies_grace = Duration::ZERO;
        });
        let owner = project("proj_a", 1);
        let put = |byte: u8| objects.put_blocking(&owner, &[byte; 10_000]).unwrap();
        let file = |object: &ObjectRef| objects.get_file(&owner, &object.hash).unwrap();
        let [first, second, third] = [put(1), put(2), put(3)];
        let (one, two) = (file(&first), file(&second));
        // Asked for again, so that the other is older now.
        file(&first);
        let three = file(&third);
        assert!(one.exists() && three.exists(), "{}", world.name);
        assert!(!two.exists(), "{}", world.name);
        assert_eq!(std::fs::read(file(&second)).unwrap(), [2; 10_000]);
        assert!(!one.exists(), "{}", world.name);
    }
}

#[test]
fn a_copy_asked_for_lately_stays() {
    for world in elsewhere() {
        let objects = world.again(|settings| settings.copies_bytes = 0);
        let owner = project("proj_a", 1);
        let paths: Vec<_> = [1, 2, 3]
            .map(|byte| objects.put_blocking(&owner, &[byte; 1000]).unwrap())
            .iter()
            .map(|object| objects.get_file(&owner, &object.hash).unwrap())
            .collect();
        assert!(paths.iter().all(|path| path.exists()), "{}", world.name);
        objects.forget_copies("proj_a").unwrap();
        assert!(!paths.iter().any(|path| path.exists()), "{}", world.name);
    }
}

#[test]
fn many_who_ask_at_once_all_get_the_content() {
    for world in elsewhere() {
        let owner = project("proj_a", 1);
        let small: Vec<ObjectRef> = (0..4)
            .map(|byte| world.objects.put_blocking(&owner, &[byte; 9_000]).unwrap())
            .collect();
        let process = || {
            // Each as its own process would open it.
            let objects = world.again(|settings| settings.copies_bytes = 20_000);
            for (byte, object) in small.iter().enumerate() {
                let path = objects.get_file(&owner, &object.hash).unwrap();
                assert_eq!(std::fs::read(path).unwrap(), [byte as u8; 9_000]);
            }
        };
        std::thread::scope(|scope| {
            let asking: Vec<_> = (0..4).map(|_| scope.spawn(process)).collect();
            asking.into_iter().for_each(|one| one.join().unwrap());
        });
    }
}
