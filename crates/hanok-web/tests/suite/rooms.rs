//! Rooms that are closed: their routes are not there, for anybody, and nothing leads to them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use hanok_domain::room::Room;
use hanok_web::rooms::Rooms;

use crate::world::{World, concrete, request};

async fn world(open: &[Room]) -> World {
    let open = open.to_vec();
    World::with(|config| config.protection.rooms = Rooms::new(open)).await
}

/// Who is in which room, written by hand.
const PATHS: [(Room, &[&str]); 3] = [
    (
        Room::Finetune,
        &[
            "/datasets",
            "/runs",
            "/api/v1/datasets",
            "/api/v1/runs",
            "/api/v1/evals",
            "/v1/fine_tuning/jobs",
        ],
    ),
    (Room::Hub, &["/models", "/models/import", "/api/v1/models"]),
    (
        Room::Serve,
        &[
            "/playground",
            "/deployments",
            "/api/v1/deployments",
            "/v1/models",
        ],
    ),
];

#[tokio::test]
async fn what_is_in_a_closed_room_is_not_there() {
    for (closed, paths) in PATHS {
        let open: Vec<Room> = Room::ALL.into_iter().filter(|r| *r != closed).collect();
        let world = world(&open).await;
        for (room, here) in PATHS {
            for path in here {
                let answer = world.api(Method::GET, path, None).await;
                if room == closed {
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                    assert_eq!(answer.code(), "room_closed", "{path}");
                } else {
                    assert_eq!(answer.status, StatusCode::OK, "{path}");
                }
            }
        }
        let document = world.api(Method::GET, "/openapi.json", None).await.json();
        let described = document["paths"].as_object().unwrap();
        assert!(!described.is_empty());
        for path in described.keys() {
            assert!(!paths.contains(&path.as_str()), "{path}");
        }
    }
}

#[tokio::test]
async fn the_rail_leads_to_open_rooms_alone() {
    let world = world(&[Room::Finetune]).await;
    let cookie = format!("hanok_session={}", world.session().await);
    let made = request(Method::GET, "/runs").header("cookie", &cookie);
    let page = world.call(made.body(Body::empty()).unwrap()).await.text;
    let rail = page.split("class=\"rail\"").nth(1).unwrap();
    let rail = rail.split("</nav>").next().unwrap();
    for (href, there) in [
        ("\"/\"", true),
        ("\"/runs\"", true),
        ("\"/datasets\"", true),
        ("\"/models\"", false),
        ("\"/deployments\"", false),
        ("\"/playground\"", false),
    ] {
        assert_eq!(rail.contains(href), there, "{href}");
    }
    let made = request(Method::GET, "/playground")
        .header("cookie", &cookie)
        .header("accept", "text/html");
    let page = world.call(made.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.starts_with("<!doctype html>"));
}

#[tokio::test]
async fn without_any_room_the_house_still_stands() {
    let world = world(&[]).await;
    for path in [
        "/health/live",
        "/api/v1/keys",
        "/api/v1/jobs",
        "/v1/files",
        "/",
    ] {
        let answer = world.api(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    for route in &world.routes {
        let answer = Rooms::new(Vec::new()).closed(&concrete(route.path));
        assert_eq!(answer, None, "{}", route.path);
    }
}
