//! Models: imported, refused, failed, tuned, in use, deleted; and files beside them.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_protocol::lease::Outcome;
use hanok_studio::deployments::Deploy;
use hanok_studio::models::{ImportFile, ImportModel};
use hanok_studio::{Once, PageRequest};
use hanok_testkit::on_each_database;

use crate::world::{World, messages, start};

#[tokio::test]
async fn an_import_tells_what_the_files_are() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let made = world.import_model("tiny").await.unwrap();
        assert_eq!(
            (made.status.as_str(), made.kind.as_str()),
            ("importing", "unknown")
        );
        let busy = world.studio.delete_model(&world.caller, &made.id).await;
        assert_eq!(busy.unwrap_err().code, "model_in_use");
        let look = worker.lease().await.unwrap();
        worker.finish(&look).await.unwrap();
        let model = world.studio.model(&world.caller, "tiny").await.unwrap();
        assert_eq!(
            (model.status.as_str(), model.kind.as_str()),
            ("ready", "decoder")
        );
        assert_eq!(model.architecture.as_deref(), Some("llama"));
        assert_eq!(
            (model.parameters, model.context_length),
            (Some(260_000), Some(512))
        );
        assert_eq!((model.files.len(), model.format.as_str()), (3, "hf"));
        assert!(model.bytes > 0);
        let again = world.import_model("tiny").await.unwrap_err();
        assert_eq!(again.code, "name_taken");
    })
    .await;
}

#[tokio::test]
async fn a_failed_import_keeps_its_reason_and_nothing_can_be_done_with_it() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.import_model("broken").await.unwrap();
        let look = worker.lease().await.unwrap();
        let fault = Fault::invalid("invalid_model", "model.safetensors: it is cut off.");
        let failed = Outcome::Failed {
            fault: fault.clone(),
            retryable: false,
        };
        worker.end(&look, failed).await.unwrap();
        let model = world.studio.model(&world.caller, "broken").await.unwrap();
        assert_eq!(
            (model.status.as_str(), model.error),
            ("failed", Some(fault))
        );
        let deploy = Deploy {
            model: "broken".into(),
            name: None,
        };
        let refused = world.studio.deploy(&world.caller, deploy, None).await;
        assert_eq!(refused.unwrap_err().code, "model_not_ready");
        let callable = world.studio.callable_models(&world.caller).await.unwrap();
        assert!(callable.iter().all(|m| m.name != "broken"));
        world
            .studio
            .delete_model(&world.caller, "broken")
            .await
            .unwrap();
        world
            .import_model("broken")
            .await
            .expect("the name is free again");
    })
    .await;
}

#[tokio::test]
async fn directories_that_cannot_be_models_are_refused_by_field() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let file = world.file("x", "model", "x").await.unwrap().id;
        let import = |name: &str, paths: &[&str]| ImportModel {
            name: name.into(),
            files: paths
                .iter()
                .map(|path| ImportFile {
                    path: (*path).into(),
                    file_id: file.clone(),
                })
                .collect(),
        };
        let whole = ["config.json", "model.safetensors"];
        let mut absent = import("m", &whole);
        absent.files[1].file_id = "file-none".into();
        for (asked, code, field) in [
            (import("hanok-mine", &whole), "invalid_name", "name"),
            (import("a b", &whole), "invalid_name", "name"),
            (import("", &whole), "invalid_name", "name"),
            (import("m", &[]), "invalid_files", "files"),
            (import("m", &["config.json"]), "missing_file", "files"),
            (import("m", &["model.safetensors"]), "missing_file", "files"),
            (
                import("m", &["config.json", "../x.safetensors"]),
                "invalid_path",
                "files[1].path",
            ),
            (
                import("m", &["config.json", "config.json"]),
                "duplicate_path",
                "files[1].path",
            ),
            (
                import("m", &["config.json", "pytorch_model.bin"]),
                "pickle_refused",
                "files[1].path",
            ),
            (absent, "unknown_file", "files[1].file_id"),
        ] {
            let refused = world.studio.import_model(&world.caller, asked, None).await;
            let refused = refused.unwrap_err();
            assert_eq!(
                (refused.code.as_ref(), refused.field.as_deref()),
                (code, Some(field))
            );
        }
        let page = PageRequest::first(10);
        let models = world.studio.models(&world.caller, page).await.unwrap();
        assert!(models.items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_base_with_an_adapter_and_a_served_model_stay() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("chat.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let create = serde_json::json!({ "model": "tiny", "training_file": file.id });
        let create = serde_json::from_value(create).unwrap();
        let job = world
            .studio
            .create_fine_tune(&world.caller, create, None)
            .await
            .unwrap();
        let delete = async |id: &str| world.studio.delete_model(&world.caller, id).await;
        let reason = async |id: &str| delete(id).await.unwrap_err().message;
        assert!(reason("tiny").await.contains(&job.id));
        for _ in 0..2 {
            worker.finish(&worker.lease().await.unwrap()).await.unwrap();
        }
        let job = world
            .studio
            .fine_tune(&world.caller, &job.id)
            .await
            .unwrap();
        let tuned = job.fine_tuned_model.unwrap();
        assert!(reason("tiny").await.contains("adapter"));
        assert!(reason(&tuned).await.contains("serves it"));
        let page = PageRequest::first(10);
        for deployment in world
            .studio
            .deployments(&world.caller, page)
            .await
            .unwrap()
            .items
        {
            world
                .studio
                .undeploy(&world.caller, &deployment.id)
                .await
                .unwrap();
        }
        delete(&tuned).await.unwrap();
        delete("tiny").await.unwrap();
        assert!(reason("hanok-encoder").await.contains("ships"));
    })
    .await;
}

#[tokio::test]
async fn what_was_tuned_as_a_whole_can_be_tuned_again_and_an_adapter_cannot() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("chat.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        for (method, again) in [("full", Ok(())), ("lora", Err("model_not_tunable"))] {
            let create = serde_json::json!({
                "model": "tiny", "training_file": file.id, "hanok": { "method": method } });
            let create = serde_json::from_value(create).unwrap();
            let job = world
                .studio
                .create_fine_tune(&world.caller, create, None)
                .await
                .unwrap();
            for _ in 0..3 {
                worker.finish(&worker.lease().await.unwrap()).await.unwrap();
            }
            let job = world
                .studio
                .fine_tune(&world.caller, &job.id)
                .await
                .unwrap();
            let name = job.fine_tuned_model.unwrap();
            let create = serde_json::json!({ "model": name, "training_file": file.id });
            let create = serde_json::from_value(create).unwrap();
            let second = world
                .studio
                .create_fine_tune(&world.caller, create, None)
                .await;
            let code = second.map(|_| ()).map_err(|fault| fault.code.to_string());
            assert_eq!(code, again.map_err(str::to_owned), "{method}");
            while let Some(assignment) = worker.lease().await {
                worker.finish(&assignment).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn f03_files_models_and_jobs_are_made_once_and_are_nobody_elses() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let once = || Some(Once::new("k".into(), "POST /x".into(), "h".into()));
        let (studio, caller) = (&world.studio, &world.caller);
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("chat.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let create = serde_json::json!({ "model": "tiny", "training_file": file.id });
        let create = || serde_json::from_value(create.clone()).unwrap();
        let first = studio
            .create_fine_tune(caller, create(), once())
            .await
            .unwrap();
        let second = studio
            .create_fine_tune(caller, create(), once())
            .await
            .unwrap();
        assert_eq!(first.id, second.id);
        assert!(worker.lease().await.is_some() && worker.lease().await.is_none());

        let stranger = &world.stranger().await;
        let page = || PageRequest::first(10);
        let absent = [
            studio.file(stranger, &file.id).await.map(drop),
            studio.file_content(stranger, &file.id).await.map(drop),
            studio.delete_file(stranger, &file.id).await,
            studio.model(stranger, "tiny").await.map(drop),
            studio.delete_model(stranger, "tiny").await.map(drop),
            studio.fine_tune(stranger, &first.id).await.map(drop),
            studio.cancel_fine_tune(stranger, &first.id).await.map(drop),
            studio
                .fine_tune_events(stranger, &first.id, page())
                .await
                .map(drop),
            studio
                .fine_tune_checkpoints(stranger, &first.id, page())
                .await
                .map(drop),
        ];
        for (i, answer) in absent.into_iter().enumerate() {
            assert_eq!(answer.unwrap_err().kind, FaultKind::NotFound, "case {i}");
        }
        let foreign = studio.create_fine_tune(stranger, create(), None).await;
        assert_eq!(foreign.unwrap_err().code, "unknown_base_model");
        assert!(
            studio
                .files(stranger, None, page())
                .await
                .unwrap()
                .items
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_run_on_messages_wants_a_decoder() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let dataset = world.dataset(&worker).await;
        world.decoder(&worker, "tiny").await;
        let mut asked = start(&dataset.id);
        asked.base_model = "tiny".into();
        asked.method = String::new();
        let refused = world
            .studio
            .start_run(&world.caller, asked.clone(), None)
            .await;
        assert_eq!(refused.unwrap_err().code, "wrong_dataset_kind");
        asked.method = "head".into();
        let refused = world.studio.start_run(&world.caller, asked, None).await;
        assert_eq!(refused.unwrap_err().code, "unsupported_method");
    })
    .await;
}
