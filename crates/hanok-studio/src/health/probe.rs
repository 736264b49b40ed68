//! What the studio stands on, each asked on its own and within a limit.

use std::time::{Duration, Instant};

use hanok_domain::fault::Fault;
use serde_json::{Value, json};

use crate::studio::Studio;

/// One thing that works or not.
#[derive(Debug, Clone)]
pub struct Service {
    /// `database`, `objects`, `queue`, `workers`, `cache`, `audit`.
    pub name: &'static str,
    /// Whether requests can be served without it.
    pub optional: bool,
    /// Whether it does.
    pub up: bool,
    /// How long the answer took.
    pub latency: Duration,
    /// Its version, where it has one of its own.
    pub version: Option<String>,
    /// More, for operators.
    pub detail: Value,
}

impl Studio {
    /// Asks all of them at once. Who does not answer within `patience` is down.
    pub async fn probe(&self, patience: Duration) -> Vec<Service> {
        let (database, objects, queue, workers, cache) = tokio::join!(
            asked("database", patience, self.probe_database()),
            asked("objects", patience, self.probe_objects()),
            asked("queue", patience, self.probe_queue()),
            asked("workers", patience, self.probe_workers()),
            asked("cache", patience, self.probe_cache()),
        );
        let cache = Service {
            optional: true,
            ..cache
        };
        vec![
            database,
            objects,
            queue,
            workers,
            cache,
            self.audit_service(),
        ]
    }

    async fn probe_database(&self) -> Result<Answer, String> {
        if let Some(reason) = self.store().suspect() {
            tracing::warn!(reason, "the database takes no writes until a restart");
            return Err("It takes no writes until a restart; the log says why.".to_owned());
        }
        let version = self.store().read(|tx| async move { tx.version().await });
        let version = version.await.map_err(|e: hanok_store::StoreError| {
            tracing::warn!(error = %e, "the database does not answer");
            "It does not answer; the log says why.".to_owned()
        })?;
        Ok(Answer {
            version: Some(version.server),
            detail: json!({ "migrations": version.migrations }),
        })
    }

    /// The log goes on whatever is wrong with what it was: that is told, and requests are served.
    fn audit_service(&self) -> Service {
        let figures = self.audit_figures();
        Service {
            name: "audit",
            optional: true,
            up: figures.trouble.is_none(),
            latency: Duration::ZERO,
            version: None,
            detail: match figures.trouble {
                None => json!({ "sealed": figures.sealed }),
                Some(trouble) => json!({ "sealed": figures.sealed, "error": trouble }),
            },
        }
    }

    async fn probe_objects(&self) -> Result<Answer, String> {
        let objects = self.objects().clone();
        let room = tokio::task::spawn_blocking(move || objects.room_blocking()).await;
        let free = room
            .map_err(|e| e.to_string())?
            .map_err(|e| Fault::from(e).to_string())?;
        Ok(Answer {
            version: None,
            detail: json!({ "free_bytes": free }),
        })
    }

    async fn probe_cache(&self) -> Result<Answer, String> {
        self.cache().probe().await.map_err(|e| e.to_string())?;
        Ok(Answer {
            version: None,
            detail: json!({ "kind": self.cache().kind() }),
        })
    }

    async fn probe_queue(&self) -> Result<Answer, String> {
        let counts = self
            .job_counts()
            .await
            .map_err(|_| "The database does not answer.".to_owned())?;
        let of = |state: &str| -> i64 {
            let these = counts.iter().filter(|count| count.state == state);
            these.map(|count| count.jobs).sum()
        };
        Ok(Answer {
            version: None,
            detail: json!({ "queued": of("queued"), "running": of("running") }),
        })
    }

    /// Up while one is there to answer requests; those for jobs may all be between two lives.
    async fn probe_workers(&self) -> Result<Answer, String> {
        let here = self.registered_here();
        let of = |role: &str| here.iter().filter(|w| w.role.as_str() == role).count();
        if !self.hosts().any() {
            return Err("No worker is there to answer requests.".to_owned());
        }
        Ok(Answer {
            version: Some(format!("protocol {}", hanok_protocol::VERSION)),
            detail: json!({ "host": of("host"), "jobs": of("jobs") }),
        })
    }
}

/// What one says of itself when it works.
struct Answer {
    version: Option<String>,
    detail: Value,
}

async fn asked(
    name: &'static str,
    patience: Duration,
    question: impl Future<Output = Result<Answer, String>>,
) -> Service {
    let began = Instant::now();
    let answer = tokio::time::timeout(patience, question).await;
    let latency = began.elapsed();
    let (up, version, detail) = match answer {
        Ok(Ok(answer)) => (true, answer.version, answer.detail),
        Ok(Err(reason)) => (false, None, json!({ "error": reason })),
        Err(_) => {
            let text = format!("No answer within {} ms.", patience.as_millis());
            (false, None, json!({ "error": text }))
        }
    };
    Service {
        name,
        optional: false,
        up,
        latency,
        version,
        detail,
    }
}
