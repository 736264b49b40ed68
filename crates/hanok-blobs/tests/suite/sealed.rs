//! Sealed objects: what lies there tells nothing, and no change to it goes unnoticed.

use hanok_blobs::{Condition, ObjectError, ObjectRef};

use crate::worlds::{World, seal_key, worlds};
use crate::{content, project};

const HEADER: usize = 56;
const CHUNK: usize = 65_536 + 16;

fn sealed_worlds() -> Vec<World> {
    let worlds = worlds().into_iter();
    worlds.filter(World::is_sealed).collect()
}

fn is_refused(world: &World, object: &ObjectRef, bytes: &[u8], what: &str) {
    world.damage(object, bytes);
    let read = world
        .objects
        .get_blocking(&project("proj_a", 1), &object.hash);
    let refused = matches!(
        read,
        Err(ObjectError::Corrupt { .. } | ObjectError::WrongKey { .. })
    );
    assert!(refused, "{}: {what}: {read:?}", world.name);
}

#[test]
fn what_lies_there_holds_nothing_of_the_content() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        let secret = b"a very recognisable secret ".repeat(1000);
        let object = world.objects.put_blocking(&owner, &secret).unwrap();
        let first = world.stored(&object);
        assert!(!first.windows(16).any(|bytes| secret.starts_with(bytes)));
        assert!(world.all()[0].ends_with(".sealed"));
        world.objects.put_blocking(&owner, &secret).unwrap();
        assert_ne!(first, world.stored(&object), "the same content twice");
    }
}

#[test]
fn every_change_is_noticed() {
    let world = World::on_disk(true);
    let owner = project("proj_a", 1);
    let object = world
        .objects
        .put_blocking(&owner, &content(150_000))
        .unwrap();
    let whole = world.stored(&object);
    assert_eq!(whole.len(), HEADER + 150_000 + 3 * 16);
    for at in (0..HEADER + 40).chain(whole.len() - 20..whole.len()) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        is_refused(&world, &object, &bytes, &format!("byte {at}"));
    }
    for length in [
        0,
        1,
        HEADER,
        HEADER + 15,
        HEADER + 16,
        HEADER + CHUNK,
        HEADER + 2 * CHUNK,
        whole.len() - 1,
    ] {
        is_refused(
            &world,
            &object,
            &whole[..length],
            &format!("cut at {length}"),
        );
    }
    let (header, body) = whole.split_at(HEADER);
    let chunks: Vec<&[u8]> = body.chunks(CHUNK).collect();
    let orders: [&[usize]; 6] = [
        &[1, 0, 2],
        &[0, 2],
        &[0, 0, 1, 2],
        &[0, 1, 1, 2],
        &[2],
        &[0, 1, 2, 2],
    ];
    for order in orders {
        let parts = order.iter().map(|chunk| chunks[*chunk]);
        let bytes: Vec<u8> = [header]
            .into_iter()
            .chain(parts)
            .flatten()
            .copied()
            .collect();
        is_refused(&world, &object, &bytes, &format!("chunks {order:?}"));
    }
    let longer = [&whole[..], &[0]].concat();
    is_refused(&world, &object, &longer, "a byte more");
    world.damage(&object, &whole);
    assert!(world.objects.get_blocking(&owner, &object.hash).is_ok());
}

#[test]
fn headers_and_chunks_of_another_object_do_not_fit() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        let put = |bytes: &[u8]| world.objects.put_blocking(&owner, bytes).unwrap();
        let (one, two) = (put(&content(100_000)), put(&[5; 100_000]));
        let (first, second) = (world.stored(&one), world.stored(&two));
        let other_header = [&second[..HEADER], &first[HEADER..]].concat();
        is_refused(&world, &one, &other_header, "the header of another");
        let at = HEADER + CHUNK;
        let other_chunk = [&first[..at], &second[at..]].concat();
        is_refused(&world, &one, &other_chunk, "the last chunk of another");
        is_refused(&world, &one, &second, "another object");
    }
}

#[test]
fn a_wrong_key_is_told_from_damage() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        let object = world.objects.put_blocking(&owner, b"content").unwrap();
        let other = world.again(|settings| settings.seal = Some(seal_key(8)));
        let read = other.get_blocking(&owner, &object.hash);
        assert!(
            matches!(read, Err(ObjectError::WrongKey { .. })),
            "{read:?}"
        );
        let look = other.check_blocking("proj_a", &object, Some(&owner));
        assert!(
            matches!(look, Err(ObjectError::WrongKey { .. })),
            "{look:?}"
        );
        // As after an erasure, which destroys the project's secret: the master alone opens nothing.
        let erased = world
            .objects
            .get_blocking(&project("proj_a", 2), &object.hash);
        assert!(matches!(erased, Err(ObjectError::WrongKey { .. })));
    }
}

#[test]
fn without_a_key_sealed_objects_are_there_and_locked() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        let object = world.objects.put_blocking(&owner, b"content").unwrap();
        let keyless = world.again(|settings| settings.seal = None);
        assert!(keyless.exists("proj_a", &object.hash).unwrap());
        assert_eq!(keyless.list("proj_a").unwrap(), vec![object.clone()]);
        let look = keyless.check_blocking("proj_a", &object, None);
        assert_eq!(look.unwrap(), Condition::Whole);
        let read = keyless.get_blocking(&owner, &object.hash);
        assert!(matches!(read, Err(ObjectError::Locked { .. })), "{read:?}");
        let file = keyless.get_file(&owner, &object.hash);
        assert!(matches!(file, Err(ObjectError::Locked { .. })), "{file:?}");
        assert!(keyless.delete("proj_a", &object.hash).unwrap());
        assert!(!world.objects.exists("proj_a", &object.hash).unwrap());
    }
}

#[test]
fn objects_from_before_the_key_stay_readable() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        // Content that begins as sealed objects do is still just content.
        let tricky = [&b"hnkseal\x01"[..], &content(100_000)].concat();
        let keyless = world.again(|settings| settings.seal = None);
        let object = keyless.put_blocking(&owner, &tricky).unwrap();
        assert_eq!(
            world.objects.get_blocking(&owner, &object.hash).unwrap(),
            tricky
        );
        let file = world.objects.get_file(&owner, &object.hash).unwrap();
        assert_eq!(std::fs::read(file).unwrap(), tricky);
        // Stored again it lies there in both forms, and is one object all the same.
        assert_eq!(world.objects.put_blocking(&owner, &tricky).unwrap(), object);
        assert_eq!(world.all().len(), 2);
        assert_eq!(world.objects.list("proj_a").unwrap(), vec![object.clone()]);
        assert!(world.objects.delete("proj_a", &object.hash).unwrap());
        assert!(world.all().is_empty(), "{}", world.name);
    }
}

#[test]
fn g05_what_an_earlier_key_sealed_stays_readable_under_the_new_one() {
    for world in sealed_worlds() {
        let owner = project("proj_a", 1);
        let object = world.objects.put_blocking(&owner, b"of old").unwrap();
        let changed = world.again(|settings| {
            settings.seal = Some(seal_key(9));
            settings.seal_previous = vec![seal_key(8), seal_key(7)];
        });
        assert_eq!(
            changed.get_blocking(&owner, &object.hash).unwrap(),
            &b"of old"[..]
        );
        let new = changed.put_blocking(&owner, b"of today").unwrap();
        assert_eq!(
            changed.get_blocking(&owner, &new.hash).unwrap(),
            &b"of today"[..]
        );
        // Nothing new is sealed with the old one, and it can be put away with what it sealed.
        let read = world.objects.get_blocking(&owner, &new.hash);
        assert!(
            matches!(read, Err(ObjectError::WrongKey { .. })),
            "{read:?}"
        );
        let forgotten = world.again(|settings| settings.seal = Some(seal_key(9)));
        let read = forgotten.get_blocking(&owner, &object.hash);
        assert!(
            matches!(read, Err(ObjectError::WrongKey { .. })),
            "{read:?}"
        );
    }
}
