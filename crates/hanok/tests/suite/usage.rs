//! Exit codes, help, settings and completion scripts: what needs no server.

use crate::home::Home;

#[test]
fn nonsense_on_the_command_line_exits_with_2() {
    let home = Home::new();
    for args in [
        &["nonsense"][..],
        &["dataset"],
        &["eval"],
        &["model"],
        &["train"],
        &["generate"],
        &["embed", "m"],
        &["embed", "m", "text", "--file", "f"],
        &["dataset", "import"],
        &["run", "start"],
        &["quickstart", "--port", "99999"],
        &["completions", "tcsh"],
        &["quickstart", "--host"],
    ] {
        let outcome = home.run(args);
        assert_eq!(outcome.code, Some(2), "{args:?}: {}", outcome.stderr);
        let helped = ["Usage", "--help"]
            .iter()
            .any(|word| outcome.stderr.contains(word));
        assert!(helped, "{args:?}: {}", outcome.stderr);
    }
    assert!(!home.data().exists());
}

#[test]
fn a_setting_that_makes_no_sense_names_itself_and_exits_with_2() {
    let home = Home::new();
    let out = home
        .command(["dataset", "list"])
        .env("PORT", "eighty")
        .output()
        .expect("the binary");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("PORT") && said.contains("eighty"), "{said}");
}

#[test]
fn config_shows_every_setting_with_its_origin_and_no_secret() {
    let home = Home::new();
    home.write("hanok.toml", "[limits]\nmax_request_size_mb = 7\n");
    let mut command = home.command(["config", "show", "--json", "--url", "http://h:1"]);
    let out = command
        .env("HANOK_KEY", "hk_very_secret")
        .output()
        .expect("the binary");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(!text.contains("hk_very_secret"), "{text}");
    let list: serde_json::Value = serde_json::from_str(&text).expect("a document");
    let find = |name: &str| {
        let mut all = list["data"].as_array().into_iter().flatten();
        all.find(|s| s["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(find("HANOK_URL")["source"]["from"], "flag");
    assert_eq!(find("HANOK_KEY")["source"]["from"], "environment");
    assert_eq!(find("MAX_REQUEST_SIZE_MB")["value"], "7");
    assert_eq!(find("MAX_REQUEST_SIZE_MB")["source"]["from"], "file");
    assert_eq!(find("HOST")["source"]["from"], "default");
    let shown = home.run(["config", "show"]).ok();
    assert!(
        shown.contains("WORKER_POOL_SIZE") && shown.contains("hanok.toml"),
        "{shown}"
    );
}

#[test]
fn every_shell_gets_its_completions() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(["completions", shell]).ok();
        assert!(
            script.contains("quickstart") && script.contains("learning-rate"),
            "{shell}"
        );
    }
}

#[test]
fn help_names_every_command_and_hides_what_is_for_machines() {
    let home = Home::new();
    let help = home.run(["--help"]).ok();
    for noun in [
        "quickstart",
        "serve",
        "worker",
        "dataset",
        "run",
        "eval",
        "model",
        "train",
        "chat",
        "generate",
        "embed",
        "key",
        "config",
        "completions",
    ] {
        assert!(help.contains(noun), "no '{noun}' in:\n{help}");
    }
    assert!(!home.run(["serve", "--help"]).ok().contains("ephemeral"));
}
