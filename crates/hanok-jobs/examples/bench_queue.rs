//! Our side of `cargo xtask bench stores`: `bench_queue JOBS WORKERS`, on the database that `DATABASE_URL`
//! names, which must be empty, or on a SQLite file of its own. Prints one line of JSON.

use std::time::{Duration, Instant};

use hanok_jobs::{ClaimRequest, NewJob, Policy, Queue};
use hanok_store::{Store, StoreConfig};
use hanok_testkit::TestDatabase;
use serde_json::json;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let mut number = || args.next().and_then(|arg| arg.parse::<usize>().ok());
    let (Some(jobs), Some(workers)) = (number(), number()) else {
        panic!("bench_queue JOBS WORKERS");
    };
    let dir = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite://{}", dir.path().join("bench.db").display());
    let url = std::env::var("DATABASE_URL").unwrap_or(file);
    let store = Store::open(&StoreConfig::new(url)).await;
    let store = store.expect("the store opens");
    let (_, project) = TestDatabase::account(&store, "bench").await;
    let queue = Queue::new(Policy {
        grace: Duration::ZERO,
        ..Policy::default()
    });
    let (processor, clock) = (cpu_seconds(), Instant::now());
    at_once(workers, |worker| {
        let (store, queue, project) = (store.clone(), queue.clone(), project.id.clone());
        let share = jobs / workers + usize::from(worker < jobs % workers);
        async move {
            for _ in 0..share {
                let new = job(&project);
                let added = store.write(async |tx| queue.enqueue(&tx, &new).await).await;
                added.expect("enqueues");
            }
        }
    })
    .await;
    let enqueued = clock.elapsed();
    at_once(workers, |worker| {
        drain(store.clone(), queue.clone(), worker)
    })
    .await;
    let all = clock.elapsed();
    let processor = cpu_seconds() - processor;
    let per_s = |count: usize, time: Duration| count as f64 / time.as_secs_f64();
    let line = json!({
        "enqueue_per_s": per_s(jobs, enqueued),
        "complete_per_s": per_s(jobs, all - enqueued),
        "both_per_s": per_s(jobs, all),
        "cpu_ms": processor * 1000.0 / jobs as f64,
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

fn job(project: &str) -> NewJob {
    NewJob {
        project_id: project.to_owned(),
        kind: "run.train".to_owned(),
        executor: "worker".to_owned(),
        payload: json!({ "nothing": "to do" }),
        subject: "run_bench".to_owned(),
        priority: 0,
        max_attempts: 3,
    }
}

/// Claims and completes until nothing is left.
async fn drain(store: Store, queue: Queue, worker: usize) {
    let request = ClaimRequest {
        holder: format!("worker {worker}"),
        executor: "worker".to_owned(),
        kinds: vec!["run.train".to_owned()],
    };
    loop {
        let claimed = store
            .write(async |tx| queue.claim(&tx, &request).await)
            .await;
        let Some(job) = claimed.expect("the claim runs") else {
            return;
        };
        let lease = job.lease().expect("it is held");
        let done = store
            .write(async |tx| queue.complete(&tx, &lease, &json!({ "done": true })).await)
            .await;
        done.expect("completes");
    }
}

async fn at_once<F: Future<Output = ()> + Send + 'static>(count: usize, work: impl Fn(usize) -> F) {
    let tasks: Vec<_> = (0..count).map(|i| tokio::spawn(work(i))).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}

/// Processor time of this process so far.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = after.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}
