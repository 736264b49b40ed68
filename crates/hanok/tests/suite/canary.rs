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
const KEYS: [&str; 3] = ["DB_ENCRYPTION_KEY", "SECRET_KEY", "SECRET_KEY_PREVIOUS"];

/// Every secret setting with a value of its own.
fn settings() -> BTreeMap<&'static str, String> {
    let secret = CATALOGUE.iter().filter(|setting| setting.secret);
    let set = secret.filter(|setting| !LEFT_OUT.contains(&setting.name));
    let value = |(number, name): (usize, &'static str)| match name {
        _ if KEYS.contains(&name) => format!("{number:02}ca9a12").repeat(8),
        "REDIS_URL" => format!("redis://canary-user:canary-{number:02}-zq7xw@127.0.0.1:1"),
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
            "{\"name\":\"x\",\"scopes\":\"canary-type\"",
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

fn environment(pid: i32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let words = bytes
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty());
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

#[test]
fn g01_no_secret_is_found_anywhere_again() {
    let settings = settings();
    assert!(settings.len() >= 10, "{:?}", settings.keys());
    for (log_format, needle) in [("json", "\"level\""), ("text", "INFO")] {
        let mut told: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        told.extend([("LOG_LEVEL", "trace"), ("LOG_FORMAT", log_format)]);
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
        for role in ["jobs", "host"] {
            for pid in home.workers(role) {
                for word in environment(pid) {
                    search(
                        &mut found,
                        "a worker's environment",
                        word.as_bytes(),
                        &needles,
                    );
                    let name = word.split('=').next().unwrap_or_default();
                    assert!(WORKERS_MAY_KNOW.contains(&name), "a worker knows {name}");
                }
                let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                search(&mut found, "a worker's command line", &line, &needles);
            }
        }
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
    let home = Home::served();
    let mark = home.path("pwned");
    let shell = format!("$(touch {})", mark.display());
    let ticks = format!("`touch {}`", mark.display());
    let names = [
        "-rf".to_owned(),
        "--data=x".to_owned(),
        "; touch pwned".to_owned(),
        "$(touch pwned)".to_owned(),
        "`touch pwned`".to_owned(),
        "| touch pwned".to_owned(),
        "a\nb; touch pwned".to_owned(),
        "${IFS}touch".to_owned(),
    ];
    for (number, name) in names.iter().enumerate() {
        let file = home.write(&format!("{name}.csv"), example::csv(60));
        let name = format!("--name={name} {shell} {ticks}");
        let args = [
            "dataset",
            "import",
            "--json",
            &name,
            "--",
            &file.display().to_string(),
        ];
        let made = home.json(args);
        let kept = made["name"].as_str().unwrap_or_default();
        assert!(kept.contains("touch"), "{number}: {made}");
    }
    let datasets = home.json(["dataset", "list", "--json"]);
    let id = datasets["data"][0]["id"]
        .as_str()
        .expect("a data set")
        .to_owned();
    let run = home.run(["run", "start", &id, "--json", &format!("--name=;{shell}")]);
    assert!(
        run.code == Some(0) || run.code == Some(1) || run.code == Some(2),
        "{}",
        run.stderr
    );
    for role in ["jobs", "host"] {
        for pid in home.workers(role) {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            assert!(!line.contains("touch"), "{line}");
            for word in environment(pid) {
                let name = word.split('=').next().unwrap_or_default();
                assert!(WORKERS_MAY_KNOW.contains(&name), "a worker knows {word}");
            }
        }
    }
    assert!(
        !mark.exists() && !home.data().join("pwned").exists(),
        "a shell ran"
    );
}

#[test]
fn a04_missing_secrets_are_made_and_kept_and_in_production_refused() {
    use std::os::unix::fs::PermissionsExt;
    let mut home = Home::served();
    let folder = home.data().join("secrets");
    let kept = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let names = ["secret-key", "jwt-secret", "session-secret"];
    let before = names.map(kept);
    for (name, text) in names.iter().zip(&before) {
        assert_eq!(text.trim().len(), 64, "{name}");
        let mode = std::fs::metadata(folder.join(name))
            .expect(name)
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(before[0] != before[1] && before[1] != before[2]);
    home.end_server(libc::SIGTERM);
    home.serve(&[]);
    assert_eq!(names.map(kept), before, "kept for the next start");
    home.end_server(libc::SIGTERM);

    let strong = ["SECRET_KEY", "JWT_SECRET", "SESSION_SECRET"];
    let values = ["3d9f17c2", "7ab05e81", "c41d96f3"].map(|part| part.repeat(8));
    for (missing, name) in strong.iter().enumerate() {
        let mut command = home.command(["serve", "--port", "0"]);
        command.env("APP_ENV", "production");
        for (other, value) in strong.iter().zip(&values) {
            command.env(other, value);
        }
        command.env_remove(strong[missing]);
        let told = command.output().expect("the binary");
        let said = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "{said}");
        assert!(
            said.contains(name) && said.contains("openssl rand -hex 32"),
            "{said}"
        );
    }
    let weak = home
        .command(["serve", "--port", "0"])
        .env("JWT_SECRET", "changeme")
        .output();
    let weak = weak.expect("the binary");
    let said = String::from_utf8_lossy(&weak.stderr);
    assert!(
        !weak.status.success() && said.contains("JWT_SECRET"),
        "{said}"
    );
    assert!(
        said.contains("openssl rand -hex 32") && !said.contains("changeme"),
        "{said}"
    );
}

#[test]
fn g05_the_commands_of_rotation_count_and_name_keys() {
    let mut home = Home::served();
    home.end_server(libc::SIGTERM);
    let status = home.json(["secret", "status", "--json"]);
    let key = status["key"].as_str().expect("a key's name").to_owned();
    assert_eq!(key.len(), 12);
    assert_eq!(status["sealed"], serde_json::json!([]));
    let old = std::fs::read_to_string(home.data().join("secrets").join("secret-key"));
    let old = old.expect("a key").trim().to_owned();
    let new = "3d9f17c2".repeat(8);
    let mut command = home.command(["secret", "rotate", "--json"]);
    let done = command
        .env("SECRET_KEY", &new)
        .env("SECRET_KEY_PREVIOUS", &old)
        .output();
    let done = done.expect("the binary");
    let said = String::from_utf8_lossy(&done.stdout);
    let value: serde_json::Value = serde_json::from_str(&said).expect("a document");
    assert_eq!(
        (&value["resealed"], &value["current"]),
        (&0.into(), &0.into())
    );
    assert_ne!(value["key"], key.as_str());
    assert!(!said.contains(&new) && !said.contains(&old));
    home.serve(&[]);
    let busy = home.run(["secret", "rotate", "--json"]).error();
    assert_eq!(busy["code"], "data_directory_in_use");
}
