//! `hanok store …` as people run it: to another database and on from there, encrypted and back, refused
//! beside a server.

use hanok_store::{Store, StoreConfig};
use serde_json::Value;

use crate::example;
use crate::home::Home;
use crate::running::{Outcome, Running};

const KEY: &str = "DB_ENCRYPTION_KEY";

fn imported() -> Home {
    let home = Home::new();
    home.write("own.csv", example::csv(60));
    home.json(["dataset", "import", "own.csv", "--json"]);
    home.assert_no_server_stays();
    home
}

fn run_with(home: &Home, args: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = home.command(args);
    command.envs(variables.iter().copied());
    Running::start(command).finish()
}

#[test]
fn an_installation_goes_on_in_the_database_that_it_was_moved_to() {
    let home = imported();
    let to = format!("sqlite://{}", home.path("moved.db").display());
    let move_it = ["store", "migrate", "--json", "--to", &to];
    let moved = home.json(move_it);
    assert_eq!(moved["settings"]["DATABASE_URL"], to.as_str());
    let tables = moved["rows"]["tables"].as_array().expect("tables");
    assert!(
        tables.iter().all(|table| table["agrees"] == true),
        "{moved}"
    );
    assert!(
        tables
            .iter()
            .any(|table| table["table"] == "datasets" && table["rows"] == 1)
    );
    assert_eq!(home.json(move_it)["rows"]["finished_before"], true);

    let database = [("DATABASE_URL", to.as_str())];
    let checked = run_with(&home, &["fsck", "--json"], &database).document();
    assert_eq!(checked["clean"], true, "{checked}");
    std::fs::remove_file(home.data().join("hanok.db")).expect("a removal");
    let listed = run_with(&home, &["dataset", "list", "--json"], &database).document();
    assert_eq!(listed["data"][0]["name"], "own");
    home.assert_no_server_stays();
}

#[test]
fn it_is_refused_beside_a_server_and_without_an_installation_or_a_target() {
    let served = Home::served();
    let to = format!("sqlite://{}", served.path("moved.db").display());
    let error = served
        .run(["store", "migrate", "--json", "--to", &to])
        .error();
    assert_eq!(error["code"], "data_directory_in_use");
    assert!(!served.path("moved.db").exists());
    let empty = Home::new();
    let error = empty
        .run(["store", "migrate", "--json", "--to", &to])
        .error();
    assert_eq!(error["code"], "no_installation");
    assert!(!empty.data().exists());
    assert_eq!(empty.run(["store", "migrate"]).code, Some(2));
    assert_eq!(
        empty.run(["store", "migrate", "--to", "mysql://x"]).code,
        Some(2)
    );
}

#[tokio::test]
async fn the_file_is_encrypted_given_another_key_and_decrypted() {
    let home = imported();
    let (one, two) = ("1a".repeat(32), "2b".repeat(32));
    assert_eq!(
        home.run(["store", "encrypt"]).code,
        Some(2),
        "without a key"
    );
    run_with(&home, &["store", "encrypt"], &[(KEY, &one)]).ok();
    let again = run_with(&home, &["store", "encrypt"], &[(KEY, &one)]);
    assert!(
        again.stderr.contains("is encrypted already"),
        "{}",
        again.stderr
    );
    let new = home.write("new.key", format!("{two}\n"));
    let rekey = [
        "store",
        "rekey",
        "--new-key-file",
        new.to_str().expect("a path"),
    ];
    run_with(&home, &rekey, &[(KEY, &one)]).ok();
    let mut config = StoreConfig::new(format!(
        "sqlite://{}",
        home.data().join("hanok.db").display()
    ));
    config.key = hanok_store::EncryptionKey::parse(&two).ok();
    let store = Store::open(&config).await.expect("opens with the new key");
    store.close().await.expect("closes");
    let wrong = run_with(&home, &["store", "decrypt"], &[(KEY, &one)]);
    assert!(!wrong.stderr.contains(&one), "{}", wrong.stderr);
    assert_eq!(wrong.code, Some(1));
    let out = run_with(&home, &["store", "decrypt", "--json"], &[(KEY, &two)]).document();
    assert_eq!(out["result"], Value::from("decrypted"));
    assert_eq!(home.json(["fsck", "--json"])["clean"], true);
}
