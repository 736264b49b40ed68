//! Attempts that end badly: what the person is told, and when it is given up.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::lease::Outcome;
use hanok_testkit::on_each_database;

use crate::world::{World, start};

#[tokio::test]
async fn a_failed_import_keeps_row_field_and_remedy() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let made = world.upload(None).await.unwrap();
        let import = worker.lease().await.unwrap();
        let mut fault =
            Fault::invalid("malformed_csv", "mood.csv, row 7: a quote is never closed.")
                .field("text")
                .remedy("Close it.");
        fault.row = Some(7);
        let failed = Outcome::Failed {
            fault: fault.clone(),
            retryable: false,
        };
        worker.end(&import, failed).await.unwrap();
        let dataset = world.studio.dataset(&world.caller, &made.id).await.unwrap();
        assert_eq!(dataset.state, "failed");
        assert_eq!(dataset.error, Some(fault));
        let refused = world.start_run(&made.id).await.unwrap_err();
        assert_eq!(refused.code, "dataset_not_ready");
    })
    .await;
}

#[tokio::test]
async fn f12_a_run_that_fails_every_time_is_given_up() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let mut attempts = 0;
        while let Some(training) = worker.lease().await {
            attempts += 1;
            let failed = Outcome::Failed {
                fault: Fault::new(FaultKind::Internal, "job_panicked", "It broke."),
                retryable: true,
            };
            worker.end(&training, failed).await.unwrap();
            database.execute("UPDATE jobs SET run_after = 0").await;
        }
        assert_eq!(attempts, 3);
        let run = world.studio.run(&world.caller, &run.id).await.unwrap();
        assert_eq!(run.state, "failed");
        assert_eq!(run.error.unwrap().code, "job_panicked");
    })
    .await;
}

#[tokio::test]
async fn settings_out_of_range_are_refused_by_field() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        for (change, field) in [
            (
                (|s| s.held_out = f64::NAN) as fn(&mut hanok_studio::runs::StartRun),
                "held_out",
            ),
            (|s| s.base_model = "gpt".into(), "base_model"),
            (|s| s.method = "rlhf".into(), "method"),
            (
                |s| drop(s.params.insert("epochs".into(), 0.into())),
                "params.epochs",
            ),
            (|s| s.dataset = "ds_none".into(), "dataset"),
        ] {
            let mut asked = start(&dataset.id);
            change(&mut asked);
            let refused = world.studio.start_run(&world.caller, asked, None).await;
            let refused = refused.unwrap_err();
            assert_eq!(refused.kind, FaultKind::Invalid, "{field}");
            assert_eq!(refused.field.as_deref(), Some(field));
        }
        let runs = world
            .studio
            .runs(&world.caller, Default::default())
            .await
            .unwrap();
        assert!(runs.items.is_empty());
    })
    .await;
}
