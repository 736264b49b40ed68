//! Runs that lose their worker, their server or their time, and go on: to the same bits.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::Home;
use crate::language::Api;

/// Short leases, so that silence is noticed soon.
const HASTY: [(&str, &str); 2] = [("WORKER_LEASE", "2s"), ("WORKER_POOL_SIZE", "1")];
/// Longest that a run may take, with all that is done to it.
const LIMIT: Duration = Duration::from_secs(120);
/// Steps of a run.
const STEPS: usize = 60;

/// Conversations of our own making.
fn chats() -> String {
    let line = |i: usize| {
        let question = format!("order {} of {} came late", 100 + i * 7 % 83, i % 11);
        let answer = format!("[late] order {}", 100 + i * 7 % 83);
        json!({ "messages": [
            { "role": "user", "content": question },
            { "role": "assistant", "content": answer },
        ] })
    };
    let lines: Vec<String> = (0..120).map(|i| line(i).to_string()).collect();
    lines.join("\n")
}

/// A place with the data set imported.
struct Bench {
    home: Home,
    dataset: String,
}

impl Bench {
    fn new(settings: &[(&str, &str)]) -> Self {
        let home = Home::served_with(settings);
        home.write("chats.jsonl", chats());
        let made = home.json(["dataset", "import", "chats.jsonl", "--json"]);
        let dataset = made["id"].as_str().expect("an id").to_owned();
        Self { home, dataset }
    }

    fn start(&self, params: Value) -> String {
        let order = json!({
            "dataset": self.dataset,
            "base_model": "hanok-decoder",
            "method": "lora",
            "params": params,
        });
        let made = Api::of(&self.home).post("/api/v1/runs", &order);
        made["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    }

    /// The usual run: long enough to be disturbed.
    fn usual(&self) -> String {
        self.start(json!({
            "max_steps": STEPS, "epochs": 20, "batch_size": 8, "checkpoint_steps": 1, "seed": 5,
        }))
    }

    fn run(&self, id: &str) -> Value {
        Api::of(&self.home).curl(&format!("/api/v1/runs/{id}"), &[])
    }

    fn events(&self, id: &str, kind: &str) -> Vec<Value> {
        let api = Api::of(&self.home);
        let accept = ["-H", "Accept: application/json"];
        let path = format!("/api/v1/runs/{id}/events?limit=1000");
        let page = api.curl(&path, &accept);
        let all = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
        all.iter()
            .filter(|event| event["kind"] == kind)
            .cloned()
            .collect()
    }

    /// Waits until the run is in this state.
    fn until(&self, id: &str, state: &str) -> Value {
        let begun = Instant::now();
        loop {
            let run = self.run(id);
            if run["state"] == state {
                return run;
            }
            let over = ["failed", "succeeded"]
                .iter()
                .any(|end| run["state"] == *end);
            let late = begun.elapsed() > LIMIT;
            assert!(!over && !late, "{run}\n{}", self.home.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the run has taken a step and saved it.
    fn until_saved(&self, id: &str) {
        let begun = Instant::now();
        while self.events(id, "saved").is_empty() {
            assert!(begun.elapsed() < LIMIT, "{}", self.home.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The addresses of the tuned model's files: those of equal bytes are equal.
    fn weights(&self, run: &Value) -> Vec<String> {
        let id = run["model"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{run}"));
        let model = Api::of(&self.home).curl(&format!("/api/v1/models/{id}"), &[]);
        let files = model["files"]
            .as_array()
            .unwrap_or_else(|| panic!("{model}"));
        files.iter().map(Value::to_string).collect()
    }
}

/// What a process maps, kB.
fn mapped_by(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let size = line.expect("a size").trim().trim_end_matches(" kB");
    size.parse().expect("a number")
}

fn kill(pid: i32, how: i32) {
    // SAFETY: kill only sends a signal.
    unsafe { libc::kill(pid, how) };
}

#[test]
fn f05_f08_worker_then_server_killed_at_ten_random_moments_change_no_bit() {
    let mut bench = Bench::new(&HASTY);
    let began = Instant::now();
    let undisturbed = bench.usual();
    let undisturbed = bench.until(&undisturbed, "succeeded");
    let length = began.elapsed();
    let expected = bench.weights(&undisturbed);
    let mut resumed = 0;
    for round in 0..10 {
        let id = bench.usual();
        bench.until(&id, "running");
        let moment = length.mul_f64(rand::random_range(0.0..0.8));
        std::thread::sleep(moment);
        bench
            .home
            .job_workers()
            .into_iter()
            .for_each(|pid| kill(pid, libc::SIGKILL));
        std::thread::sleep(Duration::from_millis(rand::random_range(0..200)));
        bench.home.end_server(libc::SIGKILL);
        bench.home.serve(&HASTY);
        let run = bench.until(&id, "succeeded");
        assert_eq!(
            bench.weights(&run),
            expected,
            "round {round}, after {moment:?}"
        );
        resumed += bench.events(&id, "resumed").len();
    }
    assert!(resumed > 0, "no run went on from a checkpoint");
}

#[test]
fn f05_a_worker_goes_on_while_its_server_is_away() {
    let mut bench = Bench::new(&[("WORKER_LEASE", "20s"), ("WORKER_POOL_SIZE", "1")]);
    let expected = bench.usual();
    let expected = bench.until(&expected, "succeeded");
    let id = bench.usual();
    bench.until_saved(&id);
    bench.home.end_server(libc::SIGKILL);
    bench
        .home
        .serve(&[("WORKER_LEASE", "20s"), ("WORKER_POOL_SIZE", "1")]);
    let run = bench.until(&id, "succeeded");
    assert_eq!(bench.weights(&run), bench.weights(&expected));
    let states = bench.events(&id, "state");
    let begun = states.iter().filter(|e| e["data"]["state"] == "running");
    assert_eq!(begun.count(), 1, "it began once: {states:?}");
}

#[test]
fn f07_a_server_that_is_told_to_stop_leaves_a_checkpoint() {
    let mut bench = Bench::new(&HASTY);
    let expected = bench.usual();
    let expected = bench.until(&expected, "succeeded");
    let id = bench.usual();
    bench.until_saved(&id);
    assert_eq!(bench.home.end_server(libc::SIGTERM), Some(0));
    bench.home.serve(&HASTY);
    let run = bench.until(&id, "succeeded");
    let resumed = bench.events(&id, "resumed");
    let step = resumed[0]["data"]["step"].as_u64().expect("a step");
    assert!(step > 0, "{resumed:?}");
    assert_eq!(bench.weights(&run), bench.weights(&expected));
}

#[test]
fn f11_a_zombie_is_refused_and_changes_nothing() {
    let settings = [("WORKER_LEASE", "1s"), ("WORKER_POOL_SIZE", "2")];
    let bench = Bench::new(&settings);
    let expected = bench.usual();
    let expected = bench.until(&expected, "succeeded");
    let id = bench.usual();
    bench.until_saved(&id);
    // Only one of them works; which one, nobody outside can see.
    let workers = bench.home.job_workers();
    workers.iter().for_each(|pid| kill(*pid, libc::SIGSTOP));
    let begun = Instant::now();
    while bench.run(&id)["state"] == "running" {
        assert!(begun.elapsed() < LIMIT, "{}", bench.home.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    workers.iter().for_each(|pid| kill(*pid, libc::SIGCONT));
    let run = bench.until(&id, "succeeded");
    assert_eq!(bench.weights(&run), bench.weights(&expected));
    assert!(
        bench.home.log().contains("the lease was lost"),
        "{}",
        bench.home.log()
    );
    let events = bench.events(&id, "state");
    let ends = events.iter().filter(|e| e["data"]["state"] == "succeeded");
    assert_eq!(ends.count(), 1, "{events:?}");
}

#[test]
fn f12_a_poisonous_job_ends_with_the_last_words_of_its_worker() {
    let bench = Bench::new(&HASTY);
    let id = bench.usual();
    let begun = Instant::now();
    let run = loop {
        let run = bench.run(&id);
        // One that is killed before it has said a word leaves none.
        if run["state"] == "running" && bench.home.worker_words().contains("run.train") {
            bench
                .home
                .job_workers()
                .into_iter()
                .for_each(|pid| kill(pid, libc::SIGABRT));
        }
        if run["state"] == "failed" {
            break run;
        }
        assert!(begun.elapsed() < LIMIT, "{run}\n{}", bench.home.log());
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(run["error"]["code"], "worker_crashed", "{run}");
    let message = run["error"]["message"].as_str().unwrap_or_default();
    for word in ["signal: 6", "Its last words:", "run.train"] {
        assert!(message.contains(word), "no {word:?}: {message}");
    }
    // The queue moves on, and so does the run when a person says so.
    let resumed = bench.home.json(["run", "resume", &id, "--json"]);
    assert_eq!(resumed["state"], "queued");
    assert_eq!(resumed["error"], Value::Null);
    bench.until(&id, "succeeded");
}

#[test]
fn f13_a_job_that_does_not_get_on_is_taken_and_its_process_ended() {
    let settings = [
        ("WORKER_LEASE", "20s"),
        ("WORKER_POOL_SIZE", "1"),
        ("WORKER_STALL_TIMEOUT", "1s"),
    ];
    let bench = Bench::new(&settings);
    // One step of very many rows: nothing is told for longer than a second.
    let rows: Vec<String> = (0..300).map(|_| chats()).collect();
    bench.home.write("many.jsonl", rows.join("\n"));
    let made = bench
        .home
        .json(["dataset", "import", "many.jsonl", "--json"]);
    let order = json!({
        "dataset": made["id"], "base_model": "hanok-decoder", "method": "lora",
        "params": { "batch_size": 256, "gradient_accumulation": 256, "max_steps": 2 },
    });
    let made = Api::of(&bench.home).post("/api/v1/runs", &order);
    let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}"));
    bench.until(id, "running");
    let hung = bench.home.job_workers();
    let run = bench.until(id, "failed");
    assert_eq!(run["error"]["code"], "worker_stalled", "{run}");
    let now = bench.home.job_workers();
    assert!(
        now.iter().all(|pid| !hung.contains(pid)),
        "{hung:?} still live"
    );
}

#[test]
fn f71_all_that_slept_for_longer_than_a_lease_goes_on() {
    let bench = Bench::new(&[("WORKER_LEASE", "1s"), ("WORKER_POOL_SIZE", "1")]);
    let expected = bench.usual();
    let expected = bench.until(&expected, "succeeded");
    for server_wakes_first in [true, false] {
        let id = bench.usual();
        bench.until_saved(&id);
        let mut all = bench.home.job_workers();
        all.push(bench.home.server_pid());
        all.iter().for_each(|pid| kill(*pid, libc::SIGSTOP));
        std::thread::sleep(Duration::from_secs(4));
        if server_wakes_first {
            all.reverse();
        }
        all.iter().for_each(|pid| {
            kill(*pid, libc::SIGCONT);
            std::thread::sleep(Duration::from_millis(300));
        });
        let run = bench.until(&id, "succeeded");
        assert_eq!(bench.weights(&run), bench.weights(&expected));
        let events = bench.events(&id, "state");
        let ends = events.iter().filter(|e| e["data"]["state"] == "succeeded");
        assert_eq!(ends.count(), 1, "{events:?}");
    }
}

#[test]
fn f72_a_run_without_memory_is_tried_once_with_less_and_takes_nothing_with_it() {
    let mut bench = Bench::new(&HASTY);
    let long = "word ".repeat(120);
    let line = json!({ "messages": [
        { "role": "user", "content": long },
        { "role": "assistant", "content": long },
    ] });
    bench
        .home
        .write("long.jsonl", vec![line.to_string(); 40].join("\n"));
    let made = bench
        .home
        .json(["dataset", "import", "long.jsonl", "--json"]);
    // Little more than a worker needs to wait for work.
    let idle = mapped_by(bench.home.job_workers()[0]) / 1024 + 20;
    bench.home.end_server(libc::SIGTERM);
    let limit = format!("{idle}MB");
    let mut tight = HASTY.to_vec();
    tight.push(("WORKER_MEMORY", &limit));
    bench.home.serve(&tight);
    let order = json!({
        "dataset": made["id"], "base_model": "hanok-decoder", "method": "lora",
        "params": { "batch_size": 32, "max_steps": 2 },
    });
    let made = Api::of(&bench.home).post("/api/v1/runs", &order);
    let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}"));
    // Whether less is little enough depends on the machine.
    let begun = Instant::now();
    let run = loop {
        let run = bench.run(id);
        if run["state"] == "failed" || run["state"] == "succeeded" {
            break run;
        }
        assert!(begun.elapsed() < LIMIT, "{run}\n{}", bench.home.log());
        std::thread::sleep(Duration::from_millis(50));
    };
    let failed = run["state"] == "failed";
    if failed {
        assert_eq!(run["error"]["code"], "out_of_memory", "{run}");
    }
    let log = bench.events(id, "log");
    let again = log.iter().filter(|line| {
        let text = line["data"]["message"].as_str().unwrap_or_default();
        text.contains("tried once more with 1024 tokens at once")
    });
    assert_eq!(again.count(), 1, "{log:?}");
    let states = bench.events(id, "state");
    let begun = states.iter().filter(|e| e["data"]["state"] == "running");
    assert_eq!(begun.count(), 2, "{states:?}");
    // Nothing but the worker went: with room again the same run goes on.
    bench.home.end_server(libc::SIGTERM);
    bench.home.serve(&HASTY);
    if failed {
        bench.home.json(["run", "resume", id, "--json"]);
    }
    bench.until(id, "succeeded");
}

#[test]
fn a_paused_run_goes_on_where_it_was() {
    let bench = Bench::new(&HASTY);
    let expected = bench.usual();
    let expected = bench.until(&expected, "succeeded");
    let id = bench.usual();
    bench.until_saved(&id);
    let asked = bench.home.json(["run", "pause", &id, "--json"]);
    assert!(
        ["running", "paused"]
            .iter()
            .any(|state| asked["state"] == *state)
    );
    bench.until(&id, "paused");
    let again = bench.home.json(["run", "pause", &id, "--json"]);
    assert_eq!(again["state"], "paused", "asked twice is asked once");
    bench.home.json(["run", "resume", &id, "--json"]);
    let refused = bench.home.run(["run", "resume", &id]);
    assert_eq!(refused.code, Some(1), "it goes on already");
    let run = bench.until(&id, "succeeded");
    assert_eq!(bench.weights(&run), bench.weights(&expected));
    let resumed = bench.events(&id, "resumed");
    assert!(resumed[0]["data"]["step"].as_u64() > Some(0), "{resumed:?}");
    // What was gone on from is not kept after the end.
    assert!(!bench.home.data().join("runs").join(&id).exists());
}

#[test]
fn a_cancelled_run_has_saved_where_it_was() {
    let bench = Bench::new(&HASTY);
    let id = bench.usual();
    bench.until_saved(&id);
    bench.home.json(["run", "cancel", &id, "--json"]);
    bench.until(&id, "cancelled");
    bench.home.json(["run", "resume", &id, "--json"]);
    bench.until(&id, "succeeded");
    let resumed = bench.events(&id, "resumed");
    assert!(resumed[0]["data"]["step"].as_u64() > Some(0), "{resumed:?}");
}
