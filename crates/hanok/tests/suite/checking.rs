//! `hanok fsck` as people run it: stopped, beside a server, on what is damaged or not there.

use std::path::{Path, PathBuf};

use hanok_store::{Store, StoreConfig};
use serde_json::Value;

use crate::example;
use crate::home::Home;

fn imported() -> Home {
    let home = Home::new();
    home.write("own.csv", example::csv(60));
    home.json(["dataset", "import", "own.csv", "--json"]);
    home.assert_no_server_stays();
    home
}

/// Any object of the installation.
fn an_object(home: &Home) -> PathBuf {
    let mut place = home.data().join("objects");
    while place.is_dir() {
        let mut entries = std::fs::read_dir(&place).expect("a folder");
        place = entries.next().expect("an entry").expect("an entry").path();
    }
    place
}

#[test]
fn it_checks_a_stopped_installation_and_asks_a_running_server() {
    let home = imported();
    let stopped = home.json(["fsck", "--json"]);
    assert_eq!(
        (&stopped["clean"], &stopped["jobs"]),
        (&true.into(), &1.into())
    );
    assert!(!home.is_served(), "a check needs no server");
    let text = home.run(["fsck"]).ok();
    assert!(
        text.contains("2 objects") && text.ends_with("clean\n"),
        "{text}"
    );
    let served = Home::served();
    let report = served.json(["fsck", "--json", "--fast"]);
    assert_eq!(report["clean"], true);
    assert!(served.is_served());
}

#[test]
fn what_it_finds_is_told_and_ends_it_with_one() {
    let home = imported();
    let object = an_object(&home);
    let mut bytes = std::fs::read(&object).expect("an object");
    bytes[0] ^= 1;
    std::fs::write(&object, bytes).expect("an object");
    let outcome = home.run(["fsck", "--json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert_eq!(outcome.code, Some(1), "{report}");
    assert_eq!(report["findings"][0]["code"], "object_corrupt");
    let text = home.run(["fsck"]);
    assert_eq!(text.code, Some(1));
    assert!(
        text.stdout.contains("found: object_corrupt"),
        "{}",
        text.stdout
    );
    home.run(["fsck", "--fast"]).ok();
}

#[test]
fn it_makes_nothing_where_nothing_is() {
    let home = Home::new();
    let error = home.run(["fsck", "--json"]).error();
    assert_eq!(error["code"], "no_installation");
    assert!(!home.data().exists());
}

/// What a lost log leaves: a sound file without a row.
fn without_rows(database: &Path) {
    std::fs::remove_file(database).expect("a removal");
    let config = StoreConfig::new(format!("sqlite://{}", database.display()));
    let made = async {
        let store = Store::open(&config).await.expect("it opens");
        store.close().await.expect("it closes");
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(made);
}

#[test]
fn f23_a_database_that_is_gone_is_told_and_never_replaced_by_an_empty_one() {
    let home = imported();
    let database = home.data().join("hanok.db");
    let kept = std::fs::read(&database).expect("a database");
    for damage in ["gone", "empty", "torn", "bare"] {
        match damage {
            "gone" => std::fs::remove_file(&database).expect("a removal"),
            "empty" => std::fs::write(&database, "").expect("a file"),
            "torn" => std::fs::write(&database, &kept[..kept.len() / 2]).expect("a file"),
            _ => without_rows(&database),
        }
        for command in [["fsck", "--json"], ["serve", "--port=0"]] {
            let outcome = home.run(command);
            let said = format!("{}{}", outcome.stdout, outcome.stderr);
            assert_eq!(outcome.code, Some(1), "{damage}: {said}");
            assert!(said.contains("backup"), "{damage}: {said}");
        }
        let length = std::fs::metadata(&database).map_or(0, |found| found.len());
        let made = ["gone", "empty"].contains(&damage) && length > 0;
        assert!(!made, "{damage}: a database was made");
    }
    std::fs::write(&database, kept).expect("a file");
    home.run(["fsck"]).ok();
}
