//! F40, F41, F43: what may pass is tried again within the budget, and trying again is harmless.

use std::time::Duration;

use hanok_blobs::{ObjectError, S3Settings};
use hanok_domain::fault::{Fault, FaultKind};

use super::{LARGE, SHORT, aborts, any, completes, gets, open, open_with, parts, puts};
use crate::fake::{Call, Fake, Reply};
use crate::worlds::worlds;
use crate::{content, project};

const PASSING: [Reply; 3] = [
    Reply::Says(500, "InternalError"),
    Reply::Says(503, "SlowDown"),
    Reply::Reset,
];

#[test]
fn f40_what_passes_is_tried_again() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    fake.fail(puts, PASSING);
    let stored = objects.put_blocking(&owner, b"content").unwrap();
    assert_eq!(fake.calls(puts).len(), 4);
    fake.fail(gets, PASSING);
    let read = objects.get_blocking(&owner, &stored.hash).unwrap();
    assert_eq!(read, &b"content"[..]);
    assert_eq!(fake.calls(gets).len(), 4);
    fake.fail(any, PASSING);
    assert_eq!(objects.list("proj_a").unwrap(), vec![stored.clone()]);
    fake.fail(any, PASSING);
    assert!(objects.exists("proj_a", &stored.hash).unwrap());
    fake.fail(any, PASSING);
    objects.room_blocking().unwrap();
    fake.fail(|call| call.is("DELETE"), PASSING);
    assert!(objects.delete("proj_a", &stored.hash).unwrap());
    assert!(fake.store(|store| store.objects.is_empty()));
}

#[test]
fn f40_parts_of_an_upload_are_tried_again_one_by_one() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let content = content(LARGE);
    fake.fail(parts, PASSING);
    let stored = objects.put_blocking(&owner, &content).unwrap();
    assert_eq!(fake.calls(parts).len(), 2 + PASSING.len());
    assert!(objects.get_blocking(&owner, &stored.hash).unwrap() == content);
}

#[test]
fn f40_what_does_not_pass_ends_with_the_budget_and_means_503() {
    let replies = [
        Reply::Says(503, "SlowDown"),
        Reply::Reset,
        Reply::Silent,
        Reply::Tells(200, "<Error>".into()),
    ];
    for reply in replies {
        let fake = Fake::start();
        let (folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
        let owner = project("proj_a", 1);
        // The last of them is no answer to this request at all.
        let kind: fn(&Call) -> bool = match reply {
            Reply::Tells(..) => |call| call.is("POST"),
            _ => any,
        };
        fake.always(kind, reply);
        let failed = objects.put_blocking(&owner, &content(LARGE)).unwrap_err();
        assert!(
            matches!(failed, ObjectError::Unavailable { .. }),
            "{failed}"
        );
        let tries = fake.calls(|call| call.is("POST")).len();
        assert!((2..100).contains(&tries), "{tries}");
        assert!(crate::files(&folder.path().join("tmp")).is_empty());
        let fault = Fault::from(failed);
        assert_eq!(fault.kind, FaultKind::Overloaded);
        assert_eq!(fault.code, "storage_unavailable");
        // It works again as soon as the service does, without a restart.
        fake.script(|_| None);
        objects.put_blocking(&owner, b"content").unwrap();
    }
}

#[test]
fn f40_more_patience_outlasts_what_less_does_not() {
    let fake = Fake::start();
    let patience = |budget| {
        move |s3: &mut S3Settings| {
            s3.budget = budget;
            s3.first_pause = Duration::from_millis(100);
        }
    };
    let (_folder, hasty) = open_with(patience(Duration::from_millis(600)), &fake).unwrap();
    let (_other, patient) = open_with(patience(Duration::from_secs(20)), &fake).unwrap();
    let owner = project("proj_a", 1);
    // The pauses between them are 0.75 s together at least.
    let failures = vec![Reply::Says(503, "SlowDown"); 4];
    fake.fail(puts, failures.clone());
    assert!(hasty.put_blocking(&owner, b"content").is_err());
    fake.fail(puts, failures);
    patient.put_blocking(&owner, b"content").unwrap();
}

#[test]
fn f40_nobody_there_is_told_with_the_place() {
    let fake = Fake::start();
    let nobody = |s3: &mut S3Settings| {
        s3.endpoint = "http://127.0.0.1:9".into();
        s3.budget = SHORT;
    };
    let opened = open_with(nobody, &fake);
    let Err(error) = opened else {
        panic!("nobody listens there");
    };
    assert!(matches!(error, ObjectError::Unavailable { .. }), "{error}");
    let said = error.to_string();
    assert!(said.contains("'bucket' at http://127.0.0.1:9"), "{said}");
}

const LATE_ERROR: &str = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>";

#[test]
fn f41_an_error_after_the_200_of_a_completion_is_one() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let content = content(LARGE);
    fake.fail(completes, [Reply::Tells(200, LATE_ERROR.into())]);
    let stored = objects.put_blocking(&owner, &content).unwrap();
    assert_eq!(fake.calls(completes).len(), 2);
    assert!(objects.get_blocking(&owner, &stored.hash).unwrap() == content);
}

#[test]
fn f41_a_completion_that_never_succeeds_leaves_nothing() {
    for word in ["InternalError", "AccessDenied"] {
        let fake = Fake::start();
        let (folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
        let owner = project("proj_a", 1);
        fake.always(completes, Reply::Says(200, word));
        let failed = objects.put_blocking(&owner, &content(LARGE)).unwrap_err();
        assert!(
            matches!(failed, ObjectError::Unavailable { .. }),
            "{failed}"
        );
        assert!(failed.to_string().contains(&format!("status 200 {word}")));
        assert_eq!(fake.calls(aborts).len(), 1);
        assert!(fake.store(|store| store.objects.is_empty() && store.uploads.is_empty()));
        assert!(crate::files(&folder.path().join("tmp")).is_empty());
    }
}

#[test]
fn f43_a_write_whose_answer_is_lost_is_done_once_more() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    fake.fail(puts, [Reply::Lost, Reply::Lost]);
    let small = objects.put_blocking(&owner, b"content").unwrap();
    assert_eq!(fake.calls(puts).len(), 3);
    assert_eq!(fake.store(|store| store.objects.len()), 1);
    assert_eq!(
        objects.get_blocking(&owner, &small.hash).unwrap(),
        &b"content"[..]
    );

    let content = content(LARGE);
    fake.fail(parts, [Reply::Lost]);
    let large = objects.put_blocking(&owner, &content).unwrap();
    assert!(objects.get_blocking(&owner, &large.hash).unwrap() == content);
}

#[test]
fn f43_a_completion_whose_answer_is_lost_has_happened() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let content = content(LARGE);
    fake.fail(completes, [Reply::Lost]);
    let stored = objects.put_blocking(&owner, &content).unwrap();
    // The second completion found no upload any more, and the object in its place.
    assert_eq!(fake.calls(completes).len(), 2);
    assert_eq!(fake.store(|store| store.objects.len()), 1);
    assert!(objects.get_blocking(&owner, &stored.hash).unwrap() == content);
}

#[test]
fn f43_a_service_that_loses_what_it_acknowledged_is_found_out() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    fake.fail(puts, [Reply::Pretends]);
    let stored = objects.put_blocking(&owner, b"content").unwrap();
    assert_eq!(fake.calls(puts).len(), 2);
    assert!(objects.get_blocking(&owner, &stored.hash).is_ok());
    fake.always(puts, Reply::Pretends);
    let failed = objects.put_blocking(&owner, b"other").unwrap_err();
    assert!(failed.to_string().contains("does not have it"), "{failed}");
    fake.always(parts, Reply::Pretends);
    let failed = objects.put_blocking(&owner, &content(LARGE)).unwrap_err();
    assert!(failed.to_string().contains("does not have it"), "{failed}");
}

#[test]
fn f43_storing_again_changes_nothing() {
    for world in worlds() {
        let owner = project("proj_a", 1);
        let first = world.objects.put_blocking(&owner, b"content").unwrap();
        let again = world.objects.put_blocking(&owner, b"content").unwrap();
        assert_eq!(first, again);
        assert_eq!(world.all().len(), 1, "{}", world.name);
    }
}
