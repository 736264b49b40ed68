//! A small language model from its directory to answers over HTTP: import, greedy text, fine-tuning with
//! the unchanged `openai` client. It needs the tiny Llama of `HANOK_TEST_DATA`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::Home;

/// Longest that an import may take.
const IMPORT: Duration = Duration::from_secs(60);

fn tiny() -> Option<PathBuf> {
    let root = std::env::var_os("HANOK_TEST_DATA")?;
    let dir = Path::new(&root).join("checkpoints_tiny/aidreams260K");
    Some(dir).filter(|dir| dir.exists())
}

/// The server's address and a key.
pub struct Api {
    url: String,
    key: String,
}

impl Api {
    pub fn of(home: &Home) -> Self {
        let key = home.json(["key", "create", "--json", "--name", "test"]);
        let address = hanok_store::lock::read_address(&home.data()).ok().flatten();
        Self {
            url: address.expect("a server").url,
            key: key["key"].as_str().expect("a key").to_owned(),
        }
    }

    pub fn text(&self, path: &str, args: &[&str]) -> String {
        let out = Command::new("curl")
            .args(["-sS", "-H", &format!("Authorization: Bearer {}", self.key)])
            .args(args)
            .arg(format!("{}{path}", self.url))
            .output()
            .expect("curl");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    pub fn curl(&self, path: &str, args: &[&str]) -> Value {
        let text = self.text(path, args);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        self.curl(path, &["-H", "Content-Type: application/json", "-d", &body])
    }

    fn upload(&self, file: &Path) -> Value {
        let form = format!("file=@{}", file.display());
        self.curl("/v1/files", &["-F", "purpose=model", "-F", &form])
    }

    /// Imports a directory and waits until it is ready or has failed.
    fn import(&self, name: &str, dir: &Path) -> Value {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.file_name().to_string_lossy().into_owned();
            let id = self.upload(&entry.path())["id"].clone();
            files.push(json!({ "path": path, "file_id": id }));
        }
        let made = self.post("/api/v1/models", &json!({ "name": name, "files": files }));
        let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}"));
        let begun = Instant::now();
        loop {
            let model = self.curl(&format!("/api/v1/models/{id}"), &[]);
            if model["status"] != "importing" {
                return model;
            }
            assert!(begun.elapsed() < IMPORT, "{model}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn greedy_text_over_http_is_that_of_the_reference() {
    let Some(tiny) = tiny() else { return };
    let home = Home::served();
    let api = Api::of(&home);
    let model = api.import("tiny", &tiny.join("hf"));
    assert_eq!(model["status"], "ready", "{model}");
    assert_eq!(
        (&model["kind"], &model["architecture"]),
        (&json!("decoder"), &json!("llama"))
    );
    assert_eq!(model["context_length"], 128);
    let golden = std::fs::read(tiny.join("golden_greedy.json")).expect("a file");
    let golden: Value = serde_json::from_slice(&golden).expect("JSON");
    let tokens = golden["greedy_ids"].as_array().expect("ids").len() - 1;
    let body = json!({ "model": "tiny", "prompt": "", "temperature": 0, "max_tokens": tokens });
    let answer = api.post("/v1/completions", &body);
    let text = answer["choices"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let expected = golden["text"].as_str().expect("a text");
    assert_eq!(text.trim_start(), expected.trim_start());
    assert_eq!(answer["usage"]["completion_tokens"], tokens);
}

#[test]
fn directories_that_cannot_be_used_fail_by_file_and_the_server_lives() {
    let Some(tiny) = tiny() else { return };
    let home = Home::served();
    let api = Api::of(&home);
    let whole = tiny.join("hf");
    for (name, file, content, word) in [
        ("cut", "model.safetensors", "short", "model.safetensors"),
        (
            "gpt",
            "config.json",
            r#"{"architectures":["GPTNeoX"]}"#,
            "config.json",
        ),
        ("shape", "config.json", "", "shape"),
        ("blind", "tokenizer.json", "{}", "tokenizer.json"),
    ] {
        let dir = home.path(name);
        std::fs::create_dir(&dir).expect("a folder");
        for entry in std::fs::read_dir(&whole).expect("a folder").flatten() {
            std::fs::copy(entry.path(), dir.join(entry.file_name())).expect("a copy");
        }
        let mut content = content.to_owned();
        if content.is_empty() {
            content = std::fs::read_to_string(whole.join(file)).expect("a file");
            content = content.replace("\"hidden_size\": 64", "\"hidden_size\": 32");
        }
        std::fs::write(dir.join(file), content).expect("a file");
        let model = api.import(name, &dir);
        assert_eq!(model["status"], "failed", "{model}");
        let message = model["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(word), "{name}: {message}");
    }
    let still = api.curl("/v1/models", &[]);
    assert_eq!(still["object"], "list");
}

#[test]
fn the_openai_client_tunes_and_chats_unchanged() {
    let (Some(tiny), Some(python)) = (tiny(), std::env::var_os("HANOK_TEST_PYTHON")) else {
        return;
    };
    let home = Home::served();
    let api = Api::of(&home);
    let model = api.import("tiny", &tiny.join("hf"));
    assert_eq!(model["status"], "ready", "{model}");
    let row = |n: usize| {
        let turns = json!([
            { "role": "user", "content": format!("Say {n}.") },
            { "role": "assistant", "content": format!("{n} it is.") },
        ]);
        format!("{}\n", json!({ "messages": turns }))
    };
    let data = home.write("chat.jsonl", (0..48).map(row).collect::<String>());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/openai_tuning.py");
    let out = Command::new(python)
        .arg(script)
        .args([&api.url, &api.key, "tiny"])
        .arg(data)
        .output()
        .expect("a Python");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}{errors}");
}

/// A tiny random BERT without its classifier's reference files, in a folder of its own.
fn tiny_bert(home: &Home) -> PathBuf {
    let fixtures =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../hanok-models/tests/fixtures/bert");
    let dir = home.path("bert");
    std::fs::create_dir(&dir).expect("a folder");
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(fixtures.join(file), dir.join(file)).expect("a copy");
    }
    dir
}

#[test]
fn an_imported_encoder_embeds_is_tuned_and_classifies() {
    let home = Home::served();
    let api = Api::of(&home);
    let model = api.import("tiny-bert", &tiny_bert(&home));
    assert_eq!(
        (&model["status"], &model["architecture"]),
        (&json!("ready"), &json!("bert"))
    );
    let row = |i: usize| {
        format!(
            "w{} w{},{}\n",
            5 + i % 40,
            [20, 30][i % 2],
            ["left", "right"][i % 2]
        )
    };
    let csv: String = std::iter::once("text,label\n".to_owned())
        .chain((0..80).map(row))
        .collect();
    let form = format!("file=@{}", home.write("marks.csv", csv).display());
    let file = api.curl("/v1/files", &["-F", "purpose=fine-tune", "-F", &form]);
    for method in ["head", "lora", "full"] {
        let job = api.post(
            "/v1/fine_tuning/jobs",
            &json!({
                "model": "tiny-bert",
                "training_file": file["id"],
                "suffix": method,
                "hanok": { "method": method, "epochs": 4 },
            }),
        );
        let id = job["id"].as_str().unwrap_or_else(|| panic!("{job}"));
        let begun = Instant::now();
        let job = loop {
            let job = api.curl(&format!("/v1/fine_tuning/jobs/{id}"), &[]);
            if ["succeeded", "failed"].contains(&job["status"].as_str().unwrap_or_default()) {
                break job;
            }
            assert!(begun.elapsed() < IMPORT, "{job}");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(job["status"], "succeeded", "{method}: {job}");
        let body = json!({ "model": job["fine_tuned_model"], "input": ["w7 w20", "w8 w30"] });
        let scores = api.post("/v1/classify", &body);
        assert_eq!(
            scores["data"].as_array().map(Vec::len),
            Some(2),
            "{method}: {scores}"
        );
    }
}
