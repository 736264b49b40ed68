//! Full disks and failing ones: each step of a write fails once, and nothing half-made is left.

use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex};

use hanok_blobs::{Fault, ObjectError, Objects, Settings, Step};

use crate::worlds::worlds;
use crate::{files, fresh, project, with_fault};

/// Fails the first step that matches, then lets everything pass.
fn fail_once(at: fn(Step) -> bool, kind: io::ErrorKind) -> Fault {
    let failed = Mutex::new(false);
    Arc::new(move |step| {
        let mut failed = failed.lock().unwrap();
        if !*failed && at(step) {
            *failed = true;
            return Err(kind.into());
        }
        Ok(())
    })
}

#[test]
fn f14_steps_come_in_the_order_that_survives_a_crash() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let recorder: Fault = Arc::new(move |step| {
        log.lock().unwrap().push(step);
        Ok(())
    });
    let (_folder, objects) = with_fault(Some(recorder));
    let owner = project("proj_a", 1);
    objects.put_blocking(&owner, b"first").unwrap();
    let mut steps = std::mem::take(&mut *seen.lock().unwrap());
    // The two flushes before the rename make the new folders durable in their parents.
    let expected = [
        Step::Create,
        Step::Write(5),
        Step::SyncFile,
        Step::SyncFolder,
        Step::SyncFolder,
        Step::Rename,
        Step::SyncFolder,
    ];
    assert_eq!(steps, expected);
    objects.put_blocking(&owner, b"first").unwrap();
    steps = std::mem::take(&mut *seen.lock().unwrap());
    let again = [
        Step::Create,
        Step::Write(5),
        Step::SyncFile,
        Step::Rename,
        Step::SyncFolder,
    ];
    assert_eq!(steps, again);
}

#[test]
fn a_full_disk_leaves_nothing_and_the_next_write_succeeds() {
    let steps: [fn(Step) -> bool; 4] = [
        |step| step == Step::Create,
        |step| matches!(step, Step::Write(_)),
        |step| step == Step::SyncFile,
        |step| step == Step::Rename,
    ];
    for at in steps {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let (folder, objects) = with_fault(Some(fail_once(at, kind)));
            let owner = project("proj_a", 1);
            let full = objects.put_blocking(&owner, b"content");
            assert!(
                matches!(full, Err(ObjectError::StorageFull { .. })),
                "{full:?}"
            );
            assert!(files(folder.path()).is_empty());
            objects.put_blocking(&owner, b"content").unwrap();
        }
    }
}

/// What is on its way into a bucket lies on the disk first.
#[test]
fn a_full_disk_refuses_wherever_objects_go() {
    let steps: [fn(Step) -> bool; 2] = [
        |step| step == Step::Create,
        |step| matches!(step, Step::Write(_)),
    ];
    for world in worlds() {
        for at in steps {
            let fault = fail_once(at, io::ErrorKind::StorageFull);
            let objects = world.again(|settings| settings.fault = Some(fault));
            let owner = project("proj_a", 1);
            let full = objects.put_blocking(&owner, b"content");
            assert!(
                matches!(full, Err(ObjectError::StorageFull { .. })),
                "{}: {full:?}",
                world.name
            );
            world.assert_empty();
            let stored = objects.put_blocking(&owner, b"content").unwrap();
            assert!(objects.delete("proj_a", &stored.hash).unwrap());
        }
    }
}

#[test]
fn a_failed_flush_is_never_tried_again() {
    let steps: [fn(Step) -> bool; 2] = [
        |step| step == Step::SyncFile,
        |step| step == Step::SyncFolder,
    ];
    for at in steps {
        let (folder, objects) = with_fault(Some(fail_once(at, io::ErrorKind::Other)));
        let owner = project("proj_a", 1);
        let failed = objects.put_blocking(&owner, b"content");
        assert!(matches!(failed, Err(ObjectError::SyncFailed { .. })));
        assert!(objects.is_suspect());
        assert!(files(folder.path()).is_empty());
        // The fault is over, but what the kernel dropped is not known.
        let refused = objects.put_blocking(&owner, b"other content");
        assert!(matches!(refused, Err(ObjectError::SyncFailed { .. })));
        assert!(files(folder.path()).is_empty());
    }
}

#[test]
fn the_reserve_is_kept_free() {
    let folder = tempfile::tempdir().unwrap();
    let (_other, roomy) = fresh();
    roomy
        .put_blocking(&project("proj_a", 1), b"content")
        .unwrap();
    let settings = Settings {
        reserve_bytes: u64::MAX / 2,
        ..Settings::default()
    };
    let objects = Objects::open_with(folder.path(), settings).unwrap();
    let refused = objects.put_blocking(&project("proj_a", 1), b"content");
    let Err(ObjectError::StorageFull { free, reserve, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(free < reserve);
    assert!(files(folder.path()).is_empty());
}

/// The same on a real file system of one megabyte, where the machine lets us mount one.
#[test]
fn a_real_full_disk_is_told_as_such() {
    let Some(mount) = Mount::new("1m") else {
        return;
    };
    let settings = Settings {
        reserve_bytes: 0,
        ..Settings::default()
    };
    let objects = Objects::open_with(mount.0.path(), settings).unwrap();
    let owner = project("proj_a", 1);
    let small = objects.put_blocking(&owner, &[1; 100_000]).unwrap();
    let mut endless = io::Read::take(io::repeat(2), 4 << 20);
    let full = objects.put_reader_blocking(&owner, &mut endless, u64::MAX);
    assert!(
        matches!(full, Err(ObjectError::StorageFull { .. })),
        "{full:?}"
    );
    assert_eq!(objects.list("proj_a").unwrap(), vec![small.clone()]);
    assert_eq!(files(mount.0.path()).len(), 1);
    assert!(objects.get_blocking(&owner, &small.hash).is_ok());
    objects.put_blocking(&owner, &[3; 100_000]).unwrap();
}

struct Mount(tempfile::TempDir);

impl Mount {
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|done| done.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}
