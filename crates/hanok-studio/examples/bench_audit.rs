//! Our side of `cargo xtask bench audit`: `bench_audit ROWS` fills the audit log of an empty database with so many
//! rows, seals them, looks for some and verifies them all. Prints one line of JSON.

use std::time::Instant;

use hanok_blobs::Objects;
use hanok_cache::Cache;
use hanok_remote::Remote;
use hanok_store::{Store, StoreConfig};
use hanok_studio::access::Caller;
use hanok_studio::accounts::{AccountSettings, Credentials, Pepper};
use hanok_studio::audit::{AuditPart, AuditQuery, HeadKey, Heads};
use hanok_studio::sealing::Secrets;
use hanok_studio::{Studio, StudioParts, Timing};
use hanok_testkit::TestDatabase;
use serde_json::json;

/// Looks of each kind; the middle one counts.
const LOOKS: usize = 15;

#[tokio::main]
async fn main() {
    let rows: u64 = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("bench_audit ROWS");
    let dir = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite://{}", dir.path().join("bench.db").display());
    let url = std::env::var("DATABASE_URL").unwrap_or(file);
    let config = StoreConfig::new(&url);
    let store = Store::open(&config).await.expect("a database");
    let studio = studio(store, dir.path());
    studio.bootstrap().await.expect("an administrator");
    let caller = studio.local_caller().await.expect("an administrator");
    let began = Instant::now();
    let database = TestDatabase::at(config);
    database.execute(&filling(&url, rows)).await;
    if !url.starts_with("sqlite") {
        // PostgreSQL does that by itself after a while; on SQLite nobody does.
        database.execute("ANALYZE").await;
    }
    let filled = began.elapsed().as_secs_f64();

    let began = Instant::now();
    while studio.seal_audit().await.expect("sealed") > 0 {}
    let sealed = began.elapsed().as_secs_f64();
    let bench = Bench { studio, caller };
    let line = json!({
        "rows": rows, "fill_s": filled, "seal_s": sealed,
        "list_ms": bench.look(|_| {}).await,
        "actor_ms": bench.look(|q| q.actor = "user_77".into()).await,
        "action_ms": bench.look(|q| q.action = "run.start".into()).await,
        "denied_ms": bench.look(|q| q.outcome = "denied".into()).await,
        "object_ms": bench.look(|q| q.object = "run_4711".into()).await,
        "text_ms": bench.look(|q| q.text = "run_4711".into()).await,
        "verify_s": bench.verify().await,
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

fn studio(store: Store, data: &std::path::Path) -> Studio {
    let studio = Studio::new(StudioParts {
        store,
        objects: Objects::open(data).expect("a folder"),
        cache: Cache::memory(1 << 20),
        quota: None,
        secrets: Secrets::random().expect("random bytes"),
        remote: Remote::new(hanok_remote::Config::default()).expect("a client"),
        timing: Timing::default(),
        starters: Vec::new(),
        credentials: Credentials::passing().expect("random bytes"),
        accounts: AccountSettings::new(Pepper::new([7; 32], Vec::new())),
    });
    let key = HeadKey::new([7; 32], Vec::new());
    studio.keep_audit_heads(Heads::new(key, data.join("heads.jsonl")));
    studio
}

/// Rows as a studio writes them: a thousand accounts, four actions, one in a hundred denied.
fn filling(url: &str, rows: u64) -> String {
    let (numbers, padded) = match url.starts_with("sqlite") {
        true => (
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
                 SELECT i FROM n) n"
            ),
            "printf('%026d', i)",
        ),
        false => (
            format!("generate_series(1, {rows}) n(i)"),
            "lpad(i::text, 26, '0')",
        ),
    };
    format!(
        "INSERT INTO audit SELECT 'aud_' || {padded}, 1700000000000000 + i, 'proj_' || (i % 300), \
         'session', 'user_' || (i % 1000), 'person ' || (i % 1000), 'sess_' || (i % 5000), \
         CASE i % 4 WHEN 0 THEN 'run.start' WHEN 1 THEN 'file.create' WHEN 2 THEN 'key.use' \
         ELSE 'file.download' END, 'run', 'run_' || (i % 200000), \
         CASE WHEN i % 100 = 0 THEN 'denied' ELSE 'done' END, '203.0.113.' || (i % 250), \
         'Mozilla/5.0 (X11; Linux x86_64)', 'req_' || i, '{{\"name\":\"row ' || i || '\"}}', \
         NULL, NULL FROM {numbers}"
    )
}

struct Bench {
    studio: Studio,
    caller: Caller,
}

impl Bench {
    /// Milliseconds of a page of fifty.
    async fn look(&self, change: impl Fn(&mut AuditQuery)) -> f64 {
        let mut query = AuditQuery::default();
        change(&mut query);
        let part = AuditPart {
            limit: Some(50),
            ..AuditPart::default()
        };
        let mut times = Vec::new();
        for _ in 0..LOOKS {
            let began = Instant::now();
            let page = self.studio.audit_log(&self.caller, &query, &part);
            page.await.expect("a page");
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    async fn verify(&self) -> f64 {
        let told = &mut |_, _| {};
        let report = self.studio.verify_audit(None, told).await;
        let report = report.expect("a report");
        assert!(report.clean, "{report:?}");
        report.seconds
    }
}
