//! What was served so far: requests by method, route and status, how long they took, and what is open.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Method;

use super::text::Text;

/// Upper bounds of the histogram, seconds.
const BOUNDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The counters of one server; cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    began: Instant,
    served: Mutex<BTreeMap<(&'static str, String), Series>>,
    in_flight: AtomicI64,
    streams: AtomicI64,
}

/// One method of one route.
#[derive(Default)]
struct Series {
    statuses: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
    count: u64,
}

/// Something that is open as long as this lives.
pub struct Open(Arc<Inner>, fn(&Inner) -> &AtomicI64);

impl Drop for Open {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Inner {
            began: Instant::now(),
            served: Mutex::default(),
            in_flight: AtomicI64::new(0),
            streams: AtomicI64::new(0),
        }))
    }
}

impl Metrics {
    /// How long this server has run.
    pub fn uptime(&self) -> Duration {
        self.0.began.elapsed()
    }

    /// A request begins.
    pub fn request(&self) -> Open {
        self.open(|inner| &inner.in_flight)
    }

    /// An event stream begins.
    pub fn stream(&self) -> Open {
        self.open(|inner| &inner.streams)
    }

    fn open(&self, of: fn(&Inner) -> &AtomicI64) -> Open {
        of(&self.0).fetch_add(1, Ordering::Relaxed);
        Open(self.0.clone(), of)
    }

    /// A request was answered. `route` is a template; none where no route matched.
    pub fn answered(&self, method: &Method, route: Option<&str>, status: u16, took: Duration) {
        let key = (word(method), route.unwrap_or("none").to_owned());
        let seconds = took.as_secs_f64();
        let mut served = self.0.served.lock().unwrap_or_else(PoisonError::into_inner);
        let series = served.entry(key).or_default();
        *series.statuses.entry(status).or_default() += 1;
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            series.buckets[bucket] += 1;
        }
        series.seconds += seconds;
        series.count += 1;
    }

    /// Writes everything.
    pub fn write(&self, text: &mut Text) {
        let inner = &self.0;
        text.gauge("hanok_uptime_seconds", "How long the server has run.")
            .value(&[], self.uptime().as_secs_f64());
        text.gauge(
            "hanok_http_requests_in_flight",
            "Requests that are being answered.",
        )
        .value(&[], inner.in_flight.load(Ordering::Relaxed) as f64);
        text.gauge(
            "hanok_event_streams_open",
            "Event streams that clients follow.",
        )
        .value(&[], inner.streams.load(Ordering::Relaxed) as f64);
        let served = inner.served.lock().unwrap_or_else(PoisonError::into_inner);
        let mut requests = text.counter(
            "hanok_http_requests_total",
            "Requests by method, route and status.",
        );
        for ((method, route), series) in served.iter() {
            for (status, n) in &series.statuses {
                let status = status.to_string();
                let labels = [("method", *method), ("route", route), ("status", &status)];
                requests.value(&labels, *n as f64);
            }
        }
        let mut times = text.histogram(
            "hanok_http_request_duration_seconds",
            "Time to the head of the answer, by method and route.",
        );
        for ((method, route), series) in served.iter() {
            series.write(&mut times, method, route);
        }
    }
}

impl Series {
    fn write(&self, times: &mut super::text::Family<'_>, method: &str, route: &str) {
        let mut sum = 0;
        for (bound, n) in BOUNDS.iter().zip(self.buckets) {
            sum += n;
            let le = bound.to_string();
            let labels = [("method", method), ("route", route), ("le", &le)];
            times.suffixed("_bucket", &labels, sum as f64);
        }
        let labels = [("method", method), ("route", route), ("le", "+Inf")];
        times.suffixed("_bucket", &labels, self.count as f64);
        let labels = [("method", method), ("route", route)];
        times.suffixed("_sum", &labels, self.seconds);
        times.suffixed("_count", &labels, self.count as f64);
    }
}

/// The method as a label; a client may make up as many as it likes.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
