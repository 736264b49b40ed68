//! Pages of models and the playground as a browser meets them: what is listed, what a form may do, and
//! that a page of ours may ask a model with the session's cookie while another site's may not.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::state::DatasetState;
use hanok_store::StoreError;
use hanok_store::rows::datasets::{DatasetChange, NewDataset};
use serde_json::json;

use crate::pages::Browser;
use crate::stand_in;
use crate::world::{World, request};

#[tokio::test]
async fn models_are_listed_shown_and_deleted() {
    let world = World::new().await;
    let id = stand_in::model(&world, "tiny", "decoder").await;
    let browser = Browser::new(&world).await;
    let list = browser.get("/models").await.text;
    for word in ["tiny", "Language model", "hanok-encoder", "/models/import"] {
        assert!(list.contains(word), "no '{word}' in {list}");
    }
    let page = format!("/models/{id}");
    let shown = browser.get(&page).await.text;
    assert!(
        shown.contains("/playground?model=tiny") && shown.contains("/delete"),
        "{shown}"
    );

    let delete = format!("{page}/delete");
    assert_eq!(
        browser.send(&delete, "csrf=x").await.status,
        StatusCode::FORBIDDEN
    );
    let token = browser.token().await;
    let gone = browser.send(&delete, &format!("csrf={token}")).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    assert_eq!(browser.get(&page).await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/models").await.text.contains(&id));
}

#[tokio::test]
async fn the_playground_offers_what_talks_and_asks_with_the_session() {
    let world = World::new().await;
    stand_in::start(&world).await;
    stand_in::model(&world, "tiny", "decoder").await;
    stand_in::model(&world, "vectors", "encoder").await;
    let browser = Browser::new(&world).await;
    let page = browser.get("/playground?model=tiny").await.text;
    assert!(
        page.contains("value=\"tiny\" data-kind=\"decoder\" selected"),
        "{page}"
    );
    assert!(!page.contains("value=\"vectors\""), "{page}");

    let cookie = format!("hanok_session={}", world.session().await);
    let ask = |origin: &str| {
        let body = json!({ "model": "tiny", "messages": [{ "role": "user", "content": "hi" }] });
        let request = request(Method::POST, "/v1/chat/completions")
            .header("cookie", &cookie)
            .header("origin", origin)
            .header("content-type", "application/json");
        world.call(request.body(Body::from(body.to_string())).unwrap())
    };
    let ours = ask("http://127.0.0.1:8080").await;
    assert_eq!(ours.status, StatusCode::OK, "{}", ours.text);
    let theirs = ask("http://evil.example").await;
    assert_eq!(theirs.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_new_run_offers_what_suits_its_data() {
    let world = World::new().await;
    stand_in::model(&world, "tiny", "decoder").await;
    stand_in::model(&world, "vectors", "encoder").await;
    ready_dataset(&world).await;
    let browser = Browser::new(&world).await;
    let page = browser.get("/runs/new").await.text;
    for value in [
        "head:hanok-encoder",
        "head:vectors",
        "lora:vectors",
        "full:vectors",
    ] {
        assert!(
            page.contains(&format!("value=\"{value}\"")),
            "no {value} in {page}"
        );
    }
    assert!(!page.contains("value=\"lora:tiny\""), "{page}");
    let token = browser.token().await;
    let dataset = page.split("name=\"dataset\" value=\"").nth(1);
    let dataset = dataset.and_then(|rest| rest.split('"').next()).unwrap();
    let form = format!("csrf={token}&dataset={dataset}&held_out=0.2&choice=lora:vectors&rank=0");
    let wrong = browser.send("/runs", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("id=\"rank-error\""), "{}", wrong.text);
    assert!(
        wrong.text.contains("value=\"lora:vectors\" selected"),
        "{}",
        wrong.text
    );
}

async fn ready_dataset(world: &World) {
    let caller = &world.studio.local_caller().await.unwrap();
    let new = &NewDataset {
        project_id: caller.project_id.clone(),
        name: "d".into(),
        kind: "classification".into(),
        source_name: "d.csv".into(),
        source_bytes: 1,
        created_by: caller.user_id.clone(),
    };
    let change = &DatasetChange {
        state: Some(DatasetState::Ready),
        ..DatasetChange::default()
    };
    let ready = world.store.write(|tx| async move {
        let dataset = tx.datasets().insert(new).await?;
        tx.datasets()
            .update(&caller.project_id, &dataset.id, change)
            .await?;
        Ok::<_, StoreError>(())
    });
    ready.await.unwrap();
}
