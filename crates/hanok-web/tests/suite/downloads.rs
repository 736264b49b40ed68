//! A model's files: as one archive that `tar` reads, and one by one.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_blobs::{Objects, ProjectKey};
use hanok_store::StoreError;
use hanok_store::rows::models::NewModel;
use serde_json::json;
use tower::ServiceExt;

use crate::stand_in;
use crate::world::{World, request};

/// A model of these files.
async fn model(world: &World, files: &[(&str, &[u8])]) -> String {
    let caller = &world.studio.local_caller().await.unwrap();
    let id = caller.project_id.as_str();
    let project: Result<_, StoreError> = world
        .store
        .read(|tx| async move { tx.projects().get(id).await })
        .await;
    let project = project.unwrap().unwrap();
    let key = ProjectKey::from_hex(&project.id, project.object_key.expose()).unwrap();
    let objects = Objects::open(world.dir()).unwrap();
    let mut rows = Vec::new();
    for (path, content) in files {
        let stored = objects.put_blocking(&key, content).unwrap();
        rows.push(json!({ "path": path, "hash": stored.hash, "size": stored.size }));
    }
    let new = &NewModel {
        project_id: project.id,
        name: "ft:tiny:mine".into(),
        kind: "decoder".into(),
        format: "hf".into(),
        manifest: json!({}),
        files: json!(rows),
        ..NewModel::default()
    };
    let added: Result<_, StoreError> = world
        .store
        .write(|tx| async move { tx.models().insert(new).await })
        .await;
    added.unwrap().id
}

async fn bytes(world: &World, path: &str) -> (axum::http::HeaderMap, Vec<u8>) {
    let request = request(Method::GET, path)
        .header("authorization", format!("Bearer {}", world.key))
        .body(Body::empty());
    let response = world
        .router
        .clone()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    (parts.headers, bytes.to_vec())
}

#[tokio::test]
async fn a_model_comes_as_an_archive_that_tar_reads() {
    let world = World::new().await;
    let weights: Vec<u8> = (0..1_000_003u32).map(|i| (i % 251) as u8).collect();
    let files: [(&str, &[u8]); 3] = [
        ("config.json", b"{}"),
        ("empty.txt", b""),
        ("parts/model.safetensors", &weights),
    ];
    let id = model(&world, &files).await;
    let (headers, archive) = bytes(&world, &format!("/api/v1/models/{id}/download")).await;
    assert_eq!(headers["content-type"], "application/x-tar");
    assert_eq!(
        headers["content-length"],
        archive.len().to_string().as_str()
    );
    let disposition = headers["content-disposition"].to_str().unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"ft-tiny-mine.tar\"; filename*=UTF-8''ft-tiny-mine.tar"
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("model.tar");
    std::fs::write(&file, &archive).unwrap();
    let tar = std::process::Command::new("tar")
        .arg("-xf")
        .arg(&file)
        .arg("-C")
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(tar.status.success(), "{tar:?}");
    for (path, content) in files {
        assert_eq!(
            std::fs::read(dir.path().join(path)).unwrap(),
            content,
            "{path}"
        );
    }
    let one = format!("/api/v1/models/{id}/download?file=parts/model.safetensors");
    let (headers, content) = bytes(&world, &one).await;
    assert_eq!(content, weights);
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"model.safetensors\"; filename*=UTF-8''model.safetensors"
    );
}

#[tokio::test]
async fn what_cannot_be_downloaded_is_told_before_the_first_byte() {
    let world = World::new().await;
    let id = model(&world, &[("config.json", b"{}")]).await;
    for (path, status) in [
        ("model_none/download".to_owned(), StatusCode::NOT_FOUND),
        (
            format!("{id}/download?file=../hanok.db"),
            StatusCode::NOT_FOUND,
        ),
        (
            format!("{id}/download?file=/etc/passwd"),
            StatusCode::NOT_FOUND,
        ),
    ] {
        let answer = world
            .api(Method::GET, &format!("/api/v1/models/{path}"), None)
            .await;
        assert_eq!(answer.status, status, "{path}");
    }
    let without = stand_in::model(&world, "bare", "decoder").await;
    let path = format!("/api/v1/models/{without}/download");
    let answer = world.api(Method::GET, &path, None).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.code(), "model_not_ready");
}
