//! `/api/v1/jobs`: everything that a worker does for the project, whatever it is about. The events of a
//! job are those of its subject.

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use hanok_domain::fault::Fault;
use hanok_protocol::job::JobSpec;
use hanok_studio::access::Caller;
use hanok_studio::jobs::{JobQuery, JobView, StartJob};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::log::{Log, LogQuery};
use super::page::{self, PageQuery};
use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Create, Query, without_values};
use crate::stream::End;

/// Query of the list.
#[derive(Debug, Deserialize)]
pub struct JobsQuery {
    kind: Option<String>,
    state: Option<String>,
    after: Option<String>,
    limit: Option<u64>,
}

pub(super) async fn list(
    State(app): State<App>,
    Signed(caller): Signed,
    Query(query): Query<JobsQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = PageQuery {
        after: query.after,
        limit: query.limit,
    };
    let wanted = JobQuery {
        kind: query.kind,
        state: query.state,
    };
    page::list(app.studio.jobs(&caller, wanted, page.into()).await?)
}

/// A job with the address where it can be watched.
type Made = (StatusCode, [(HeaderName, String); 1], Json<JobView>);

pub(super) async fn create(
    State(app): State<App>,
    Signed(caller): Signed,
    Create(body, once): Create<Map<String, Value>>,
) -> Result<Made, ApiError> {
    let job = app.studio.start_job(&caller, wanted(body)?, once).await?;
    let place = format!("/api/v1/jobs/{}", job.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(job)))
}

/// What the body asks for: training, unless it says otherwise.
fn wanted(mut body: Map<String, Value>) -> Result<StartJob, Fault> {
    let kind = body
        .entry("kind")
        .or_insert_with(|| JobSpec::KINDS[1].into())
        .clone();
    let known = [JobSpec::KINDS[1], JobSpec::KINDS[2]];
    if !known.iter().any(|known| kind == *known) {
        let text = format!("A job of kind {kind} cannot be started here.");
        return Err(Fault::invalid("invalid_kind", text).field("kind").remedy(
            "Use run.train or eval.run; imports begin with POST /api/v1/datasets or /api/v1/models.",
        ));
    }
    serde_json::from_value(Value::Object(body)).map_err(|error| {
        let why = without_values(&error.to_string());
        Fault::invalid("invalid_body", format!("The body cannot be used: {why}."))
    })
}

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(app.studio.job(&caller, &id).await?))
}

pub(super) async fn cancel(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> Result<Json<JobView>, ApiError> {
    Ok(Json(app.studio.cancel_job(&caller, &id).await?))
}

pub(super) async fn events(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LogQuery>,
) -> Result<Response, ApiError> {
    let log = log_of(app, caller, &id, None).await?;
    Ok(log.answer(&headers, query).await?)
}

/// The lines of the log alone.
pub(super) async fn logs(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LogQuery>,
) -> Result<Response, ApiError> {
    let log = log_of(app, caller, &id, Some("log")).await?;
    Ok(log.answer(&headers, query).await?)
}

pub(super) async fn socket(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let log = log_of(app, caller, &id, None).await?;
    Ok(log.socket(upgrade, &query)?)
}

async fn log_of(
    app: App,
    caller: Caller,
    id: &str,
    kind: Option<&'static str>,
) -> Result<Log, Fault> {
    let job = app.studio.job(&caller, id).await?;
    let end = match job.is_over() {
        true => End::Replayed,
        false => End::WithSubject,
    };
    Ok(Log {
        app,
        caller,
        topic: job.subject,
        kind,
        end,
    })
}
