//! The check of an installation, and the collection of what nothing refers to.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hanok_blobs::ProjectKey;
use hanok_store::rows::projects::Project;
use hanok_studio::upkeep::{Fsck, GRACE, Report};
use hanok_testkit::{TestDatabase, on_each_database};

use crate::world::World;

fn how() -> Fsck {
    Fsck {
        fast: false,
        repair: false,
        grace: GRACE,
        alone: true,
    }
}

async fn check(world: &World) -> Report {
    world.studio.fsck(&how()).await.unwrap()
}

fn codes(report: &Report) -> Vec<&str> {
    let codes = report.findings.iter().map(|finding| finding.code.as_str());
    codes.collect()
}

async fn key(world: &World) -> ProjectKey {
    let id = world.caller.project_id.clone();
    let row: Result<Option<Project>, hanok_store::StoreError> = world
        .store
        .read(async |tx| tx.projects().get(&id).await)
        .await;
    let row = row.unwrap().unwrap();
    ProjectKey::from_hex(&row.id, row.object_key.expose()).unwrap()
}

/// An object that no row names, as old as that.
async fn forgotten(world: &World, content: &'static [u8], age: Duration) -> String {
    let (key, objects) = (key(world).await, world.objects());
    let stored = objects
        .put_bytes(&key, Bytes::from_static(content))
        .await
        .unwrap();
    let path = objects.get_path(&key.id, &stored.hash).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
    stored.hash
}

#[tokio::test]
async fn a_sound_installation_is_clean_at_every_stage() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        assert!(check(&world).await.clean);
        let worker = world.worker("w1").await;
        let dataset = world.upload(None).await.unwrap();
        assert_eq!(codes(&check(&world).await), [""; 0]);
        let import = worker.lease().await.unwrap();
        assert_eq!(codes(&check(&world).await), [""; 0]);
        worker.finish(&import).await.unwrap();
        world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        assert_eq!(codes(&check(&world).await), [""; 0]);
        worker.finish(&training).await.unwrap();
        let report = check(&world).await;
        assert_eq!(codes(&report), [""; 0]);
        assert_eq!((report.jobs, report.unreferenced.count), (3, 0));
        assert!(report.objects >= 3 && report.bytes > 0);
    })
    .await;
}

#[tokio::test]
async fn objects_that_are_not_what_their_rows_say_are_found() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let (key, objects) = (key(&world).await, world.objects());
        let mut paths = Vec::new();
        for name in ["gone", "short", "rotten"] {
            world.file(name, "user_data", name).await.unwrap();
            let hash = hanok_blobs::address_of(&key, name.as_bytes());
            paths.push(objects.get_path(&key.id, &hash).unwrap());
        }
        std::fs::remove_file(&paths[0]).unwrap();
        std::fs::write(&paths[1], "shor").unwrap();
        std::fs::write(&paths[2], "rotteN").unwrap();
        let report = check(&world).await;
        let mut found = codes(&report);
        found.sort_unstable();
        assert_eq!(
            found,
            ["object_corrupt", "object_missing", "object_wrong_length"]
        );
        assert!(!report.clean);
        assert!(report.findings[0].message.contains("file-"), "{report:?}");
        let fast = Fsck {
            fast: true,
            ..how()
        };
        let report = world.studio.fsck(&fast).await.unwrap();
        assert_eq!(codes(&report).len(), 2);
        // Storing the same content again is the remedy that the message names.
        for name in ["gone", "short", "rotten"] {
            world.file(name, "user_data", name).await.unwrap();
        }
        assert!(check(&world).await.clean);
    })
    .await;
}

#[tokio::test]
async fn only_old_objects_that_no_row_names_are_collected() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let file = world.file("kept", "user_data", "kept").await.unwrap();
        let young = forgotten(&world, b"young", GRACE - Duration::from_secs(60)).await;
        let old = forgotten(&world, b"old", GRACE + Duration::from_secs(60)).await;
        // What has a row is as old as it likes.
        forgotten(&world, b"kept", GRACE * 2).await;
        let report = check(&world).await;
        assert_eq!(codes(&report), ["object_unreferenced"]);
        assert_eq!(report.findings[0].subject, old);
        assert_eq!((report.unreferenced.count, report.clean), (2, false));
        let collected = world.studio.collect(GRACE).await.unwrap();
        assert_eq!((collected.objects, collected.bytes), (1, 3));
        let project = &world.caller.project_id;
        assert!(world.objects().exists(project, &young).unwrap());
        assert!(!world.objects().exists(project, &old).unwrap());
        world
            .studio
            .file_content(&world.caller, &file.id)
            .await
            .unwrap();
        let report = check(&world).await;
        assert_eq!((report.clean, report.unreferenced.count), (true, 1));
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_stored_again_is_young_again() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let hash = forgotten(&world, b"again", GRACE * 2).await;
        world.file("again", "user_data", "again").await.unwrap();
        let removed = world
            .objects()
            .delete_idle(&world.caller.project_id, &hash, GRACE)
            .unwrap();
        assert!(!removed);
    })
    .await;
}

#[tokio::test]
async fn objects_of_a_project_that_the_database_does_not_know_are_never_removed() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let stranger = ProjectKey {
            id: "proj_unknown".to_owned(),
            key: [1; 32],
        };
        let objects = world.objects();
        let stored = objects.put_blocking(&stranger, b"precious").unwrap();
        let path = objects.get_path(&stranger.id, &stored.hash).unwrap();
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(codes(&check(&world).await), ["project_unknown"]);
        let repair = Fsck {
            repair: true,
            ..how()
        };
        world.studio.fsck(&repair).await.unwrap();
        world.studio.collect(GRACE).await.unwrap();
        assert!(objects.exists(&stranger.id, &stored.hash).unwrap());
    })
    .await;
}

#[tokio::test]
async fn jobs_without_a_live_lease_are_found_and_taken_back() {
    on_each_database(async |database: TestDatabase| {
        let world = World::impatient(&database).await;
        let worker = world.worker("w1").await;
        world.upload(None).await.unwrap();
        let import = worker.lease().await.unwrap();
        assert_eq!(codes(&check(&world).await), ["job_without_lease"]);
        // One that has no lease at all would otherwise run for ever.
        database
            .execute("UPDATE jobs SET lease_until = NULL WHERE state = 'running'")
            .await;
        assert_eq!(codes(&check(&world).await), ["job_without_lease"]);
        let repair = Fsck {
            repair: true,
            ..how()
        };
        let report = world.studio.fsck(&repair).await.unwrap();
        assert_eq!((report.clean, report.findings[0].repaired), (true, true));
        assert_eq!(report.findings[0].subject, import.job);
        assert!(check(&world).await.clean);
    })
    .await;
}

#[tokio::test]
async fn states_that_disagree_with_their_jobs_are_found() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let worker = world.worker("w1").await;
        let dataset = world.dataset(&worker).await;
        world.start_run(&dataset.id).await.unwrap();
        let damages = [
            ("UPDATE runs SET state = 'running'", "state_disagrees"),
            (
                "UPDATE runs SET state = 'queued', job_id = NULL",
                "state_disagrees",
            ),
            (
                "UPDATE runs SET state = 'succeeded', job_id = NULL",
                "run_without_model",
            ),
        ];
        for (damage, code) in damages {
            database.execute(damage).await;
            assert_eq!(codes(&check(&world).await), [code], "{damage}");
        }
        database.execute("UPDATE runs SET state = 'failed'").await;
        assert!(check(&world).await.clean);
        database
            .execute("UPDATE datasets SET state = 'importing'")
            .await;
        assert_eq!(codes(&check(&world).await), ["state_disagrees"]);
        database
            .execute("UPDATE datasets SET state = 'ready'")
            .await;
        database
            .execute("UPDATE dataset_versions SET manifest = '{'")
            .await;
        assert_eq!(codes(&check(&world).await), ["row_damaged"]);
        database.execute("DELETE FROM objects").await;
        let report = check(&world).await;
        assert!(codes(&report).contains(&"object_not_noted"), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn rows_that_wait_for_a_job_which_is_over_are_ended_by_a_repair() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let worker = world.worker("w1").await;
        let dataset = world.dataset(&worker).await;
        world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        worker.finish(&training).await.unwrap();
        for damage in [
            "UPDATE runs SET state = 'queued'",
            "UPDATE datasets SET state = 'importing'",
            "UPDATE models SET state = 'importing'",
        ] {
            database.execute(damage).await;
        }
        let repair = Fsck {
            repair: true,
            ..how()
        };
        let report = world.studio.fsck(&repair).await.unwrap();
        assert_eq!(codes(&report), ["state_disagrees"; 3]);
        assert!(report.clean, "{report:?}");
        assert_eq!(codes(&check(&world).await), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn checkpoints_of_runs_that_are_over_for_long_are_removed() {
    on_each_database(async |database: TestDatabase| {
        let world = World::new(&database).await;
        let worker = world.worker("w1").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let runs = world.data().join("runs");
        let old = SystemTime::now() - Duration::from_secs(8 * 24 * 3600);
        let folder = |name: &str| {
            let place = runs.join(name);
            std::fs::create_dir_all(place.join("job-e1")).unwrap();
            let opened = std::fs::File::open(&place).unwrap();
            opened.set_modified(old).unwrap();
            place
        };
        let (of_run, of_nobody) = (folder(&run.id), folder("run_deleted"));
        let collected = world.studio.collect(GRACE).await.unwrap();
        assert_eq!(collected.checkpoints, 1);
        assert!(
            of_run.exists() && !of_nobody.exists(),
            "the run still waits"
        );
        database
            .execute("UPDATE runs SET state = 'cancelled'")
            .await;
        assert_eq!(world.studio.collect(GRACE).await.unwrap().checkpoints, 0);
        database.execute("UPDATE runs SET updated_at = 1").await;
        assert_eq!(world.studio.collect(GRACE).await.unwrap().checkpoints, 1);
        assert!(!of_run.exists());
    })
    .await;
}
