//! Which server a command uses, and what happens when two start one at once or a port is taken.

use std::net::TcpListener;

use crate::example;
use crate::home::Home;

#[test]
fn a_key_is_made_without_a_running_server() {
    let home = Home::new();
    let dir = home.data().display().to_string();
    let mut command = home.command([
        "key", "create", "--data", &dir, "--name", "script", "--json",
    ]);
    let out = command
        .env_remove("HANOK_DATA")
        .output()
        .expect("the binary");
    let made: serde_json::Value = serde_json::from_slice(&out.stdout).expect("a document");
    assert!(
        made["key"]
            .as_str()
            .is_some_and(|key| key.starts_with("hk_")),
        "{made}"
    );
    home.assert_no_server_stays();
}

#[test]
fn commands_one_after_the_other_see_the_same_data() {
    let home = Home::new();
    home.write("own.csv", example::csv(60));
    home.json(["dataset", "import", "own.csv", "--json"]);
    for _ in 0..3 {
        let list = home.json(["dataset", "list", "--json"]);
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn many_commands_at_once_share_one_server() {
    let home = Home::new();
    let running: Vec<_> = (0..4)
        .map(|n| home.start(["key", "create", "--json", "--name", &format!("key {n}")]))
        .collect();
    for command in running {
        command.finish().document();
    }
    let keys = home.json(["key", "list", "--json"]);
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(4), "{keys}");
}

#[test]
fn two_quickstarts_at_once_both_arrive() {
    let home = Home::new();
    home.write("own.csv", example::csv(300));
    let start = || home.start(["quickstart", "--data", "own.csv", "--exit", "--json"]);
    let (first, second) = (start(), start());
    let (first, second) = (first.finish().document(), second.finish().document());
    assert_eq!(
        first["url"], second["url"],
        "two servers on one data directory"
    );
    assert_ne!(first["run"]["id"], second["run"]["id"]);
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let home = Home::new();
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = holder.local_addr().expect("an address").port().to_string();
    let outcome = home.run(["quickstart", "--port", &port]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    for word in [port.as_str(), "taken", "--port 0"] {
        assert!(
            outcome.stderr.contains(word),
            "no '{word}': {}",
            outcome.stderr
        );
    }
    assert!(!home.is_served());
}

#[test]
fn the_port_of_ones_own_server_is_no_obstacle() {
    let home = Home::served();
    home.write("own.csv", example::csv(300));
    let address = hanok_store::lock::read_address(&home.data()).ok().flatten();
    let url = address.expect("a server").url;
    let port = url.rsplit(':').next().unwrap_or_default().to_owned();
    let summary = home.json([
        "quickstart",
        "--data",
        "own.csv",
        "--port",
        &port,
        "--exit",
        "--json",
    ]);
    assert_eq!(summary["url"], url.as_str());
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let home = Home::new();
    let mut command = home.command(["dataset", "list"]);
    command.env("DATABASE_URL", "sqlite:///nowhere/at/all/hanok.db");
    let out = command.output().expect("the binary");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(
        said.contains("last words") && said.contains("hanok.log"),
        "{said}"
    );
}

#[test]
fn an_address_without_a_server_is_named() {
    let home = Home::new();
    let error = home
        .run([
            "run",
            "list",
            "--json",
            "--url",
            "http://127.0.0.1:1",
            "--key",
            "hk_x",
        ])
        .error();
    assert_eq!(error["code"], "unreachable");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|m| m.contains("127.0.0.1:1")),
        "{error}"
    );
    assert!(
        !home.data().exists(),
        "a server was looked for in the data directory"
    );
}
