//! Counts and sums over all projects, jobs found by what they are about, and the database's version.

use hanok_store::rows::jobs::{JobFilter, NewJob};
use hanok_store::{Page, StoreError};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

fn job(project: &str, kind: &str, subject: &str) -> NewJob {
    NewJob {
        project_id: project.to_owned(),
        kind: kind.to_owned(),
        executor: "worker".to_owned(),
        payload: json!({}),
        subject: subject.to_owned(),
        priority: 0,
        max_attempts: 3,
    }
}

#[tokio::test]
async fn jobs_are_counted_over_all_projects_and_found_within_one() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, ann) = TestDatabase::account(&store, "ann").await;
        let (_, bob) = TestDatabase::account(&store, "bob").await;
        let newest = store
            .write(async |tx| {
                let jobs = tx.jobs();
                jobs.insert(&job(&ann.id, "run.train", "run_a")).await?;
                let newest = jobs.insert(&job(&ann.id, "run.train", "run_a")).await?;
                jobs.insert(&job(&ann.id, "eval.run", "eval_a")).await?;
                let other = jobs.insert(&job(&bob.id, "run.train", "run_b")).await?;
                jobs.cancel_queued(&bob.id, &other.id).await?;
                Ok::<_, StoreError>(newest)
            })
            .await
            .unwrap();
        let (counts, trainings, cancelled, about, foreign) = store
            .read(async |tx| {
                let jobs = tx.jobs();
                let (page, kind) = (Page::first(10), Some("run.train".to_owned()));
                let trainings = JobFilter { kind, state: None };
                let cancelled = JobFilter {
                    state: Some("cancelled".to_owned()),
                    ..JobFilter::default()
                };
                Ok::<_, StoreError>((
                    jobs.counts().await?,
                    jobs.list_where(&ann.id, &trainings, &page).await?,
                    jobs.list_where(&ann.id, &cancelled, &page).await?,
                    jobs.about(&ann.id, "run_a").await?,
                    jobs.about(&ann.id, "run_b").await?,
                ))
            })
            .await
            .unwrap();
        let of = |kind: &str, state: &str| {
            let found = counts.iter().find(|c| c.kind == kind && c.state == state);
            found.map_or(0, |count| count.jobs)
        };
        assert_eq!(of("run.train", "queued"), 2);
        assert_eq!(of("run.train", "cancelled"), 1);
        assert_eq!(of("eval.run", "queued"), 1);
        assert_eq!(trainings.len(), 2);
        assert_eq!(cancelled, []);
        assert_eq!(about.map(|job| job.id), Some(newest.id));
        assert_eq!(foreign, None);
    })
    .await;
}

#[tokio::test]
async fn objects_are_summed_and_the_database_tells_its_version() {
    on_all_databases(async |db| {
        let store = db.open().await;
        let (_, ann) = TestDatabase::account(&store, "ann").await;
        let empty = store.read(async |tx| tx.objects().total().await).await;
        assert_eq!(empty.unwrap(), (0, 0));
        let put = store.write(async |tx| {
            tx.objects().put(&ann.id, "aa", 3_000_000_000).await?;
            tx.objects().put(&ann.id, "bb", 3_000_000_000).await
        });
        put.await.unwrap();
        let (total, version) = store
            .read(async |tx| {
                Ok::<_, StoreError>((tx.objects().total().await?, tx.version().await?))
            })
            .await
            .unwrap();
        assert_eq!(total, (2, 6_000_000_000));
        let named = ["SQLite 3.", "PostgreSQL "];
        assert!(
            named.iter().any(|name| version.server.starts_with(name)),
            "{version:?}"
        );
        assert!(version.migrations > 0, "{version:?}");
    })
    .await;
}
