//! The lock on a data directory.

use std::os::unix::fs::PermissionsExt;

use hanok_store::lock::{DataDirLock, LockError, ServerAddress, read_address};

fn address() -> ServerAddress {
    ServerAddress {
        public: None,
        url: "http://127.0.0.1:8080".to_owned(),
        token: "local-token".to_owned(),
        pid: 4711,
    }
}

#[test]
fn f30_of_two_servers_the_second_learns_where_the_first_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut first = DataDirLock::acquire(dir.path()).expect("free");
    match DataDirLock::acquire(dir.path()) {
        Err(LockError::Held { held_by, .. }) => assert_eq!(held_by, None),
        other => panic!("expected a refusal, got {other:?}"),
    }
    first.write_address(&address()).expect("written");
    match DataDirLock::acquire(dir.path()) {
        Err(error @ LockError::Held { .. }) => {
            let text = error.to_string();
            assert!(text.contains("4711") && text.contains("8080"), "{text}");
            assert!(!format!("{error:?} {text}").contains("local-token"));
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert_eq!(read_address(dir.path()).expect("read"), Some(address()));
    drop(first);
    assert_eq!(read_address(dir.path()).expect("read"), None);
    DataDirLock::acquire(dir.path()).expect("free again");
}

#[test]
fn what_a_dead_server_left_is_not_believed() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("hanok.lock");
    let left = serde_json::to_vec(&address()).expect("JSON");
    std::fs::write(&file, left).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("set");
    assert_eq!(read_address(dir.path()).expect("read"), None);
    let mut lock = DataDirLock::acquire(dir.path()).expect("free");
    assert_eq!(read_address(dir.path()).expect("read"), None);
    lock.write_address(&address()).expect("written");
    let mode = std::fs::metadata(&file)
        .expect("exists")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_directory_without_a_server_has_no_address() {
    let dir = tempfile::tempdir().expect("a directory");
    assert_eq!(read_address(dir.path()).expect("read"), None);
    assert!(!dir.path().join("hanok.lock").exists());
    let absent = DataDirLock::acquire(&dir.path().join("absent"));
    assert!(matches!(absent, Err(LockError::Io { .. })), "{absent:?}");
}
