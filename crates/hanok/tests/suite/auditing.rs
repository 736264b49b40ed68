//! `hanok audit` as people run it: beside a server, without one, and on a log that somebody changed.

use std::os::unix::fs::PermissionsExt;

use hanok_testkit::TestDatabase;
use serde_json::Value;

use crate::home::Home;

fn database(home: &Home) -> TestDatabase {
    let url = format!("sqlite://{}", home.data().join("hanok.db").display());
    TestDatabase::at(hanok_store::StoreConfig::new(url))
}

fn keyed() -> Home {
    let home = Home::new();
    for name in ["one", "two", "three"] {
        home.json(["key", "create", "--name", name, "--json"]);
    }
    home.assert_no_server_stays();
    home
}

#[test]
fn f100_the_log_is_listed_exported_and_verified_with_and_without_a_server() {
    let home = keyed();
    let listed = home.json(["audit", "list", "--action", "key.create", "--json"]);
    let rows = listed["data"].as_array().expect("rows");
    assert_eq!(rows.len(), 3, "{listed}");
    assert_eq!(rows[0]["detail"]["name"], "three");
    let text = home.run(["audit", "list", "--text", "THREE"]).ok();
    assert_eq!(text.matches("key.create").count(), 1, "{text}");
    let csv = home.run(["audit", "export", "--format", "csv"]).ok();
    assert!(csv.starts_with("id,at,project,"), "{csv}");
    home.assert_no_server_stays();

    let report = home.json(["audit", "verify", "--json"]);
    assert_eq!(report["clean"], true, "{report}");
    assert_eq!(
        (&report["unsealed"], &report["gaps"]),
        (&0.into(), &0.into())
    );
    assert_eq!(report["kept"], report["head"]);
    assert!(!home.is_served(), "a verification needs no server");
    let file = home.data().join("audit").join("heads.jsonl");
    let mode = std::fs::metadata(file)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let served = Home::served();
    let report = served.json(["audit", "verify", "--json"]);
    assert_eq!(report["clean"], true, "{report}");
    assert!(served.is_served());
}

#[tokio::test(flavor = "multi_thread")]
async fn f100_g03_a_log_that_was_changed_is_told_and_ends_it_with_one() {
    let home = keyed();
    let sql = "UPDATE audit SET detail = '{}' WHERE seq = 2";
    database(&home).execute(sql).await;
    let outcome = home.run(["audit", "verify", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert_eq!(outcome.code, Some(1), "{report}");
    assert_eq!(report["findings"][0]["code"], "altered");
    assert_eq!(report["findings"][0]["seq"], 2);
    let text = home.run(["audit", "verify"]);
    assert!(
        text.stdout.contains("altered row 2 (aud_"),
        "{}",
        text.stdout
    );
    let checked = home.run(["fsck", "--json"]);
    let checked: Value = serde_json::from_str(&checked.stdout).expect("one document");
    assert_eq!(checked["findings"][0]["code"], "audit_altered");
}

#[test]
fn f100_a_database_that_is_behind_the_kept_head_is_told_at_the_start() {
    let home = keyed();
    let copy = home.data().join("hanok.db.copy");
    std::fs::copy(home.data().join("hanok.db"), &copy).expect("copied");
    home.json(["key", "create", "--name", "four", "--json"]);
    home.assert_no_server_stays();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(home.data().join(format!("hanok.db{suffix}")));
    }
    std::fs::rename(&copy, home.data().join("hanok.db")).expect("renamed");
    let outcome = home.run(["audit", "verify", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert_eq!(outcome.code, Some(1), "{report}");
    // It goes on all the same, and says it in its log.
    home.json(["key", "list", "--json"]);
    home.assert_no_server_stays();
    let log = std::fs::read_to_string(home.data().join("logs").join("hanok.log")).expect("a log");
    assert!(log.contains("the audit log is not as it was left"), "{log}");
}
