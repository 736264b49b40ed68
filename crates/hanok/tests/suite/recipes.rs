//! `hanok train`: from a recipe to a tuned, measured and served model.

use serde_json::json;

use crate::example;
use crate::home::Home;

#[test]
fn a_recipe_leads_to_a_model_that_answers() {
    let home = Home::served();
    home.write("own.csv", example::csv(300));
    let recipe = "model = 'hanok-encoder'\ndata = 'own.csv'\nmethod = 'head'\nsuffix = 'mine'\n\
                  held_out = 0.25\ndeploy = true\n[params]\nepochs = 3\nseed = 7\n";
    home.write("recipe.toml", recipe);
    let done = home.json(["train", "recipe.toml", "--json"]);
    assert_eq!(done["run"]["state"], "succeeded", "{done}");
    assert_eq!(done["run"]["params"]["epochs"], 3);
    assert_eq!(done["run"]["params"]["held_out"], 0.25);
    assert_eq!(done["eval"]["state"], "succeeded");
    assert_eq!(done["deployment"]["state"], "ready");
    let model = done["run"]["model"]["name"].as_str().unwrap_or_default();
    assert!(model.contains("mine"), "{model}");
    // A classifier answers a chat with a label.
    let answer = home.json([
        "chat",
        model,
        "-m",
        "I was charged twice, refund the payment",
        "--json",
    ]);
    assert_eq!(answer["message"]["content"], "billing", "{answer}");
}

#[test]
fn rows_to_validate_on_are_what_the_model_is_judged_by() {
    let home = Home::served();
    home.write("own.csv", example::csv(120));
    home.write("other.csv", example::csv(60));
    home.write(
        "recipe.toml",
        "data = 'own.csv'\nvalidation = 'other.csv'\n",
    );
    let done = home.json(["train", "recipe.toml", "--json"]);
    assert_eq!(done["run"]["metrics"]["training_rows"], 120, "{done}");
    assert_eq!(done["eval"]["report"]["tuned"]["rows"], 60, "{done}");
}

#[test]
fn what_people_read_ends_with_what_to_try_next() {
    let home = Home::served();
    home.write("own.csv", example::csv(120));
    let data = home.json(["dataset", "import", "own.csv", "--json"]);
    let id = data["id"].as_str().unwrap_or_default();
    home.write("recipe.toml", format!("data = '{id}'\neval = false\n"));
    let text = home.run(["train", "recipe.toml"]).ok();
    for word in [
        "succeeded",
        "What to try next",
        "hanok model show ft:",
        "hanok eval show eval_",
    ] {
        assert!(text.contains(word), "no '{word}' in:\n{text}");
    }
    assert!(!text.contains("naive Bayes"), "{text}");
    assert_eq!(
        home.json(["dataset", "list", "--json"])["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_mistake_in_a_recipe_names_file_and_remedy_before_a_server_is_started() {
    let home = Home::new();
    for (recipe, code, word) in [
        ("data = 'a.csv'\nepochs = 3", "invalid_recipe", "[params]"),
        (
            "data = 'a.csv'\nmetod = 'head'",
            "invalid_recipe",
            "'method'",
        ),
        ("data = 'a.csv'", "no_such_file", "path"),
    ] {
        home.write("recipe.toml", recipe);
        let error = home.run(["train", "recipe.toml", "--json"]).error();
        assert_eq!(error["code"], code, "{error}");
        assert!(
            error["remedy"].as_str().is_some_and(|r| r.contains(word)),
            "{error}"
        );
        let file = error["file"].as_str().unwrap_or_default();
        assert!(["recipe.toml", "a.csv"].contains(&file), "{error}");
    }
    let error = home.run(["train", "nothing.toml", "--json"]).error();
    assert_eq!(error["code"], "unreadable_recipe");
    assert!(
        !home.data().exists(),
        "a data directory was made for nothing"
    );
}

#[test]
fn a_model_that_is_not_there_is_told_before_anything_is_uploaded() {
    let home = Home::served();
    home.write("own.csv", example::csv(60));
    home.write("recipe.toml", "model = 'hanok-encodr'\ndata = 'own.csv'\n");
    let error = home.run(["train", "recipe.toml", "--json"]).error();
    let remedy = error["remedy"].as_str().unwrap_or_default();
    assert!(remedy.contains("hanok-encoder"), "{error}");
    assert_eq!(home.json(["dataset", "list", "--json"])["data"], json!([]));
}

#[test]
fn the_shipped_recipe_can_be_followed() {
    let home = Home::served();
    let recipe = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/recipes/tickets.toml"
    );
    let done = home.json(["train", recipe, "--json"]);
    let report = &done["eval"]["report"];
    let accuracy = |model: &str| report[model]["accuracy"].as_f64().unwrap_or_default();
    assert!(accuracy("tuned") > accuracy("base"), "{report}");
}
