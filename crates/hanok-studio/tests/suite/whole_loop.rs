//! From an upload to an evaluated model, with everything told on the way.

use hanok_studio::PageRequest;
use hanok_studio::events::Cursor;
use hanok_testkit::on_each_database;

use crate::world::World;

#[tokio::test]
async fn upload_import_train_evaluate() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let (studio, caller) = (&world.studio, &world.caller);

        let dataset = world.dataset(&worker).await;
        assert_eq!(
            (dataset.state.as_str(), dataset.kind.as_str()),
            ("ready", "classification")
        );
        let version = dataset.version.expect("a version");
        assert_eq!((version.rows, version.labels.len()), (30, 2));
        let rows = studio
            .dataset_rows(caller, &dataset.id, 28, 10)
            .await
            .unwrap();
        assert_eq!(rows.rows.len(), 2);
        assert_eq!(rows.rows[0].row, 29);
        assert!(!rows.has_more);

        let run = world.start_run(&dataset.id).await.unwrap();
        assert_eq!(run.state, "queued");
        let training = worker.lease().await.expect("a training");
        assert_eq!(training.subject, run.id);
        assert_eq!(studio.run(caller, &run.id).await.unwrap().state, "running");
        worker.post(&training, "metric").await.unwrap();
        worker.finish(&training).await.unwrap();

        let run = studio.run(caller, &run.id).await.unwrap();
        assert_eq!(run.state, "succeeded");
        let model = run.model.expect("a model");
        assert!(
            model.name.starts_with("ft:hanok-encoder:mood:"),
            "{}",
            model.name
        );
        assert_eq!(
            studio.model(caller, &model.name).await.unwrap().labels,
            ["bad", "good"]
        );

        let evaluation = worker.lease().await.expect("an evaluation");
        worker.finish(&evaluation).await.unwrap();
        let eval = studio.eval(caller, &run.eval_id.unwrap()).await.unwrap();
        assert_eq!(eval.state, "succeeded");
        assert_eq!(eval.report.unwrap()["tuned"]["accuracy"], 1.0);
        assert!(worker.lease().await.is_none(), "nothing is left");
        assert!(!studio.is_busy().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn f06_events_replay_after_a_cursor() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        worker.post(&training, "metric").await.unwrap();
        worker.finish(&training).await.unwrap();

        let topics = [run.id.clone(), dataset.id.clone()];
        let mut cursor = Cursor::new(&topics, None);
        let all = world
            .studio
            .events_after(&world.caller, &cursor, 100)
            .await
            .unwrap();
        let of_run: Vec<(i64, &str)> = all
            .iter()
            .filter(|e| e.topic == run.id)
            .map(|e| (e.seq, e.kind.as_str()))
            .collect();
        assert_eq!(
            of_run,
            [(1, "state"), (2, "state"), (3, "metric"), (4, "state")]
        );

        let seen = all
            .iter()
            .find(|e| e.topic == run.id && e.seq == 2)
            .unwrap();
        cursor.advance(seen);
        let again = Cursor::new(&topics, Some(&cursor.to_string()));
        let rest = world
            .studio
            .events_after(&world.caller, &again, 100)
            .await
            .unwrap();
        assert!(rest.iter().any(|e| e.topic == run.id && e.seq == 3));
        assert!(rest.iter().all(|e| e.topic != run.id || e.seq > 2));
    })
    .await;
}

#[tokio::test]
async fn lists_page_newest_first_and_end() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(world.upload(None).await.unwrap().id);
        }
        made.reverse();
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest::new(after, Some(2));
            let listed = world.studio.datasets(&world.caller, page).await.unwrap();
            found.extend(listed.items.into_iter().map(|d| d.id));
            after = listed.last_id;
            if !listed.has_more {
                break;
            }
        }
        assert_eq!(found, made);
    })
    .await;
}
