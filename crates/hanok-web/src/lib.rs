//! HTTP: the router (default-deny), the OpenAI and studio surfaces, the worker surface, the pages.
//! Handlers call `hanok-studio`; this crate knows no SQL.

pub mod access;
mod answer;
mod api;
pub mod app;
pub mod attach;
pub mod csv;
mod door;
pub mod error;
mod extract;
pub mod gate;
mod health;
mod json;
pub mod metrics;
pub mod openai;
pub mod openapi;
mod packed;
pub mod redirect;
pub mod rooms;
pub mod routes;
pub mod server;
mod stream;
pub mod tls;
mod ui;
mod worker_api;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;

use app::App;
use routes::{Route, Routes};

/// Builds the router of a whole server, and the table of its routes.
pub fn router(app: App) -> (Router, Vec<Route>) {
    let routes = Routes::new(app.clone());
    let mut routes = health::mount(routes);
    if app.config.metrics {
        routes = metrics::mount(routes);
    }
    if app.config.docs {
        routes = openapi::mount(routes);
    }
    let routes = openai::mount(routes);
    let routes = api::mount(routes);
    let routes = worker_api::mount(routes);
    let routes = ui::routes::mount(routes);
    let (router, table) = routes.finish();
    app.document.write(&table, app.config.version);
    (around(router, app), table)
}

/// What every request passes before its route, the last one first.
fn around(router: Router<App>, app: App) -> Router {
    router
        .fallback(door::nowhere)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            ui::layer::people,
        ))
        .layer(DefaultBodyLimit::max(app.config.max_request))
        .layer(packed::layer())
        .layer(middleware::from_fn_with_state(
            app.clone(),
            access::cors::cors,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            access::transport::check_transport,
        ))
        .layer(middleware::from_fn(access::credential::refuse_in_query))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            access::host::check_host,
        ))
        .layer(middleware::from_fn(door::well_formed))
        .layer(CatchPanicLayer::custom(door::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), door::door))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            access::client::resolved,
        ))
        .with_state(app)
}
