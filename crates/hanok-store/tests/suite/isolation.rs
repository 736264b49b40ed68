//! Another project's rows are absent, for every aggregate and every way to them.

use std::time::Duration;

use hanok_domain::state::{DeploymentState, JobState, RunState};
use hanok_store::rows::datasets::{DatasetChange, NewVersion};
use hanok_store::rows::deployments::NewDeployment;
use hanok_store::rows::evals::{EvalChange, NewEval};
use hanok_store::rows::jobs::NewJob;
use hanok_store::rows::keys::NewKey;
use hanok_store::rows::models::NewModel;
use hanok_store::rows::runs::RunChange;
use hanok_store::{Page, Store, StoreError, Tx};
use hanok_testkit::{TestDatabase, on_all_databases};
use serde_json::json;

use crate::support;

/// Ids of one row of each kind.
struct Owned {
    dataset: String,
    version: String,
    run: String,
    model: String,
    eval: String,
    deployment: String,
    key: String,
    job: String,
}

async fn fill(tx: &Tx, user: &str, project: &str) -> Result<Owned, StoreError> {
    let run = support::run(tx, project, "mine").await?;
    let version = run.dataset_version_id.clone();
    let dataset = tx
        .datasets()
        .version(project, &version)
        .await?
        .map(|version| version.dataset_id)
        .unwrap_or_default();
    let new_model = NewModel {
        project_id: project.to_owned(),
        name: "ft:hanok-encoder:mine:aaaa".to_owned(),
        kind: "classifier".to_owned(),
        base_model: "hanok-encoder".to_owned(),
        run_id: Some(run.id.clone()),
        manifest: json!({}),
        ..NewModel::default()
    };
    let model = tx.models().insert(&new_model).await?.id;
    let new_eval = NewEval {
        project_id: project.to_owned(),
        run_id: Some(run.id.clone()),
        model_id: model.clone(),
        base_model: "hanok-encoder".to_owned(),
        dataset_version_id: version.clone(),
    };
    let new_deployment = NewDeployment {
        project_id: project.to_owned(),
        model_id: model.clone(),
        name: "mine".to_owned(),
    };
    Ok(Owned {
        eval: tx.evals().insert(&new_eval).await?.id,
        deployment: tx.deployments().insert(&new_deployment).await?.id,
        key: tx.keys().insert(&new_key(user, project)).await?.id,
        job: tx.jobs().insert(&new_job(project, &run.id)).await?.id,
        run: run.id,
        dataset,
        version,
        model,
    })
}

fn new_key(user: &str, project: &str) -> NewKey {
    NewKey {
        project_id: project.to_owned(),
        user_id: user.to_owned(),
        name: "laptop".to_owned(),
        prefix: "hk_ab".to_owned(),
        hash: format!("hash of {project}"),
        scopes: vec!["infer".to_owned()],
        limits: Default::default(),
        lifetime: Some(Duration::from_secs(60)),
    }
}

fn new_job(project: &str, subject: &str) -> NewJob {
    NewJob {
        project_id: project.to_owned(),
        kind: "run.train".to_owned(),
        executor: "worker".to_owned(),
        payload: json!({}),
        subject: subject.to_owned(),
        priority: 0,
        max_attempts: 3,
    }
}

async fn two_projects(db: &TestDatabase) -> (Store, String, String, Owned) {
    let store = db.open().await;
    let (ann, mine) = TestDatabase::account(&store, "ann").await;
    let (_, other) = TestDatabase::account(&store, "bob").await;
    let owned = store
        .write(async |tx| fill(&tx, &ann.id, &mine.id).await)
        .await
        .expect("fills");
    (store, mine.id, other.id, owned)
}

#[tokio::test]
async fn a_row_is_found_with_its_project_and_absent_with_another() {
    on_all_databases(async |db| {
        let (store, mine, other, owned) = two_projects(&db).await;
        for (project, expected) in [(&mine, true), (&other, false)] {
            let found = store
                .read(async |tx| {
                    Ok::<_, StoreError>([
                        tx.datasets().get(project, &owned.dataset).await?.is_some(),
                        tx.datasets()
                            .version(project, &owned.version)
                            .await?
                            .is_some(),
                        tx.datasets()
                            .latest_version(project, &owned.dataset)
                            .await?
                            .is_some(),
                        tx.runs().get(project, &owned.run).await?.is_some(),
                        tx.models().get(project, &owned.model).await?.is_some(),
                        tx.models()
                            .by_name(project, "ft:hanok-encoder:mine:aaaa")
                            .await?
                            .is_some(),
                        tx.evals().get(project, &owned.eval).await?.is_some(),
                        tx.deployments()
                            .get(project, &owned.deployment)
                            .await?
                            .is_some(),
                        tx.keys().get(project, &owned.key).await?.is_some(),
                        tx.jobs().get(project, &owned.job).await?.is_some(),
                    ])
                })
                .await
                .expect("reads");
            assert_eq!(found, [expected; 10], "{project}");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_hold_the_projects_own_rows_only() {
    on_all_databases(async |db| {
        let (store, mine, other, owned) = two_projects(&db).await;
        let page = Page::first(10);
        store
            .write(async |tx| {
                tx.objects().put(&mine, "abc", 3).await?;
                tx.usage().insert(&support::used(&mine)).await
            })
            .await
            .expect("adds");
        for (project, expected) in [(&mine, 1), (&other, 0)] {
            let counts = store
                .read(async |tx| {
                    Ok::<_, StoreError>([
                        tx.datasets().list(project, &page).await?.len(),
                        tx.datasets().versions(project, &owned.dataset).await?.len(),
                        tx.runs().list(project, &page).await?.len(),
                        tx.models().list(project, &page).await?.len(),
                        tx.evals().list(project, &page).await?.len(),
                        tx.evals().of_run(project, &owned.run).await?.len(),
                        tx.deployments().list(project, &page).await?.len(),
                        tx.deployments()
                            .of_model(project, &owned.model)
                            .await?
                            .len(),
                        tx.keys().list(project, &page).await?.len(),
                        tx.jobs().list(project, &page).await?.len(),
                        tx.usage().list(project, &page).await?.len(),
                        tx.objects().list(project, "", 10).await?.len(),
                        usize::from(tx.objects().get(project, "abc").await?.is_some()),
                        tx.usage().total(project, 0).await?.requests as usize,
                    ])
                })
                .await
                .expect("lists");
            assert_eq!(counts, [expected; 14], "{project}");
        }
    })
    .await;
}

fn is_absent(outcome: Result<(), StoreError>) {
    assert!(
        matches!(outcome, Err(StoreError::Absent { .. })),
        "{outcome:?}"
    );
}

async fn datasets_refuse(tx: &Tx, other: &str, owned: &Owned) {
    let version = NewVersion {
        project_id: other.to_owned(),
        dataset_id: owned.dataset.clone(),
        manifest: json!({}),
        statistics: json!({}),
        rows: 0,
    };
    let change = DatasetChange::default();
    let datasets = tx.datasets();
    is_absent(
        datasets
            .update(other, &owned.dataset, &change)
            .await
            .map(drop),
    );
    is_absent(datasets.delete(other, &owned.dataset).await);
    is_absent(datasets.add_version(&version).await.map(drop));
}

async fn results_refuse(tx: &Tx, other: &str, owned: &Owned) {
    let run = RunChange {
        state: Some(RunState::Cancelled),
        ..Default::default()
    };
    let eval = EvalChange::default();
    is_absent(tx.runs().update(other, &owned.run, &run).await.map(drop));
    is_absent(tx.evals().update(other, &owned.eval, &eval).await.map(drop));
    is_absent(tx.models().delete(other, &owned.model).await);
    let stopped = DeploymentState::Stopped;
    let deployments = tx.deployments();
    let moved = deployments.set_state(other, &owned.deployment, &stopped, None);
    is_absent(moved.await.map(drop));
    is_absent(deployments.delete(other, &owned.deployment).await);
}

#[tokio::test]
async fn another_projects_rows_cannot_be_changed() {
    on_all_databases(async |db| {
        let (store, mine, other, owned) = two_projects(&db).await;
        store
            .write(async |tx| {
                datasets_refuse(&tx, &other, &owned).await;
                results_refuse(&tx, &other, &owned).await;
                assert!(!tx.keys().revoke(&other, &owned.key).await?);
                assert!(!tx.jobs().cancel_queued(&other, &owned.job).await?);
                assert!(!tx.jobs().request_cancel(&other, &owned.job).await?);
                Ok::<_, StoreError>(())
            })
            .await
            .expect("refuses each");
        let job = store
            .read(async |tx| tx.jobs().get(&mine, &owned.job).await)
            .await;
        let job = job.expect("reads").expect("is there");
        assert_eq!(job.state, JobState::Queued);
    })
    .await;
}
