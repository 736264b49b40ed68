//! Data sets, runs, evaluations and keys by their own commands.

use serde_json::{Value, json};

use crate::example;
use crate::home::Home;

fn entries(list: &Value) -> Vec<Value> {
    list["data"].as_array().cloned().unwrap_or_default()
}

/// The arguments of a command line without anything to quote.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn assert_says(text: &str, wanted: &[&str]) {
    for word in wanted {
        assert!(text.contains(word), "no '{word}' in:\n{text}");
    }
}

/// A server with rows of ours imported as `own`.
fn home_with(rows: usize) -> Home {
    let home = Home::served();
    home.write("own.csv", example::csv(rows));
    home.json(words("dataset import own.csv --json"));
    home
}

#[test]
fn a_data_set_is_shown_with_its_classes_and_what_was_left_out() {
    let home = Home::served();
    home.write("own.csv", format!("{},account\n", example::csv(60)));
    let mut import = words("dataset import own.csv --json --name");
    import.push("first try");
    let made = home.json(import);
    assert_eq!(made["state"], "ready");
    let id = made["id"].as_str().unwrap_or_default();
    let text = home.run(["dataset", "show", "first try"]).ok();
    let wanted = [
        id,
        "60 rows, 3 labels",
        "delivery",
        "33.3 %",
        "1 row was left out",
        "row 62",
    ];
    assert_says(&text, &wanted);
    assert_eq!(home.json(["dataset", "show", id, "--json"]), made);
}

#[test]
fn a_data_set_is_previewed_and_deleted() {
    let home = home_with(60);
    let page = home.json(words("dataset preview own --limit 2 --after 3 --json"));
    let rows = entries(&page);
    let texts: Vec<&Value> = rows.iter().map(|row| &row["values"]["text"]).collect();
    let wanted: Vec<Value> = example::rows(5)[3..]
        .iter()
        .map(|(t, _)| json!(t))
        .collect();
    assert_eq!(texts, wanted.iter().collect::<Vec<_>>());

    home.run(words("dataset delete own")).ok();
    let list = home.json(words("dataset list --json"));
    assert_eq!(entries(&list), Vec::<Value>::new());
    let error = home.run(words("dataset show own --json")).error();
    assert_eq!(error["code"], "not_found");
}

#[test]
fn the_form_of_a_file_can_be_said() {
    let home = Home::served();
    let rows: String = example::rows(60)
        .iter()
        .map(|(text, label)| format!("{label};x;{text}\n"))
        .collect();
    home.write("odd.txt", rows);
    let line = "dataset import odd.txt --json --delimiter ; --header no --quoting no \
                --text-column 3 --label-column 1 --encoding utf-8";
    let labels = home.json(words(line))["version"]["labels"].clone();
    assert_eq!(labels, json!(["account", "billing", "delivery"]));
    let wrong = home.run(words("dataset import odd.txt --header perhaps"));
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
}

#[test]
fn a_run_is_started_watched_and_shown() {
    let home = home_with(300);
    let queued = home.json(words("run start --dataset own --name one --json"));
    let watched = home.run(words("run watch one --json")).ok();
    let lines: Vec<Value> = watched
        .lines()
        .map(|line| serde_json::from_str(line).expect("a document a line"))
        .collect();
    let is_point = |l: &Value| l["kind"] == "metric" && l["loss"].is_number();
    assert!(lines.iter().any(is_point), "{watched}");
    let seqs: Vec<i64> = lines.iter().filter_map(|l| l["seq"].as_i64()).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "out of order: {seqs:?}");
    let run = lines.last().cloned().unwrap_or_default();
    assert_eq!(run["id"], queued["id"]);
    assert_eq!(run["state"], "succeeded");

    let model = run["model"]["name"].as_str().unwrap_or_default();
    assert!(model.starts_with("ft:hanok-encoder:one"), "{model}");
    let shown = home.run(words("run show one")).ok();
    assert_says(&shown, &[model, "succeeded", "held out 0.2"]);
    assert_says(&home.run(words("run list")).ok(), &[model]);
    let logs = home.run(words("run logs one")).ok();
    assert_says(&logs, &["rows to train on", "info"]);
}

#[test]
fn a_model_is_evaluated_on_its_own_rows_and_on_others() {
    let home = home_with(300);
    let run = home.json(words("run start --dataset own --watch --json"));
    home.write("other.jsonl", example::jsonl(90));
    home.json(words("dataset import other.jsonl --json"));
    let model = run["model"]["name"].as_str().unwrap_or_default();
    let line = format!("eval run --model {model} --dataset other --all-rows --json");
    let eval = home.json(words(&line));
    assert_eq!(eval["report"]["tuned"]["rows"], 90, "{eval}");

    let own = run["eval_id"].as_str().unwrap_or_default();
    let text = home.run(["eval", "show", own]).ok();
    let wanted = ["base", "tuned", "delta", "naive Bayes", "class", "billing"];
    assert_says(&text, &wanted);
    assert_eq!(entries(&home.json(words("eval list --json"))).len(), 2);
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let home = home_with(300);
    let figures = || {
        let line = "run start --dataset own --epochs 3 --seed 7 --watch --json";
        let mut metrics = home.json(words(line))["metrics"].clone();
        // Time is the one thing that may differ.
        if let Some(map) = metrics.as_object_mut() {
            map.retain(|name, _| !name.contains("second"));
        }
        metrics
    };
    assert_eq!(figures(), figures());
}

#[test]
fn what_a_run_cannot_use_is_named() {
    let home = home_with(60);
    for (flags, word) in [
        ("--param speed=9", "speed"),
        ("--epochs 0", "epochs"),
        ("--held-out 0.9", "held_out"),
    ] {
        let line = format!("run start --dataset own --json {flags}");
        let error = home.run(words(&line)).error();
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains(word), "{flags}: {error}");
    }
    let error = home
        .run(words("run start --dataset nothing --json"))
        .error();
    assert_eq!(error["code"], "not_found");
    assert_eq!(
        entries(&home.json(words("run list --json"))),
        Vec::<Value>::new()
    );
}

#[test]
fn a_key_is_shown_once_used_and_revoked() {
    let home = Home::served();
    let made = home.json(words("key create --name laptop --json"));
    let key = made["key"].as_str().unwrap_or_default();
    assert!(key.starts_with("hk_"), "{made}");
    let listed = home.json(words("key list --json"));
    assert!(
        !listed.to_string().contains(key),
        "the key itself is listed"
    );
    assert_eq!(entries(&listed).len(), 1);

    let address = hanok_store::lock::read_address(&home.data()).ok().flatten();
    let url = address.expect("a server").url;
    let by_key = format!("dataset list --json --url {url} --key {key}");
    home.json(words(&by_key));
    home.run(["key", "revoke", made["id"].as_str().unwrap_or_default()])
        .ok();
    let error = home.run(words(&by_key)).error();
    let remedy = error["remedy"].as_str().unwrap_or_default();
    assert!(remedy.contains("--key"), "{error}");
}
