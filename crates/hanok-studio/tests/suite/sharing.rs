//! Sharing: what a project is given is its own; who may not read it, or not write over there, gives nothing.

use hanok_domain::fault::{Fault, FaultKind};
use hanok_domain::role::MemberRole;
use hanok_studio::PageRequest;
use hanok_studio::access::{Caller, Credential};
use hanok_studio::sharing::Share;
use hanok_testkit::on_each_database;
use serde_json::json;

use crate::projects::{account, deeds, inside, member, team};
use crate::world::{World, messages};

fn to(project: &str) -> Share {
    Share {
        project: project.to_owned(),
        name: None,
    }
}

fn called(project: &str, name: &str) -> Share {
    Share {
        name: Some(name.to_owned()),
        ..to(project)
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, Fault>) -> (FaultKind, String) {
    let fault = refused.unwrap_err();
    (fault.kind, fault.code.into_owned())
}

#[tokio::test]
async fn a_copy_of_a_data_set_lives_on_by_itself() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let set = world.dataset(&worker).await;
        let team = team(&world).await;
        let there = inside(&world, &team.id).await;
        let (studio, here) = (&world.studio, &world.caller);
        let shared = studio
            .share_dataset(here, &set.id, &called(&team.id, "given"))
            .await
            .unwrap();
        assert_eq!((shared.name.as_str(), &shared.project), ("given", &team.id));
        let rows = async |caller: &Caller, id: &str| {
            let page = studio.dataset_rows(caller, id, 0, 100).await;
            page.map(|page| format!("{:?}", page.rows))
        };
        let original = rows(here, &set.id).await.unwrap();
        assert!(original.len() > 20, "{original}");
        assert_eq!(rows(&there, &shared.id).await.unwrap(), original);
        // Neither sees the other, and their objects are not the same.
        assert_eq!(code(rows(here, &shared.id).await).0, FaultKind::NotFound);
        assert_eq!(code(rows(&there, &set.id).await).0, FaultKind::NotFound);
        let stored = |project: &str| world.objects().stored(project).unwrap();
        let copies = stored(&team.id);
        assert!(!copies.is_empty());
        let own = stored(&here.project_id);
        assert!(
            copies
                .iter()
                .all(|copy| own.iter().all(|one| one.hash != copy.hash))
        );
        studio.delete_dataset(here, &set.id).await.unwrap();
        assert_eq!(rows(&there, &shared.id).await.unwrap(), original);
        assert!(
            deeds(&world, &here.project_id)
                .await
                .contains(&"dataset.share".to_owned())
        );
        assert!(
            deeds(&world, &team.id)
                .await
                .contains(&"dataset.receive".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn an_adapter_takes_its_base_along_once() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        world.decoder(&worker, "tiny").await;
        let file = world
            .file("chat.jsonl", "fine-tune", &messages(20))
            .await
            .unwrap();
        let create = json!({ "model": "tiny", "training_file": file.id });
        let (studio, here) = (&world.studio, &world.caller);
        let job = studio
            .create_fine_tune(here, serde_json::from_value(create).unwrap(), None)
            .await
            .unwrap();
        for _ in 0..2 {
            worker.finish(&worker.lease().await.unwrap()).await.unwrap();
        }
        let tuned = studio
            .fine_tune(here, &job.id)
            .await
            .unwrap()
            .fine_tuned_model
            .unwrap();
        let team = team(&world).await;
        let there = inside(&world, &team.id).await;
        studio
            .share_model(here, &tuned, &to(&team.id))
            .await
            .unwrap();
        let again = studio.share_model(here, &tuned, &to(&team.id)).await;
        assert_eq!(code(again), (FaultKind::Conflict, "name_taken".to_owned()));
        let second = studio
            .share_model(here, &tuned, &called(&team.id, "second"))
            .await
            .unwrap();
        let models = studio
            .models(&there, PageRequest::first(10))
            .await
            .unwrap()
            .items;
        let mut names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, [tuned.as_str(), "second", "tiny"]);
        let base = models.iter().find(|model| model.name == "tiny").unwrap();
        let second = models.iter().find(|model| model.id == second.id).unwrap();
        assert_eq!(second.base.as_deref(), Some(base.id.as_str()));
        assert_eq!((&second.run_id, second.status.as_str()), (&None, "ready"));
        // Whole: a check of the installation finds every object, and the content is what it was.
        let files = |model: &hanok_studio::models::ModelView| model.files.len();
        assert_eq!(files(base), 3);
        let mut content = studio.model_content(&there, "tiny", None).await.unwrap();
        let mut text = String::new();
        let file = content.files.remove(0);
        let mut reader = content.open(&file).await.unwrap();
        tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut text)
            .await
            .unwrap();
        assert_eq!(text, format!("tiny {}", file.path));
    })
    .await;
}

#[tokio::test]
async fn b02_only_who_reads_here_and_writes_there_shares() {
    on_each_database(|database| async move {
        let world = World::new(&database).await;
        let worker = world.worker("wkr_a").await;
        let set = world.dataset(&worker).await;
        let team = team(&world).await;
        let (studio, here) = (&world.studio, &world.caller);
        let stranger = world.stranger().await;
        let share = async |caller: &Caller, project: &str| {
            let given = studio.share_dataset(caller, &set.id, &to(project)).await;
            code(given).1
        };
        // Another project's data set is not there, whoever asks for it to be given away.
        assert_eq!(share(&stranger, &stranger.project_id).await, "not_found");
        // A project that one is not in is not there either; one's own has it.
        let mine = Caller {
            user_id: account(&world, "bea").await,
            user_role: hanok_domain::role::UserRole::User,
            ..here.clone()
        };
        assert_eq!(share(&mine, &team.id).await, "not_found");
        assert_eq!(share(&mine, "proj_none").await, "not_found");
        assert_eq!(share(here, &here.project_id).await, "same_project");
        let owner = inside(&world, &team.id).await;
        studio
            .add_member(&owner, &team.id, member("bea", "viewer"))
            .await
            .unwrap();
        assert_eq!(share(&mine, &team.id).await, "forbidden");
        let key = Caller {
            credential: Credential::Key { id: "key_x".into() },
            ..here.clone()
        };
        assert_eq!(share(&key, &team.id).await, "forbidden");
        let unknown = Caller {
            project_role: MemberRole::parse("auditor"),
            ..here.clone()
        };
        assert_eq!(share(&unknown, &team.id).await, "forbidden");
        assert!(
            studio
                .datasets(&owner, PageRequest::first(9))
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(
            world
                .objects()
                .stored(&team.id)
                .unwrap_or_default()
                .is_empty()
        );
        // What is damaged is not given away.
        let damaged = world.objects().stored(&here.project_id).unwrap();
        for object in damaged {
            world
                .objects()
                .delete(&here.project_id, &object.hash)
                .unwrap();
        }
        assert!(
            studio
                .share_dataset(here, &set.id, &to(&team.id))
                .await
                .is_err()
        );
        assert!(
            studio
                .datasets(&owner, PageRequest::first(9))
                .await
                .unwrap()
                .items
                .is_empty()
        );
    })
    .await;
}
