//! Secrets of an installation: made, kept, required, changed.

use crate::example;
use crate::home::Home;

const NEW: &str = "3d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c23d9f17c2";

/// A start that fails at once; what it said.
fn refused(home: &Home, settings: &[(&str, &str)]) -> String {
    let mut command = home.command(["serve", "--port", "0"]);
    let told = command.envs(settings.iter().copied()).output();
    let told = told.expect("the binary");
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(!told.status.success(), "{said}");
    said
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
        let file = std::fs::metadata(folder.join(name)).expect(name);
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert!(before[0] != before[1] && before[1] != before[2]);
    home.end_server(libc::SIGTERM);
    home.serve(&[]);
    assert_eq!(names.map(kept), before, "kept for the next start");
    home.end_server(libc::SIGTERM);

    let strong = ["SECRET_KEY", "JWT_SECRET", "SESSION_SECRET"];
    let values = ["3d9f17c2", "7ab05e81", "c41d96f3"].map(|part| part.repeat(8));
    for missing in strong {
        let pairs = strong.iter().zip(&values);
        let mut settings: Vec<(&str, &str)> = pairs.map(|(k, v)| (*k, v.as_str())).collect();
        settings.retain(|(name, _)| *name != missing);
        settings.push(("APP_ENV", "production"));
        let said = refused(&home, &settings);
        assert!(said.contains(missing), "{said}");
        assert!(said.contains("openssl rand -hex 32"), "{said}");
    }
    let said = refused(&home, &[("JWT_SECRET", "changeme")]);
    assert!(said.contains("JWT_SECRET"), "{said}");
    assert!(said.contains("openssl rand -hex 32"), "{said}");
    assert!(!said.contains("changeme"), "{said}");
}

#[test]
fn c03_an_exception_that_is_no_host_is_refused_at_the_start() {
    let home = Home::new();
    for wrong in ["http://files.lan", "*.lan", "10.0.0.0/8"] {
        let said = refused(&home, &[("HANOK_ALLOW_PRIVATE_HOSTS", wrong)]);
        assert!(said.contains("HANOK_ALLOW_PRIVATE_HOSTS"), "{said}");
        assert!(said.contains("host:port"), "{said}");
    }
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
    let mut command = home.command(["secret", "rotate", "--json"]);
    command.env("SECRET_KEY", NEW);
    let done = command.env("SECRET_KEY_PREVIOUS", &old).output();
    let done = done.expect("the binary");
    let said = String::from_utf8_lossy(&done.stdout);
    let value: serde_json::Value = serde_json::from_str(&said).expect("a document");
    assert_eq!(value["resealed"], 0);
    assert_eq!(value["current"], 0);
    assert_ne!(value["key"], key.as_str());
    assert!(!said.contains(NEW) && !said.contains(&old));
    home.serve(&[]);
    let busy = home.run(["secret", "rotate", "--json"]).error();
    assert_eq!(busy["code"], "data_directory_in_use");
}

/// Server and workers read what was sealed before the change, and neither needs more than its own keys.
#[test]
fn g05_sealed_objects_stay_readable_after_the_change_and_workers_have_no_master_key() {
    let old = "7ab05e81".repeat(8);
    let sealing = [("OBJECT_ENCRYPTION", "true"), ("SECRET_KEY", old.as_str())];
    let mut home = Home::served_with(&sealing);
    let file = home.write("mood.csv", example::csv(60));
    let file = file.display().to_string();
    let made = home.json(["dataset", "import", "--json", &file]);
    let id = made["id"].as_str().expect("an id").to_owned();
    home.end_server(libc::SIGTERM);

    let changed = [
        ("OBJECT_ENCRYPTION", "true"),
        ("SECRET_KEY", NEW),
        ("SECRET_KEY_PREVIOUS", old.as_str()),
    ];
    home.serve(&changed);
    home.json(["dataset", "preview", &id, "--json"]);
    // A worker reads the same rows to train on them.
    let run = ["run", "start", "--watch", "--json", "--dataset", &id];
    home.run(run).ok();
    for role in ["jobs", "host"] {
        for pid in home.workers(role) {
            let known = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let known = String::from_utf8_lossy(&known);
            assert!(known.contains("HANOK_OBJECT_KEYS"), "{known}");
            assert!(!known.contains("SECRET_KEY"), "{known}");
            assert!(!known.contains(NEW) && !known.contains(&old), "{known}");
        }
    }
    home.end_server(libc::SIGTERM);
    // Without the old key what it sealed is locked, and says so.
    home.serve(&changed[..2]);
    let locked = home.run(["dataset", "preview", &id, "--json"]);
    assert_ne!(locked.code, Some(0), "{}", locked.stdout);
}
