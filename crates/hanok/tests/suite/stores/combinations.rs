//! Data in, a run, a model, a restart: on each kind of rows with each kind of objects.

use std::path::Path;

use hanok_testkit::{TestDatabase, on_each_database};

use super::places::{KEY, Settings, bucket, encrypted, sealed, told};
use crate::example;
use crate::home::Home;
use crate::language::Api;

/// Stands in a row of the data and nowhere else.
const MARKER: &str = "zanzibar-lighthouse-4711";

/// All objects there are to combine with.
fn objects() -> Vec<(&'static str, Settings)> {
    let mut all = vec![("disk", Vec::new()), ("disk, sealed", sealed())];
    if let Some(bucket) = bucket() {
        all.push(("bucket", bucket));
    }
    if let Some(bucket) = bucket() {
        all.push(("bucket, sealed", [bucket, sealed()].concat()));
    }
    all
}

/// The main job, then the same installation again.
fn works(name: &str, settings: &Settings) -> Home {
    let mut home = Home::served_with(&told(settings));
    let data = format!("{}{MARKER} arrived,billing\n", example::csv(60));
    home.write("own.csv", data);
    let made = home.json(["dataset", "import", "own.csv", "--json"]);
    let start = ["run", "start", "--dataset", "own", "--watch", "--json"];
    let run = home.json(start);
    assert_eq!(run["state"], "succeeded", "{name}: {run}");
    home.end_server(libc::SIGTERM);
    home.serve(&told(settings));
    let dataset = made["id"].as_str().expect("an id");
    let api = Api::of(&home);
    let rows = api.curl(&format!("/api/v1/datasets/{dataset}/rows?limit=100"), &[]);
    assert!(rows.to_string().contains(MARKER), "{name}: {rows}");
    let report = home.json(["fsck", "--json"]);
    assert_eq!(report["clean"], true, "{name}: {report:#}");
    assert!(report["objects"].as_u64() > Some(2), "{name}: {report:#}");
    home
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).expect("a file");
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_on_every_combination_of_stores() {
    on_each_database(async |database: TestDatabase| {
        for (name, mut settings) in objects() {
            if database.is_postgres() {
                settings.push(("DATABASE_URL", database.url()));
            }
            let work = move || drop(works(name, &settings));
            tokio::task::spawn_blocking(work).await.expect("it works");
            if database.is_postgres() {
                // The next objects are another installation's.
                database.empty().await;
            }
        }
    })
    .await;
}

#[test]
fn an_encrypted_installation_shows_no_row_in_any_file_of_its_database() {
    let settings = [encrypted(), sealed()].concat();
    let mut home = works("encrypted", &settings);
    let user = "local-admin-marker";
    home.json(["key", "create", "--name", user, "--json"]);
    let looked_at = |home: &Home| {
        let entries = std::fs::read_dir(home.data()).expect("a folder").flatten();
        let files = entries.map(|entry| entry.path());
        let rows: Vec<_> = files
            .filter(|path| path.display().to_string().contains("hanok.db"))
            .collect();
        assert!(!rows.is_empty());
        for file in rows.iter().filter(|file| file.is_file()) {
            for text in [MARKER, user, "SQLite format 3", "own.csv"] {
                assert!(!holds(file, text), "{text} in {}", file.display());
            }
        }
    };
    looked_at(&home);
    home.end_server(libc::SIGTERM);
    looked_at(&home);
    let objects = walk(&home.data().join("objects"));
    assert!(objects.len() > 2);
    for object in objects {
        assert!(!holds(&object, MARKER), "{}", object.display());
    }
    // The key is nowhere in the directory either.
    for file in walk(&home.data()) {
        assert!(!holds(&file, KEY), "the key in {}", file.display());
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => walk(&path),
            path if path.is_file() => vec![path],
            _ => Vec::new(),
        })
        .collect()
}
