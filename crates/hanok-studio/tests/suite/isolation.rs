//! Another project's ids are as absent as none, and nothing happens to what they name.

use hanok_domain::fault::FaultKind;
use hanok_studio::deployments::Deploy;
use hanok_studio::evals::StartEval;
use hanok_testkit::on_each_database;

use crate::world::{World, start};

#[tokio::test]
async fn b02_b03_b04_foreign_ids_are_absent() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        let run = world.start_run(&dataset.id).await.unwrap();
        let training = worker.lease().await.unwrap();
        worker.finish(&training).await.unwrap();
        let run = world.studio.run(&world.caller, &run.id).await.unwrap();
        let (model, eval) = (run.model.unwrap().id, run.eval_id.unwrap());
        let second = world.start_run(&dataset.id).await.unwrap();

        let (studio, stranger) = (&world.studio, &world.stranger().await);
        let absent = [
            studio.dataset(stranger, &dataset.id).await.map(drop),
            studio
                .dataset_rows(stranger, &dataset.id, 0, 1)
                .await
                .map(drop),
            studio.delete_dataset(stranger, &dataset.id).await,
            studio.run(stranger, &run.id).await.map(drop),
            studio.cancel_run(stranger, &second.id).await.map(drop),
            studio.eval(stranger, &eval).await.map(drop),
            studio.model(stranger, &model).await.map(drop),
            studio
                .check_topics(stranger, std::slice::from_ref(&run.id))
                .await,
            studio
                .deploy(
                    stranger,
                    Deploy {
                        model: model.clone(),
                        name: None,
                    },
                    None,
                )
                .await
                .map(drop),
        ];
        for (i, answer) in absent.into_iter().enumerate() {
            assert_eq!(answer.unwrap_err().kind, FaultKind::NotFound, "case {i}");
        }
        let foreign_data = studio.start_run(stranger, start(&dataset.id), None).await;
        assert_eq!(foreign_data.unwrap_err().code, "unknown_dataset");
        let foreign_model = StartEval {
            model,
            dataset: dataset.id.clone(),
            held_out: 0.2,
            all_rows: false,
        };
        assert!(
            studio
                .start_eval(stranger, foreign_model, None)
                .await
                .is_err()
        );

        let untouched = studio.run(&world.caller, &second.id).await.unwrap();
        assert_eq!(untouched.state, "queued");
        assert!(studio.dataset(&world.caller, &dataset.id).await.is_ok());
        assert!(
            studio
                .runs(stranger, Default::default())
                .await
                .unwrap()
                .items
                .is_empty()
        );
    })
    .await;
}
