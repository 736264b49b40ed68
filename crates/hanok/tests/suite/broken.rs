//! Models, data sets and objects that are damaged: each is refused with its reason, nothing dies, and
//! what is sound goes on being served.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::home::Home;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/starter-decoder")
}

/// The model that ships, under another name and with one file changed.
fn changed(home: &Home, name: &str, file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> PathBuf {
    let dir = home.path(name);
    std::fs::create_dir(&dir).expect("a folder");
    for entry in std::fs::read_dir(shipped()).expect("a folder").flatten() {
        std::fs::copy(entry.path(), dir.join(entry.file_name())).expect("a copy");
    }
    let content = std::fs::read(dir.join(file)).expect("a file");
    std::fs::write(dir.join(file), change(content)).expect("a file");
    dir
}

fn import(name: &str) -> Vec<String> {
    let words = ["model", "import", name, "--name", name, "--json"];
    words.map(str::to_owned).to_vec()
}

fn generate(home: &Home, model: &str) -> crate::running::Outcome {
    let words = ["generate", "--json", "--max-tokens", "3", model, "What"];
    home.run(words)
}

type Change = fn(Vec<u8>) -> Vec<u8>;

/// Name, file, what happens to it.
const DAMAGES: [(&str, &str, Change); 10] = [
    ("cut", "model.safetensors", |c| c[..c.len() / 2].to_vec()),
    ("empty", "model.safetensors", |_| Vec::new()),
    ("header", "model.safetensors", |mut c| {
        c[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        c
    }),
    ("tensors", "model.safetensors", |mut c| {
        c[8..200].fill(b'[');
        c
    }),
    ("config", "config.json", |c| c[..c.len() / 2].to_vec()),
    ("deep", "config.json", |_| b"[".repeat(200_000)),
    ("shape", "config.json", |c| {
        let text = String::from_utf8(c).expect("text");
        text.replace("\"hidden_size\":", "\"hidden_size\": 999999, \"was\":")
            .into_bytes()
    }),
    ("words", "tokenizer.json", |c| c[..c.len() / 2].to_vec()),
    ("blind", "tokenizer.json", |_| b"{}".to_vec()),
    ("binary", "tokenizer.json", |_| vec![0xff; 4096]),
];

#[test]
fn f75_damaged_models_are_refused_with_a_reason_and_others_serve() {
    let home = Home::served();
    changed(&home, "sound", "README.md", |c| c);
    home.run(import("sound")).ok();
    generate(&home, "sound").ok();
    for (name, file, change) in DAMAGES {
        changed(&home, name, file, change);
        let error = home.run(import(name)).error();
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.len() > 10, "{name}: {error}");
        assert_ne!(error["code"], "internal", "{name}: {error}");
        assert_ne!(error["code"], "job_panicked", "{name}: {error}");
        assert_ne!(error["code"], "worker_lost", "{name}: {error}");
    }
    generate(&home, "sound").ok();
    let report = home.json(["fsck", "--json"]);
    assert_eq!(report["clean"], true, "{report}");
}

#[test]
fn f75_a_model_whose_bytes_have_rotted_is_refused_and_others_serve() {
    let home = Home::served();
    for (name, end) in [("sound", ""), ("rotten", " ")] {
        changed(&home, name, "config.json", |mut c| {
            c.extend_from_slice(end.as_bytes());
            c
        });
        home.run(import(name)).ok();
    }
    let shown = home.json(["model", "show", "rotten", "--json"]);
    rot(&home, &shown);
    for _ in 0..2 {
        let error = generate(&home, "rotten").error();
        assert_eq!(error["code"], "invalid_model", "{error}");
    }
    let shown = home.json(["model", "show", "rotten", "--json"]);
    assert_eq!(shown["status"], "broken", "{shown}");
    generate(&home, "sound").ok();
    let codes = || -> Vec<Value> {
        let outcome = home.run(["fsck", "--repair", "--json"]);
        let report: Value = serde_json::from_str(&outcome.stdout).expect("a report");
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.map(|finding| finding["code"].clone()).collect()
    };
    assert_eq!(codes(), ["object_corrupt", "model_broken"]);
    // The same change once more takes it back.
    rot(&home, &shown);
    assert_eq!(codes(), ["model_broken"], "mended");
    assert!(codes().is_empty());
    generate(&home, "rotten").ok();
    let shown = home.json(["model", "show", "rotten", "--json"]);
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("ready"), &Value::Null)
    );
}

#[test]
fn f75_a_copy_that_has_rotted_is_made_anew_from_the_objects() {
    let mut home = Home::served();
    changed(&home, "sound", "README.md", |c| c);
    home.run(import("sound")).ok();
    generate(&home, "sound").ok();
    home.end_server(libc::SIGTERM);
    let copies = files_under(&home.data().join("models").join("loaded"));
    let mut configs = copies.iter().filter(|path| path.ends_with("config.json"));
    std::fs::write(configs.next().expect("a copy"), "{").expect("written");
    home.serve(&[]);
    generate(&home, "sound").ok();
    let shown = home.json(["model", "show", "sound", "--json"]);
    assert_eq!(shown["status"], "ready", "{shown}");
}

/// Changes the configuration of a model where it lies, and what was made of it.
fn rot(home: &Home, model: &Value) {
    let files = model["files"].as_array().expect("files").iter();
    let mut config = files.filter(|file| file["path"] == "config.json");
    let size = config.next().expect("a configuration")["size"].as_u64();
    let _ = std::fs::remove_dir_all(home.data().join("models").join("loaded"));
    let objects = home.data().join("objects");
    for object in files_under(&objects) {
        let mut bytes = std::fs::read(&object).expect("an object");
        if Some(bytes.len() as u64) == size {
            bytes[0] ^= 1;
            std::fs::write(&object, bytes).expect("an object");
            return;
        }
    }
    panic!("no such object");
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let found = entries.flat_map(|entry| match entry.path() {
        path if path.is_dir() => files_under(&path),
        path => vec![path],
    });
    found.collect()
}
