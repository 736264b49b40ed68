//! `/metrics`: figures for monitoring in Prometheus' text form. Requests are counted at the door, by the
//! template of their route and never by their path, so that the number of series has a bound.

mod process;
mod registry;
mod text;

use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hanok_domain::state::JobState;
use hanok_protocol::job::JobSpec;
use hanok_studio::health::Figures;

use crate::app::App;
use crate::routes::{Policy, Routes};
use text::Text;

pub use registry::{Metrics, Open};

/// What a scrape waits for the database; the figures of the process come in any case.
const PATIENCE: Duration = Duration::from_millis(2000);

/// States that are told also where no job is in them.
const STATES: [JobState; 5] = [
    JobState::Queued,
    JobState::Running,
    JobState::Succeeded,
    JobState::Failed,
    JobState::Cancelled,
];

/// Mounts the endpoints.
pub fn mount(routes: Routes) -> Routes {
    routes
        .programs()
        .uncounted()
        .get("/metrics", Policy::Scrape, scrape)
        .uncounted()
        .get("/api/v1/metrics", Policy::Scrape, scrape)
}

async fn scrape(State(app): State<App>) -> Response {
    let mut text = Text::default();
    text.gauge("hanok_build_info", "The version that runs.")
        .value(&[("version", app.config.version)], 1.0);
    app.metrics.write(&mut text);
    let figures = tokio::time::timeout(PATIENCE, app.studio.figures()).await;
    let figures = figures.ok().and_then(Result::ok);
    let up = if figures.is_some() { 1.0 } else { 0.0 };
    text.gauge(
        "hanok_database_up",
        "Whether the database answered this scrape.",
    )
    .value(&[], up);
    if let Some(figures) = &figures {
        write_figures(&mut text, figures);
    }
    write_stores(&mut text, &app);
    write_limits(&mut text, &app);
    process::write(&mut text);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text.finish()).into_response()
}

fn write_stores(text: &mut Text, app: &App) {
    let cache = app.studio.cache_figures();
    text.counter("hanok_cache_hits_total", "Kept answers that were there.")
        .value(&[], cache.hits as f64);
    text.counter("hanok_cache_misses_total", "Kept answers that were not.")
        .value(&[], cache.misses as f64);
    text.counter(
        "hanok_cache_failures_total",
        "Calls that the cache did not answer.",
    )
    .value(&[], cache.failures as f64);
    let audit = app.studio.audit_figures();
    text.gauge(
        "hanok_audit_sealed_seq",
        "Place of the last sealed row of the audit log.",
    )
    .value(&[], audit.sealed as f64);
    let trouble = f64::from(u8::from(audit.trouble.is_some()));
    text.gauge(
        "hanok_audit_trouble",
        "Whether the audit log is not as it was left, or its head cannot be kept.",
    )
    .value(&[], trouble);
    text.counter(
        "hanok_audit_denials_dropped_total",
        "Denials that were too many to be written.",
    )
    .value(&[], audit.dropped as f64);
    let (bytes, alarms) = app.studio.log_figures();
    text.gauge(
        "hanok_database_log_bytes",
        "SQLite's log that is not folded yet.",
    )
    .value(&[], bytes as f64);
    text.counter(
        "hanok_database_log_alarms_total",
        "Times that it was too long.",
    )
    .value(&[], alarms as f64);
}

fn write_limits(text: &mut Text, app: &App) {
    let mut requests = text.counter(
        "hanok_rate_limit_requests_total",
        "Requests that rate limits counted, by class and outcome.",
    );
    for (class, allowed, refused) in app.gate.counts() {
        for (outcome, count) in [("allowed", allowed), ("refused", refused)] {
            requests.value(&[("class", class), ("outcome", outcome)], count as f64);
        }
    }
    let figures = app.gate.figures();
    text.counter(
        "hanok_rate_limit_fallbacks_total",
        "Requests that this server counted because Redis did not answer.",
    )
    .value(&[], figures.fallbacks as f64);
    if let Some(shared) = figures.shared {
        text.gauge(
            "hanok_rate_limit_shared",
            "Whether servers count together by way of Redis.",
        )
        .value(&[], if shared { 1.0 } else { 0.0 });
    }
}

fn write_figures(text: &mut Text, figures: &Figures) {
    let mut jobs = text.gauge("hanok_jobs", "Jobs by kind and state.");
    for kind in JobSpec::KINDS {
        for state in &STATES {
            let count = figures
                .jobs
                .iter()
                .find(|count| count.kind == kind && count.state == state.as_str());
            let n = count.map_or(0, |count| count.jobs);
            jobs.value(&[("kind", kind), ("state", state.as_str())], n as f64);
        }
    }
    let mut workers = text.gauge(
        "hanok_workers",
        "Workers that gave a sign of life, by role.",
    );
    for role in ["host", "jobs"] {
        for state in ["ready", "silent"] {
            let these = figures.workers.iter();
            let n = these.filter(|w| w.role == role && w.state == state).count();
            workers.value(&[("role", role), ("state", state)], n as f64);
        }
    }
    text.gauge("hanok_objects", "Objects that rows refer to.")
        .value(&[], figures.objects as f64);
    text.gauge("hanok_objects_bytes", "Bytes of those objects.")
        .value(&[], figures.object_bytes as f64);
}
