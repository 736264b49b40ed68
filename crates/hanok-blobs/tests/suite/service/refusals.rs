//! F44: what a person has to mend is said at once, to the point, and without any secret.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hanok_blobs::{ObjectError, S3Settings};
use hanok_domain::fault::{Fault, FaultKind};

use super::{SECRET, SHORT, any, gets, open, open_with, puts};
use crate::fake::{Fake, Reply};
use crate::project;
use crate::worlds::service;

#[test]
fn f44_refusals_are_said_at_once_and_to_the_point() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"content").unwrap();
    for (status, word, said) in [
        (403, "ExpiredToken", "the credential has expired"),
        (400, "ExpiredToken", "the credential has expired"),
        (403, "RequestTimeTooSkewed", "clock"),
        (403, "SignatureDoesNotMatch", "secret key is wrong"),
        (403, "InvalidAccessKeyId", "access key or the secret key"),
        (403, "AccessDenied", "not permitted"),
        (404, "NoSuchBucket", "does not exist"),
        (301, "PermanentRedirect", "another region"),
    ] {
        fake.always(any, Reply::Says(status, word));
        let attempts = [
            objects.get_blocking(&owner, &stored.hash).map(|_| ()),
            objects.put_blocking(&owner, b"other").map(|_| ()),
            objects.list("proj_a").map(|_| ()),
        ];
        for attempt in attempts {
            let error = attempt.unwrap_err();
            assert!(matches!(error, ObjectError::Refused { .. }), "{error}");
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(Fault::from(error).code, "storage_refused");
        }
        let calls = fake.calls(any);
        assert_eq!(calls.len(), 3, "{word}: tried again");
    }
}

#[test]
fn f44_the_health_of_a_bucket_that_is_gone_is_told() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    assert!(objects.room_blocking().is_ok());
    fake.store(|store| store.bucket_is_gone = true);
    let error = objects.room_blocking().unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
    assert_eq!(Fault::from(error).kind, FaultKind::Overloaded);
    let read = objects.get_blocking(&project("proj_a", 1), &"a".repeat(64));
    assert!(matches!(read, Err(ObjectError::Refused { .. })), "{read:?}");
}

#[test]
fn f44_an_answer_without_a_body_is_explained_by_another() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    fake.script(|call| {
        let word = if call.is("HEAD") {
            ""
        } else {
            "RequestTimeTooSkewed"
        };
        Some(Reply::Says(403, word))
    });
    let error = objects.exists("proj_a", &"a".repeat(64)).unwrap_err();
    assert!(error.to_string().contains("clock"), "{error}");
    assert_eq!(fake.calls(any).len(), 2);
    let Err(error) = open_with(|_| {}, &fake) else {
        panic!("the clock is wrong");
    };
    assert!(error.to_string().contains("clock"), "{error}");
}

#[test]
fn f44_a_credential_that_may_only_read_reads() {
    let fake = Fake::start();
    let (folder, objects) = open(&fake);
    let owner = project("proj_a", 1);
    let stored = objects.put_blocking(&owner, b"content").unwrap();
    fake.always(
        |call| !call.is("GET") && !call.is("HEAD"),
        Reply::Says(403, "AccessDenied"),
    );
    let error = objects.put_blocking(&owner, b"other").unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("cannot write an object: the credential is not permitted"),
        "{said}"
    );
    assert!(said.contains("'bucket' at http://"), "{said}");
    assert_eq!(fake.calls(puts).len(), 1);
    assert!(crate::files(&folder.path().join("tmp")).is_empty());
    assert!(objects.get_blocking(&owner, &stored.hash).is_ok());
}

#[test]
fn f44_a_service_without_room_is_full() {
    let fake = Fake::start();
    let (_folder, objects) = open(&fake);
    fake.always(puts, Reply::Says(507, "XMinioStorageFull"));
    let error = objects
        .put_blocking(&project("proj_a", 1), b"content")
        .unwrap_err();
    assert_eq!(Fault::from(error).kind, FaultKind::StorageFull);
    assert_eq!(fake.calls(puts).len(), 1);
}

#[test]
fn f44_a_missing_bucket_is_made_or_it_is_said_why_not() {
    let fake = Fake::start();
    fake.store(|store| store.bucket_is_gone = true);
    fake.always(|call| call.is("PUT"), Reply::Says(403, "AccessDenied"));
    let Err(error) = open_with(|_| {}, &fake) else {
        panic!("there is no bucket");
    };
    let said = error.to_string();
    assert!(
        said.contains("does not exist, and Hanok cannot create it"),
        "{said}"
    );
    fake.script(|_| None);
    let (_folder, objects) = open(&fake);
    assert!(objects.room_blocking().is_ok());
    let made = fake.calls(|call| call.is("PUT") && call.key.is_empty());
    assert_eq!(made.len(), 1);
}

#[test]
fn f44_a_bucket_name_that_cannot_be_asks_nobody() {
    let fake = Fake::start();
    fake.script(|_| None);
    for name in ["", "ab", "Bucket", "a..b", "192.168.0.1", "한옥"] {
        let Err(error) = open_with(|s3| s3.bucket = name.into(), &fake) else {
            panic!("{name} was taken");
        };
        assert!(
            matches!(error, ObjectError::Misconfigured { .. }),
            "{error}"
        );
        assert_eq!(Fault::from(error).kind, FaultKind::Invalid);
    }
    assert!(fake.calls(any).is_empty());
}

#[test]
fn f44_wrong_keys_are_refused_by_a_service_that_checks_them() {
    let Some(right) = service() else {
        return;
    };
    let fake = Fake::start();
    let wrong = |s3: &mut S3Settings| {
        *s3 = S3Settings {
            secret_key: SECRET.into(),
            ..right.clone()
        }
    };
    let Err(error) = open_with(wrong, &fake) else {
        panic!("a wrong key was taken");
    };
    assert!(matches!(error, ObjectError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("secret key"), "{error}");
}

/// Notes whether the secret was ever logged; keeps nothing.
struct Watch;

static LEAKED: AtomicBool = AtomicBool::new(false);
static LOGGED: AtomicUsize = AtomicUsize::new(0);

impl Write for Watch {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.fetch_add(bytes.len(), Ordering::Relaxed);
        if String::from_utf8_lossy(bytes).contains(SECRET) {
            LEAKED.store(true, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn f44_no_secret_is_logged_or_told() {
    let all = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(Mutex::new(Watch))
        .finish();
    let _ = tracing::subscriber::set_global_default(all);
    let fake = Fake::start();
    let (_folder, objects) = open_with(|s3| s3.budget = SHORT, &fake).unwrap();
    let owner = project("proj_a", 1);
    for reply in [
        Reply::Says(403, "SignatureDoesNotMatch"),
        Reply::Says(503, "SlowDown"),
        Reply::Reset,
        Reply::Tells(500, SECRET.into()),
        Reply::Says(400, SECRET),
        Reply::Tells(400, format!("<Error><Message>{SECRET}</Message></Error>")),
    ] {
        fake.always(any, reply);
        let error = objects.put_blocking(&owner, b"content").unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains(SECRET), "{told}");
        let fault = format!("{:?}", Fault::from(error));
        assert!(!fault.contains(SECRET), "{fault}");
    }
    assert!(objects.get_blocking(&owner, &"a".repeat(64)).is_err());
    let requests = fake.calls(gets);
    assert!(!requests.is_empty());
    assert!(
        requests
            .iter()
            .all(|call| !call.headers.contains(&SECRET.to_lowercase()))
    );
    assert!(
        LOGGED.load(Ordering::Relaxed) > 0,
        "nothing was logged at all"
    );
    assert!(!LEAKED.load(Ordering::Relaxed), "the secret was logged");
}
