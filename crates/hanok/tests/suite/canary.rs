//! G01: every secret that can be set is set to something that is recognised, requests bring more of them, and
//! then everything that the program wrote, said and handed on is searched. Also C02 and C09, which look at the
//! same places.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use hanok_config::catalogue::CATALOGUE;
use hanok_store::lock;

use crate::example;
use crate::home::Home;

/// Settings that would lead to a service that is not there.
const LEFT_OUT: [&str; 2] = ["DATABASE_URL", "DATABASE_MIGRATION_URL"];
/// Settings that must be 64 hexadecimal digits.
const KEYS: [&str; 4] = [
    "DB_ENCRYPTION_KEY",
    "HANOK_OBJECT_KEYS",
    "SECRET_KEY",
    "SECRET_KEY_PREVIOUS",
];

/// Every secret setting with a value of its own.
fn settings() -> BTreeMap<&'static str, String> {
    let secret = CATALOGUE.iter().filter(|setting| setting.secret);
    let set = secret.filter(|setting| !LEFT_OUT.contains(&setting.name));
    let value = |(number, name): (usize, &'static str)| match name {
        _ if KEYS.contains(&name) => format!("{number:02}ca9a12").repeat(8),
        "REDIS_URL" => format!("redis://canary-user:canary-{number:02}-zq7xw@127.0.0.1:1"),
        "SMTP_URL" => format!("smtp://canary-user:canary-{number:02}-zq7xw@127.0.0.1:1"),
        _ => format!("canary-{number:02}-zq7xw-M4kd83hfLq02bvTs9x"),
    };
    let names = set.map(|setting| setting.name).enumerate();
    names
        .map(|(number, name)| (name, value((number, name))))
        .collect()
}

/// What no one may find again.
fn needles(settings: &BTreeMap<&'static str, String>) -> Vec<String> {
    let mut needles: Vec<String> = settings.values().cloned().collect();
    needles.push("canary-".to_owned());
    needles
}

/// Sends bytes as they are, and gives all that comes back.
fn raw(home: &Home, request: &str) -> String {
    let address = lock::read_address(&home.data()).unwrap().expect("a server");
    let place = address.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(place).expect("a connection");
    let request = request
        .replace("{host}", place)
        .replace("{token}", &address.token);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A reset after the answer is an end as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {{host}}\r\n{headers}connection: close\r\n\r\n")
}

fn post(path: &str, kind: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {{host}}\r\norigin: http://{{host}}\r\ncontent-type: {kind}\r\n\
         content-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
    )
}

/// Requests that bring secrets in every place that one can be in.
fn requests() -> Vec<String> {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    const KEY: &str = "authorization: Bearer {token}\r\n";
    let bearer = "authorization: Bearer canary-bearer\r\n";
    let long = format!("authorization: Bearer hk_canary-{}\r\n", "x".repeat(4000));
    vec![
        get("/api/v1/me", bearer),
        get("/v1/models", &long),
        get(
            "/v1/models",
            "authorization: Basic Y2FuYXJ5OmNhbmFyeQ==\r\nx-api-key: canary-x\r\n",
        ),
        get(
            "/",
            "cookie: hanok_session=canary-session; other=canary-other\r\n",
        ),
        get("/api/v1/me?api_key=canary-query&key=canary-query", KEY),
        get("http://canary-user:canary-userinfo@{host}/health", ""),
        get("/metrics", "authorization: Bearer canary-metrics\r\n"),
        get(
            "/api/v1/runs/none",
            "authorization: Bearer canary\u{1}bad\r\n",
        ),
        get(
            "/api/v1/jobs/none/ws?token=canary-ws",
            "upgrade: websocket\r\n",
        ),
        post(
            "/login",
            FORM,
            "",
            "secret=canary-password&password=canary-password&next=/",
        ),
        post(
            "/login",
            FORM,
            "",
            "secret=canary-password&secret=canary-twice",
        ),
        post("/login", JSON, "", "{\"password\":\"canary-json\"}"),
        post(
            "/api/v1/keys",
            JSON,
            KEY,
            "{\"name\":\"x\",\"key\":\"canary-field\"}",
        ),
        post(
            "/api/v1/keys",
            JSON,
            KEY,
            "{\"name\":\"x\",\"scopes\":\"canary-type\"}",
        ),
        post("/api/v1/sign-in-secrets", JSON, bearer, "{}"),
        post("/worker/v1/lease", JSON, bearer, "{}"),
        post(
            "/v1/chat/completions",
            JSON,
            KEY,
            "{\"model\":\"none\",\"messages\":[{\"role\":\"user\",\"content\":\"canary-prompt\"}]}",
        ),
        "canary-garbage\r\n\r\n".to_owned(),
    ]
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path),
            path => vec![path],
        })
        .collect()
}

fn search(found: &mut Vec<String>, place: &str, bytes: &[u8], needles: &[String]) {
    let text = String::from_utf8_lossy(bytes);
    for needle in needles {
        if let Some(at) = text.find(needle.as_str()) {
            let around: String = text[at..].chars().take(80).collect();
            found.push(format!("{place}: {around:?}"));
        }
    }
}

/// What a worker may know of its surroundings.
const WORKERS_MAY_KNOW: [&str; 3] = ["LLVM_PROFILE_FILE", "LOG_FORMAT", "LOG_LEVEL"];

/// The workers of both roles, once each has one.
fn workers(home: &Home) -> Vec<i32> {
    let begun = std::time::Instant::now();
    loop {
        let [jobs, hosts] = ["jobs", "host"].map(|role| home.workers(role));
        if !jobs.is_empty() && !hosts.is_empty() {
            return [jobs, hosts].concat();
        }
        assert!(begun.elapsed().as_secs() < 60, "no workers");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn environment(pid: i32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let words = bytes
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty());
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

fn search_workers(found: &mut Vec<String>, home: &Home, needles: &[String]) {
    for pid in workers(home) {
        for word in environment(pid) {
            search(found, "a worker's environment", word.as_bytes(), needles);
            let name = word.split('=').next().unwrap_or_default();
            assert!(WORKERS_MAY_KNOW.contains(&name), "a worker knows {name}");
        }
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        search(found, "a worker's command line", &line, needles);
    }
}

#[test]
fn g01_no_secret_is_found_anywhere_again() {
    let settings = settings();
    assert!(settings.len() >= 10, "{:?}", settings.keys());
    for (log_format, needle) in [("json", "\"level\""), ("text", "INFO")] {
        let mut told: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        told.extend([
            ("LOG_LEVEL", "trace"),
            ("LOG_FORMAT", log_format),
            ("SMTP_FROM", "hanok@example.org"),
        ]);
        if log_format == "text" {
            // Then the database is read as it is.
            told.retain(|(name, _)| *name != "DB_ENCRYPTION_KEY");
        }
        let mut home = Home::served_with(&told);
        let mut needles = needles(&settings);
        let mut found = Vec::new();
        let key = raw(
            &home,
            &post(
                "/api/v1/keys",
                "application/json",
                "authorization: Bearer {token}\r\n",
                "{\"name\":\"made\"}",
            ),
        );
        let key = key
            .split("\"key\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        needles.push(key.expect("a key").to_owned());
        for request in requests() {
            let answer = raw(&home, &request);
            search(
                &mut found,
                &format!("the answer to {request}"),
                answer.as_bytes(),
                &needles,
            );
        }
        // With the token that opens them: an answer may be denied, what is in it may not leak either.
        let metrics = format!("authorization: Bearer {}\r\n", settings["METRICS_TOKEN"]);
        let metrics = raw(&home, &get("/metrics", &metrics));
        assert!(metrics.contains("hanok_"), "{metrics}");
        search(&mut found, "/metrics", metrics.as_bytes(), &needles);
        for path in ["/health/detailed", "/api/v1/health"] {
            let health = raw(&home, &get(path, "authorization: Bearer {token}\r\n"));
            search(&mut found, path, health.as_bytes(), &needles);
        }
        search_workers(&mut found, &home, &needles);
        for args in [&["config", "show"][..], &["config", "show", "--json"]] {
            let mut command = home.command(args);
            let shown = command
                .envs(told.iter().copied())
                .output()
                .expect("the binary");
            assert!(shown.status.success());
            search(
                &mut found,
                "config show",
                &[shown.stdout, shown.stderr].concat(),
                &needles,
            );
        }
        assert_eq!(home.end_server(libc::SIGTERM), Some(0));
        let log = home.log();
        assert!(log.contains(needle) && log.contains("/api/v1/me"), "{log}");
        search(&mut found, "the log", log.as_bytes(), &needles);
        let kept = files(&home.data()).into_iter();
        for file in kept.filter(|file| !file.starts_with(home.data().join("secrets"))) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            search(&mut found, &file.display().to_string(), &bytes, &needles);
        }
        assert!(found.is_empty(), "{log_format}:\n{}", found.join("\n"));
    }
}

#[test]
fn c09_one_line_for_each_event_whatever_is_in_a_request() {
    const EVIL: [&str; 6] = [
        "a\u{1b}[31mred",
        "a\u{2028}forged INFO hanok: all is well",
        "a\u{85}forged",
        "a\u{9b}31m",
        "a\u{202e}b",
        "%0d%0aforged%20INFO",
    ];
    for format in ["text", "json"] {
        let mut home = Home::served_with(&[("LOG_LEVEL", "debug"), ("LOG_FORMAT", format)]);
        for evil in EVIL {
            raw(
                &home,
                &get(
                    "/",
                    &format!("user-agent: {evil}\r\nx-request-id: {evil}\r\n"),
                ),
            );
            raw(&home, &get(&format!("/{}", evil.replace(' ', "%20")), ""));
            raw(&home, &get(&format!("/{evil}"), ""));
            let encoded: String = evil.bytes().map(|byte| format!("%{byte:02X}")).collect();
            raw(
                &home,
                &get(
                    &format!("/api/v1/runs/{encoded}?{encoded}"),
                    "authorization: Bearer {token}\r\n",
                ),
            );
            let body = serde_json::json!({ "name": format!("{evil}\r\nforged") }).to_string();
            raw(
                &home,
                &post(
                    "/api/v1/keys",
                    "application/json",
                    "authorization: Bearer {token}\r\n",
                    &body,
                ),
            );
        }
        assert_eq!(home.end_server(libc::SIGTERM), Some(0));
        let kept = home.data().join("logs").join("hanok.log");
        let kept = std::fs::read_to_string(kept).expect("a log");
        for log in [home.log(), kept] {
            assert!(log.lines().count() > 20, "{log}");
            for line in log.lines() {
                let acts = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
                assert!(!line.contains(acts), "{line:?}");
                if format == "json" {
                    let event: serde_json::Value = serde_json::from_str(line).expect(line);
                    assert!(event["level"].is_string(), "{line}");
                } else {
                    let level = line.split_whitespace().nth(1).unwrap_or_default();
                    let levels = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
                    assert!(levels.contains(&level), "a line of its own: {line:?}");
                }
            }
        }
    }
}

#[test]
fn c02_names_and_parameters_are_never_commands() {
    const NAMES: [&str; 9] = [
        "-rf",
        "--data=x",
        "; touch pwned",
        "$(touch pwned)",
        "`touch pwned`",
        "| touch pwned",
        "&& touch pwned #",
        "a\nb; touch pwned",
        "${IFS}touch${IFS}pwned",
    ];
    let home = Home::served();
    for name in NAMES {
        let file = home.write(&format!("{name}.csv"), example::csv(60));
        let file = file.display().to_string();
        let told = format!("--name={name}");
        // Once under the file's own name, once under one that is given.
        let own = home.run(["dataset", "import", "--json", &file]);
        let given = home.run(["dataset", "import", "--json", &told, &file]);
        own.document();
        if name.contains('\n') {
            assert_eq!(given.error()["code"], "invalid_name");
            continue;
        }
        given.document();
        let shown = home.json(["dataset", "list", "--json"]);
        let rows = shown["data"].as_array().expect("rows");
        assert!(
            rows.iter().any(|row| row["name"] == name),
            "{name}: {shown}"
        );
        let id = rows[0]["id"].as_str().expect("an id");
        let run = [
            "run",
            "start",
            "--no-watch",
            "--json",
            "--dataset",
            id,
            &told,
        ];
        home.run(run).document();
    }
    for pid in workers(&home) {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!line.contains("touch"), "{line}");
        for word in environment(pid) {
            let name = word.split('=').next().unwrap_or_default();
            assert!(WORKERS_MAY_KNOW.contains(&name), "a worker knows {word}");
        }
    }
    let mut made = files(&home.data());
    made.extend(files(&home.path("")));
    let pwned = made.iter().find(|file| file.ends_with("pwned"));
    assert_eq!(pwned, None, "a shell ran");
}
