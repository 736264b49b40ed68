//! The main job: one command from a data set to a served classifier.

use std::process::Command;

use serde_json::{Value, json};

use crate::example;
use crate::home::Home;

/// Accuracies of base, tuned and naive Bayes.
fn figures(summary: &Value) -> (f64, f64, f64) {
    let report = &summary["eval"]["report"];
    let of = |model: &str| {
        let accuracy = report[model]["accuracy"].as_f64();
        accuracy.unwrap_or_else(|| panic!("no accuracy of {model}: {report}"))
    };
    let floor = report["floor"]["naive_bayes"].as_f64();
    (
        of("base"),
        of("tuned"),
        floor.unwrap_or_else(|| panic!("no floor: {report}")),
    )
}

#[test]
fn the_shipped_example_beats_base_and_floor() {
    let home = Home::new();
    let summary = home.json(["quickstart", "--exit", "--json"]);
    let (base, tuned, floor) = figures(&summary);
    assert!(tuned > floor && tuned > base, "{base} {tuned} {floor}");
    assert!(floor < 0.95, "the example is too easy: {floor}");
    let low = summary["eval"]["report"]["comparison"]["interval"]["low"].as_f64();
    assert!(low.is_some_and(|low| low > 0.0), "{low:?}");
    assert!(summary["dataset"]["version"]["rows"].as_u64() >= Some(1_000));
    let steps: Vec<&Value> = summary["steps"].as_array().into_iter().flatten().collect();
    let names: Vec<&str> = steps.iter().filter_map(|s| s["step"].as_str()).collect();
    assert_eq!(names, ["import", "tune", "evaluate", "deploy", "call"]);
    let labels = summary["dataset"]["version"]["labels"].as_array().cloned();
    let answer = summary["call"]["answer"].clone();
    assert!(
        labels.is_some_and(|labels| labels.contains(&answer)),
        "{answer}"
    );
    home.assert_no_server_stays();
}

/// Greetings in a style that the starter decoder does not have.
fn conversations(count: usize) -> String {
    const THINGS: [&str; 6] = ["parcel", "invoice", "refund", "password", "order", "kettle"];
    let row = |i: usize| {
        let thing = THINGS[i % 6];
        let turns = json!([
            { "role": "user", "content": format!("Hello {i}, what about my {thing}?") },
            { "role": "assistant", "content": format!("Ahoy! The {thing} sails at dawn, captain.") },
        ]);
        format!("{}\n", json!({ "messages": turns }))
    };
    (0..count).map(row).collect()
}

#[test]
fn conversations_tune_the_starter_decoder() {
    let home = Home::new();
    home.write("chats.jsonl", conversations(120));
    let summary = home.json(["quickstart", "--data", "chats.jsonl", "--exit", "--json"]);
    let report = &summary["eval"]["report"];
    let loss = |side: &str| report[side]["loss"].as_f64();
    let (Some(base), Some(tuned)) = (loss("base"), loss("tuned")) else {
        panic!("no losses: {report}");
    };
    assert!(tuned < 0.5 * base, "{base} -> {tuned}");
    let high = report["loss"]["interval"]["high"].as_f64();
    assert!(high.is_some_and(|high| high < 0.0), "{report}");
    let name = summary["run"]["model"]["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("ft:hanok-decoder:"), "{summary}");
    let answer = summary["call"]["answer"].as_str().unwrap_or_default();
    assert!(answer.contains("Ahoy"), "{}", summary["call"]);
    home.assert_no_server_stays();
}

#[test]
fn what_people_read_has_headings_figures_and_what_to_try_next() {
    let home = Home::new();
    home.write("own.csv", example::csv(300));
    let text = home.run(["quickstart", "--data", "own.csv", "--exit"]).ok();
    for wanted in [
        "1/5",
        "2/5",
        "3/5",
        "4/5",
        "5/5",
        "base",
        "tuned",
        "floor (naive Bayes)",
        "95 % interval",
        "held-out rows",
        "expected",
        "What to try next",
        "curl ",
        "openai",
        "http://127.0.0.1:",
        "--data FILE",
    ] {
        assert!(text.contains(wanted), "no '{wanted}' in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colours where nobody sees them");
}

#[test]
fn csv_tsv_and_jsonl_of_ones_own_are_learnt_alike() {
    let home = Home::served();
    home.write("own.csv", example::csv(300));
    home.write("own.tsv", example::tsv(300));
    home.write("자료.jsonl", example::jsonl(300));
    for file in ["own.csv", "own.tsv", "자료.jsonl"] {
        let summary = home.json(["quickstart", "--data", file, "--exit", "--json"]);
        let version = &summary["dataset"]["version"];
        assert_eq!(version["rows"], 300, "{file}");
        assert_eq!(
            version["labels"],
            json!(["account", "billing", "delivery"]),
            "{file}"
        );
        assert_eq!(summary["dataset"]["source_name"], file);
        let (base, tuned, _) = figures(&summary);
        assert!(tuned > 0.9 && tuned > base, "{file}: {base} {tuned}");
    }
    assert!(
        home.is_served(),
        "a quickstart stopped a server that is not its own"
    );
}

#[test]
fn it_stays_up_and_what_it_prints_works_until_ctrl_c() {
    let home = Home::new();
    home.write("own.csv", example::csv(300));
    let mut running = home.start(["quickstart", "--data", "own.csv"]);
    let text = running.until("Serving at").to_owned();
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("curl ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    for line in lines {
        let script = format!("{line} -w '\\n%{{http_code}}'");
        let out = Command::new("sh")
            .arg("-c")
            .arg(&script)
            .output()
            .expect("a shell");
        let answer = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(answer.ends_with("\n200"), "{line}\n{answer}");
    }
    assert!(
        text.lines().any(|line| line.starts_with("once_")),
        "no sign-in secret:\n{text}"
    );
    assert_python_client_works(&home, &text);
    running.interrupt();
    let ended = running.finish();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    home.assert_no_server_stays();
}

/// The unchanged `openai` client, where a Python with it is at hand.
fn assert_python_client_works(home: &Home, text: &str) {
    let Some(python) = std::env::var_os("HANOK_TEST_PYTHON") else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/openai_client.py");
    let printed: String = text
        .lines()
        .skip_while(|line| !line.starts_with("from openai"))
        .take(3)
        .map(|line| format!("{line}\n"))
        .collect();
    let snippet = home.write("snippet.py", printed);
    let out = Command::new(python)
        .arg(script)
        .arg(snippet)
        .output()
        .expect("a Python");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}{errors}");
}
