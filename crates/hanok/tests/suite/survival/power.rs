//! The machine loses its power: nothing that was acknowledged depends on what was not flushed, and what
//! is left after any number of calls is sound.

use std::path::{Path, PathBuf};
use std::process::Command;

use hanok_store::{Store, StoreConfig, StoreError};
use hanok_testkit::on_each_database;
use hanok_testkit::points::{Kind, Replay};
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::enqueue::order;
use super::place::Place;
use super::publish;

/// What was acknowledged, in this order.
struct Made {
    project: String,
    file: String,
    run: String,
    /// Where the worker put its model before it said so.
    head: PathBuf,
}

/// One upload, one run and one model, while every call is recorded.
async fn work(place: &Place, dataset: &str) -> Made {
    let part = Part::bytes(vec![7; 40_000]).file_name("a.bin");
    let form = Form::new().text("purpose", "user_data").part("file", part);
    let request = place.http.post(format!("{}/v1/files", place.base));
    let file = place.send(request.multipart(form)).await.expect("a file");
    let run = place.post("/api/v1/runs", None, &order(dataset, 1)).await;
    let run = run.expect("a run");
    publish::register(place).await;
    let assignment = publish::lease_training(place).await;
    let complete = publish::trained(place, &assignment, 1).await;
    let done = publish::tell(place, "complete", &complete).await;
    assert_eq!((file.0, run.0, done.map(|d| d.0)), (200, 201, Some(204)));
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    Made {
        head: publish::head_of(place, &assignment, 1),
        project: assignment.project.id,
        file: id(&file.1),
        run: id(&run.1),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_nothing_acknowledged_depends_on_what_was_not_flushed() {
    on_each_database(async |database| {
        // PostgreSQL answers for its own files; what is recorded is ours.
        if database.is_postgres() {
            return;
        }
        let mut place = Place::new(&database);
        let dataset = place.dataset();
        place.start_recorded().await;
        let mut replay = Replay::of(&place.home.data());
        place.points.arm(0);
        let made = work(&place, &dataset).await;
        place.points.rest();
        let calls = place.points.recorded();
        replay.keep(&made.head);
        let (mut acknowledged, mut states) = (0, 0);
        for call in &calls {
            replay.apply(call);
            acknowledged += usize::from(call.is_success());
            if call.kind == Kind::Database {
                continue;
            }
            let folder = tempfile::tempdir().expect("a folder");
            let killed = folder.path().join("killed");
            replay.write_killed(&killed);
            assert_sound(&killed, &made, acknowledged).await;
            states += 1;
            if matches!(call.kind, Kind::Sync | Kind::Answer) {
                let cut = folder.path().join("cut");
                replay.write_flushed(&cut);
                assert_sound(&cut, &made, acknowledged).await;
                states += 1;
            }
        }
        let kinds = |kind| calls.iter().filter(|call| call.kind == kind).count();
        assert!(
            kinds(Kind::Sync) >= 4 && kinds(Kind::Rename) >= 1,
            "{calls:?}"
        );
        let text = format!("power: {} calls, {states} states\n", calls.len());
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    })
    .await;
}

/// A directory as a crash left it: the check finds nothing, and what was acknowledged is there.
async fn assert_sound(data: &Path, made: &Made, acknowledged: usize) {
    let mut check = Command::new(env!("CARGO_BIN_EXE_hanok"));
    check.args(["fsck", "--json", "--data"]).arg(data);
    let out = check.env_remove("DATABASE_URL").output().expect("fsck");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let config = StoreConfig::new(format!("sqlite://{}", data.join("hanok.db").display()));
    let store = Store::open(&config).await.expect("the store opens");
    let project = made.project.as_str();
    let seen = store
        .read(async |tx| {
            let file = tx.files().get(project, &made.file).await?;
            let run = tx.runs().get(project, &made.run).await?;
            let published = run.as_ref().is_some_and(|run| run.model_id.is_some());
            Ok::<_, StoreError>([file.is_some(), run.is_some(), published])
        })
        .await
        .expect("rows");
    store.close().await.expect("it closes");
    // Answers in order: file, run, registration, lease, completion.
    for (nth, there) in [(1, seen[0]), (2, seen[1]), (5, seen[2])] {
        assert!(
            there || acknowledged < nth,
            "answer {nth} came too early: {seen:?}"
        );
    }
}
