//! Stores that cannot be used: a start that says why and what to do, and leaves everything as it was.

use super::places::{KEY, Settings, bucket, encrypted, told};
use crate::home::Home;

/// A start that must fail; what it said.
fn refused(home: &Home, settings: &Settings) -> String {
    let mut command = home.command(["serve", "--port", "0"]);
    command.envs(told(settings));
    let ended = command.output().expect("the binary");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success(), "it started: {said}");
    for secret in [KEY, "wrong-secret"] {
        assert!(!said.contains(secret), "a secret is shown: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "no {word:?} in: {said}");
    }
}

/// A place with a database of this kind, stopped.
fn begun(settings: &Settings) -> Home {
    let mut home = Home::served_with(&told(settings));
    assert_eq!(home.end_server(libc::SIGTERM), Some(0));
    home
}

#[test]
fn a_wrong_key_a_missing_one_and_one_too_many_are_told_apart() {
    let home = begun(&encrypted());
    let before = std::fs::read(home.data().join("hanok.db")).expect("a database");
    let wrong = vec![("DB_ENCRYPTION_KEY", "ab".repeat(32))];
    says(&refused(&home, &wrong), &["hanok.db", "key"]);
    says(
        &refused(&home, &Vec::new()),
        &["encrypted", "DB_ENCRYPTION_KEY"],
    );
    let after = std::fs::read(home.data().join("hanok.db")).expect("a database");
    assert!(before == after, "the file was changed");
    let mut home = home;
    home.serve(&told(&encrypted()));

    let plain = begun(&Vec::new());
    says(&refused(&plain, &encrypted()), &["not encrypted"]);
    let malformed = vec![("DB_ENCRYPTION_KEY", "too short".to_owned())];
    says(
        &refused(&plain, &malformed),
        &["DB_ENCRYPTION_KEY", "openssl rand -hex 32"],
    );
}

#[test]
fn f26_a_database_server_that_is_not_there_is_waited_for_and_then_told() {
    let home = Home::new();
    let settings = vec![
        (
            "DATABASE_URL",
            "postgres://me:wrong-secret@127.0.0.1:1/h".to_owned(),
        ),
        ("DB_CONNECT_TIMEOUT", "1s".to_owned()),
    ];
    says(&refused(&home, &settings), &["127.0.0.1:1"]);
}

#[test]
fn f44_buckets_that_cannot_be_used_are_told_with_what_to_do() {
    let Some(good) = bucket() else { return };
    let home = Home::new();
    let with = |name: &'static str, value: &str| {
        let mut settings = good.clone();
        settings.retain(|(known, _)| *known != name);
        settings.push((name, value.to_owned()));
        settings
    };
    let said = refused(&home, &with("MINIO_BUCKET", "ab"));
    says(&said, &["ab", "3"]);
    let said = refused(&home, &with("MINIO_PASSWORD", "wrong-secret"));
    says(&said, &["secret key is wrong", "MINIO_PASSWORD"]);
    let said = refused(&home, &with("MINIO_ENDPOINT", "http://127.0.0.1:1"));
    says(&said, &["127.0.0.1:1"]);
    let mut nameless = good.clone();
    nameless.retain(|(name, _)| *name != "MINIO_USER");
    says(&refused(&home, &nameless), &["MINIO_USER"]);
}

#[test]
fn f30_two_servers_that_start_at_once_on_one_database_both_come_up() {
    if std::env::var_os("HANOK_TEST_POSTGRES").is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let body = async |database: hanok_testkit::TestDatabase| {
        if !database.is_postgres() {
            return;
        }
        let settings = vec![("DATABASE_URL", database.url())];
        let both = [settings.clone(), settings];
        let started = both
            .map(|settings| std::thread::spawn(move || drop(Home::served_with(&told(&settings)))));
        for one in started {
            one.join().expect("it came up");
        }
    };
    runtime.block_on(hanok_testkit::on_each_database(body));
}
