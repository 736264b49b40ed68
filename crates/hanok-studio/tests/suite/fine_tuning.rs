//! A fine-tuning job from its files to a model that answers, and every way in which it ends early.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::job::JobSpec;
use hanok_protocol::lease::Outcome;
use hanok_studio::PageRequest;
use hanok_studio::fine_tuning::{CreateFineTune, FineTuneView};
use hanok_testkit::on_each_database;
use serde_json::{Value, json};

use crate::world::{World, messages};

fn job(model: &str, file: &str) -> Value {
    json!({ "model": model, "training_file": file })
}

async fn create(world: &World, body: Value) -> Result<FineTuneView, Fault> {
    let create: CreateFineTune = serde_json::from_value(body).unwrap();
    world
        .studio
        .create_fine_tune(&world.caller, create, None)
        .await
}

async fn now(world: &World, id: &str) -> FineTuneView {
    world.studio.fine_tune(&world.caller, id).await.unwrap()
}

#[tokio::test]
async fn files_become_a_run_a_model_and_a_deployment() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let training = world
            .file("train.jsonl", "fine-tune", &messages(30))
            .await
            .unwrap();
        let validation = world
            .file("valid.jsonl", "fine-tune", &messages(12))
            .await
            .unwrap();
        let mut body = job("tiny", &training.id);
        body["validation_file"] = json!(validation.id);
        body["suffix"] = json!("My Bot");
        body["seed"] = json!(7);
        body["method"] = json!({ "type": "supervised", "supervised": { "hyperparameters": {
            "n_epochs": 2, "batch_size": "auto" } } });
        body["hanok"] = json!({ "lora": { "rank": 4 } });
        let made = create(&world, body).await.unwrap();
        assert_eq!(made.status, "validating_files");
        assert_eq!(made.hyperparameters["n_epochs"], 2);
        assert_eq!(made.hyperparameters["batch_size"], "auto");
        for _ in 0..2 {
            assert_eq!(now(&world, &made.id).await.status, "validating_files");
            let import = worker.lease().await.expect("an import");
            worker.finish(&import).await.unwrap();
        }
        assert_eq!(now(&world, &made.id).await.status, "queued");
        let run = worker.lease().await.expect("a training");
        let JobSpec::Train(spec) = &run.spec else {
            panic!("{:?}", run.spec)
        };
        assert_eq!((spec.method.as_str(), spec.held_out), ("lora", 0.0));
        assert_eq!(
            spec.params,
            json!({ "epochs": 2, "seed": 7, "lora": { "rank": 4 } })
        );
        assert_eq!(spec.base.files.len(), 3);
        assert_eq!(spec.validation.as_ref().unwrap().rows, 12);
        worker.checkpoint(&run, 4).await.unwrap();
        worker.checkpoint(&run, 4).await.unwrap();
        worker.finish(&run).await.unwrap();

        let done = now(&world, &made.id).await;
        assert_eq!(
            (done.status.as_str(), done.trained_tokens),
            ("succeeded", Some(1234))
        );
        let name = done.fine_tuned_model.unwrap();
        assert!(name.starts_with("ft:tiny:personal:my-bot:"), "{name}");
        let callable = world.studio.callable_models(&world.caller).await.unwrap();
        let names: Vec<&str> = callable.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, [name.as_str(), "tiny", "hanok-encoder"]);
        let page = PageRequest::first(10);
        let listed = world
            .studio
            .fine_tune_checkpoints(&world.caller, &made.id, page);
        let checkpoints = listed.await.unwrap().items;
        assert_eq!(checkpoints[0].step_number, 4);
        assert_eq!(checkpoints[0].metrics["valid_loss"], 2.25);
        assert_eq!(
            checkpoints[0].fine_tuned_model_checkpoint,
            format!("{name}:ckpt-step-4")
        );
        let evaluation = worker.lease().await.expect("an evaluation");
        let JobSpec::Eval(spec) = &evaluation.spec else {
            panic!("{:?}", evaluation.spec)
        };
        assert!(spec.all_rows && spec.manifest.rows == 12);
        assert_eq!((spec.model.adapter.len(), spec.base.adapter.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_bad_file_fails_the_job_by_row_and_names_the_file() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world.file("bad.jsonl", "fine-tune", "{\n").await.unwrap();
        let made = create(&world, job("tiny", &file.id)).await.unwrap();
        let busy = world.studio.delete_file(&world.caller, &file.id).await;
        assert_eq!(busy.unwrap_err().code, "file_in_use");
        let import = worker.lease().await.unwrap();
        let mut fault = Fault::invalid("malformed_jsonl", "bad.jsonl, row 1: no JSON object.")
            .remedy("Each line must be one JSON object.");
        fault.row = Some(1);
        let failed = Outcome::Failed {
            fault,
            retryable: false,
        };
        worker.end(&import, failed).await.unwrap();
        let job = now(&world, &made.id).await;
        assert_eq!(job.status, "failed");
        assert!(job.finished_at.is_some());
        let error = job.error.unwrap();
        assert_eq!(error["code"], "malformed_jsonl");
        assert_eq!(
            (&error["param"], &error["row"]),
            (&json!("training_file"), &json!(1))
        );
        assert!(error["message"].as_str().unwrap().contains("Each line"));
        assert!(worker.lease().await.is_none());
        assert!(
            world
                .studio
                .delete_file(&world.caller, &file.id)
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn data_of_the_wrong_kind_fails_the_job_after_its_import() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let file = world
            .file("train.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let made = create(&world, job("hanok-encoder", &file.id))
            .await
            .unwrap();
        let import = worker.lease().await.unwrap();
        worker.finish(&import).await.unwrap();
        let error = now(&world, &made.id).await.error.unwrap();
        assert_eq!(error["code"], "wrong_dataset_kind");
        assert_eq!(error["param"], "training_file");
    })
    .await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_in_their_own_words() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("train.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let other = world.file("config.json", "model", "{ }").await.unwrap();
        let with = |change: Value| {
            let mut body = job("tiny", &file.id);
            for (key, value) in change.as_object().unwrap() {
                body[key] = value.clone();
            }
            body
        };
        for (change, field) in [
            (json!({ "model": "gpt-9" }), "model"),
            (json!({ "model": "hanok-decoder" }), "model"),
            (json!({ "training_file": "file-none" }), "training_file"),
            (json!({ "training_file": other.id }), "training_file"),
            (json!({ "validation_file": "file-none" }), "validation_file"),
            (
                json!({ "hyperparameters": { "n_epochs": 0 } }),
                "hyperparameters.n_epochs",
            ),
            (
                json!({ "hyperparameters": { "n_epochs": "many" } }),
                "hyperparameters.n_epochs",
            ),
            (json!({ "hanok": { "method": "head" } }), "hanok.method"),
            (json!({ "hanok": { "colour": 1 } }), "hanok.colour"),
            (
                json!({ "hanok": { "lora": { "rank": 0 } } }),
                "hanok.lora.rank",
            ),
            (json!({ "method": { "type": "dpo" } }), "method.type"),
            (json!({ "suffix": "x".repeat(65) }), "suffix"),
            (json!({ "metadata": { "a": 1 } }), "metadata"),
        ] {
            let refused = create(&world, with(change.clone())).await.unwrap_err();
            assert_eq!(refused.kind, FaultKind::Invalid, "{change}");
            assert_eq!(refused.field.as_deref(), Some(field), "{change}");
        }
        let page = PageRequest::first(10);
        let jobs = world.studio.fine_tunes(&world.caller, page).await.unwrap();
        assert!(jobs.items.is_empty());
        assert!(
            worker.lease().await.is_none(),
            "a refused job left an import"
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_is_cancelled_before_and_after_it_is_a_run() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("train.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let early = create(&world, job("tiny", &file.id)).await.unwrap();
        let cancel = async |id: &str| world.studio.cancel_fine_tune(&world.caller, id).await;
        assert_eq!(cancel(&early.id).await.unwrap().status, "cancelled");
        let import = worker.lease().await.unwrap();
        worker.finish(&import).await.unwrap();
        assert!(worker.lease().await.is_none(), "a cancelled job went on");
        assert_eq!(cancel(&early.id).await.unwrap_err().code, "job_over");

        let late = create(&world, job("tiny", &file.id)).await.unwrap();
        let import = worker.lease().await.unwrap();
        worker.finish(&import).await.unwrap();
        assert_eq!(cancel(&late.id).await.unwrap().status, "cancelled");
        assert!(worker.lease().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn events_page_from_the_newest_to_the_first_word_about_the_files() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("train.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let made = create(&world, job("tiny", &file.id)).await.unwrap();
        worker.finish(&worker.lease().await.unwrap()).await.unwrap();
        let run = worker.lease().await.unwrap();
        let figures = json!({ "step": 1, "total_steps": 2, "loss": 2.5, "accuracy": 0.25 });
        worker.tell(&run, "metric", figures).await.unwrap();
        worker
            .tell(&run, "progress", json!({ "done": 1 }))
            .await
            .unwrap();
        worker.finish(&run).await.unwrap();
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest::new(after, Some(2));
            let events = world.studio.fine_tune_events(&world.caller, &made.id, page);
            let events = events.await.unwrap();
            after = events.last_id.clone();
            found.extend(events.items);
            if !events.has_more {
                break;
            }
        }
        let told: Vec<&str> = found.iter().map(|e| e.message.as_str()).collect();
        let model = now(&world, &made.id).await.fine_tuned_model.unwrap();
        assert_eq!(
            told,
            [
                format!("New fine-tuned model created: {model}").as_str(),
                "Step 1/2: training loss=2.5000",
                "The job is running",
                "The job is queued",
                "Files validated, moving job to queued state",
                format!("Validating training file: {}", file.id).as_str(),
                format!("Created fine-tuning job: {}", made.id).as_str(),
            ]
        );
        assert_eq!(found[1].kind, "metrics");
        assert_eq!(found[1].data["train_loss"], 2.5);
        assert_eq!(found[1].data["train_mean_token_accuracy"], 0.25);
        let page = PageRequest::new(Some("ftevent-run_other-1".into()), None);
        let foreign = world.studio.fine_tune_events(&world.caller, &made.id, page);
        assert_eq!(foreign.await.unwrap_err().kind, FaultKind::NotFound);
    })
    .await;
}
