//! Rate limits of the program as it is shipped: the default, whoever is not counted, two servers on one Redis,
//! and the unchanged client of OpenAI. Also what production refuses of the surface's settings.

use std::process::Command;

use serde_json::Value;

use crate::home::Home;
use crate::stores::kept::Redis;

const SETTINGS: [&str; 4] = [
    "RATE_LIMIT_REQUESTS_PER_MINUTE",
    "RATE_LIMIT_EXPENSIVE_ENDPOINTS",
    "RATE_LIMIT_INFERENCE",
    "RATE_LIMIT_FAILED_CREDENTIALS",
];

fn key(home: &Home, more: &[&str]) -> String {
    let args = ["key", "create", "--json", "--name", "test"];
    let made = home.json(args.iter().chain(more));
    made["key"].as_str().expect("a key").to_owned()
}

fn url(home: &Home) -> String {
    let address = hanok_store::lock::read_address(&home.data()).ok().flatten();
    address.expect("a server").url
}

/// The statuses of so many requests, one after the other over one connection, and the last one's head.
fn ask(home: &Home, key: &str, path: &str, times: usize) -> (Vec<String>, String) {
    let place = format!("{}{path}", url(home));
    let out = Command::new("curl")
        .args(["-sS", "-H", &format!("Authorization: Bearer {key}")])
        .args(["-D", "-"])
        .args(std::iter::repeat_n(["-o", "/dev/null", &place], times).flatten())
        .output()
        .expect("curl");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let heads = text
        .split("\r\n\r\n")
        .filter(|head| head.contains("HTTP/1.1"));
    let heads: Vec<&str> = heads.collect();
    let status = |head: &&str| head["HTTP/1.1 ".len()..][..3].to_owned();
    let last = heads.last().map_or(String::new(), ToString::to_string);
    (heads.iter().map(status).collect(), last.to_lowercase())
}

fn count(statuses: &[String], status: &str) -> usize {
    statuses.iter().filter(|one| *one == status).count()
}

#[test]
fn a_server_as_it_is_shipped_has_limits_and_its_own_commands_have_none() {
    let home = Home::served_with(&SETTINGS.map(|name| (name, "")));
    let (key, load) = (key(&home, &[]), key(&home, &["--rate-exempt"]));
    let (statuses, last) = ask(&home, &key, "/v1/models", 160);
    let allowed = count(&statuses, "200");
    // One more each 0.6 s that the requests themselves take.
    assert!((100..160).contains(&allowed), "{allowed}");
    assert_eq!(allowed + count(&statuses, "429"), 160, "{statuses:?}");
    for line in ["x-ratelimit-limit-requests: 100", "retry-after: "] {
        assert!(last.contains(line), "{line}: {last}");
    }
    let (statuses, _) = ask(&home, &load, "/v1/models", 160);
    assert_eq!(count(&statuses, "200"), 160);
    let (statuses, _) = ask(&home, "", "/health", 160);
    assert_eq!(count(&statuses, "200"), 160);
    for _ in 0..12 {
        home.json(["key", "list", "--json"]);
    }
    let wrong: Vec<String> = (0..80)
        .flat_map(|n| ask(&home, &format!("hk_wrong{n}"), "/v1/models", 1).0)
        .collect();
    assert!(count(&wrong, "401") >= 60 && count(&wrong, "429") > 0);
    home.json(["key", "list", "--json"]);
}

#[test]
fn two_servers_on_one_redis_count_together() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let redis_url = redis.url();
    let settings = [
        ("REDIS_URL", redis_url.as_str()),
        ("RATE_LIMIT_FAILED_CREDENTIALS", "6"),
    ];
    let (one, two) = (Home::served_with(&settings), Home::served_with(&settings));
    let guess = |home: &Home, from: usize, times: usize| -> Vec<String> {
        (from..from + times)
            .flat_map(|n| ask(home, &format!("hk_wrong{n}"), "/v1/models", 1).0)
            .collect()
    };
    assert_eq!(count(&guess(&one, 0, 4), "401"), 4);
    let there = count(&guess(&two, 4, 6), "401");
    assert!((2..=4).contains(&there), "two servers, one limit: {there}");

    redis.stop();
    let alone = count(&guess(&two, 10, 12), "401");
    assert!((6..=9).contains(&alone), "neither all nor none: {alone}");
    assert!(two.log().contains("hold for this server alone"));
    assert_eq!(two.log().matches("hold for this server alone").count(), 1);
}

#[test]
fn the_unchanged_client_waits_as_it_is_told() {
    let Some(python) = std::env::var_os("HANOK_TEST_PYTHON") else {
        return;
    };
    let limit = "40";
    let home = Home::served_with(&[("RATE_LIMIT_REQUESTS_PER_MINUTE", limit)]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/openai_limits.py");
    let out = Command::new(python)
        .args([script, &url(&home), &key(&home, &[]), limit])
        .output()
        .expect("a Python");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}{errors}");
}

#[test]
fn what_is_unsafe_or_unknown_is_refused_at_the_start() {
    let production = ("APP_ENV", "production");
    for (settings, words) in [
        (vec![production, ("DEBUG", "true")], "DEBUG=false"),
        (vec![production, ("DEBUG", "app:*")], "DEBUG=false"),
        (
            vec![production, ("ALLOWED_ORIGINS", "*")],
            "ALLOWED_ORIGINS",
        ),
        (vec![production, ("CORS_ORIGIN", "*")], "ALLOWED_ORIGINS"),
        (vec![("ALLOWED_ORIGINS", "app.example")], "ALLOWED_ORIGINS"),
        (vec![("CORS_ORIGIN", "null")], "CORS_ORIGIN"),
        (vec![("HANOK_ROOMS", "finetune,kitchen")], "kitchen"),
        (
            vec![("RATE_LIMIT_INFERENCE", "many")],
            "RATE_LIMIT_INFERENCE",
        ),
        (vec![("REQUEST_TIMEOUT", "0")], "REQUEST_TIMEOUT"),
    ] {
        let home = Home::new();
        let mut command = home.command(["serve", "--port", "0"]);
        let out = command.envs(settings.clone()).output().expect("an end");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success(), "{settings:?} was taken");
        assert!(said.contains(words), "{settings:?}: {said}");
    }
}

#[test]
fn f09s_fifty_megabytes_in_one_string_are_refused_and_the_server_lives() {
    let home = Home::served();
    let (key, place) = (key(&home, &[]), format!("{}/v1/classify", url(&home)));
    let body = format!("{{\"model\":\"m\",\"input\":\"{}\"}}", "x".repeat(50 << 20));
    let file = home.write("body.json", body);
    for coding in ["content-length", "chunked"] {
        let mut curl = Command::new("curl");
        if coding == "chunked" {
            curl.args(["-H", "Transfer-Encoding: chunked"]);
        }
        let out = curl
            .args(["-sS", "-H", &format!("Authorization: Bearer {key}")])
            .args(["-H", "Content-Type: application/json", "-H", "Expect:"])
            .args(["-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"])
            .args(["--data-binary", &format!("@{}", file.display()), &place])
            .output()
            .expect("curl");
        assert_eq!(String::from_utf8_lossy(&out.stdout), "413", "{coding}");
    }
    let (statuses, _) = ask(&home, &key, "/health", 1);
    assert_eq!(statuses, ["200"]);
}

#[test]
fn rooms_that_are_closed_are_closed_in_the_program_too() {
    let home = Home::served_with(&[("HANOK_ROOMS", "finetune,hub")]);
    let key = key(&home, &[]);
    let status = |path: &str| ask(&home, &key, path, 1).0[0].clone();
    assert_eq!(status("/v1/models"), "404");
    assert_eq!(status("/api/v1/runs"), "200");
    let runs: Value = home.json(["run", "list", "--json"]);
    assert_eq!(runs["data"], serde_json::json!([]));
}
