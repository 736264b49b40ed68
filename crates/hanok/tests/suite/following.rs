//! Ctrl-C while a run is watched, without a terminal to ask on.

use crate::example;
use crate::home::Home;

/// A run that takes far longer than these tests, and begins at once: with both settings given, none
/// are tried beforehand.
const LONG: &str = "run start --dataset own --epochs 200 --learning-rate 0.1 --param l2=0.1 \
                    --batch-size 1 --json";

/// A server with a long run at work, and the run's id.
fn home_with_a_long_run() -> (Home, String) {
    let home = Home::served();
    home.write("own.csv", example::csv(40_000));
    home.json(["dataset", "import", "own.csv", "--json"]);
    let run = home.json(LONG.split_whitespace());
    let id = run["id"].as_str().unwrap_or_default().to_owned();
    (home, id)
}

fn state(home: &Home, id: &str) -> String {
    let run = home.json(["run", "show", id, "--json"]);
    run["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn ctrl_c_without_a_terminal_detaches_and_the_run_goes_on_until_cancelled() {
    let (home, id) = home_with_a_long_run();
    let mut watching = home.start(["run", "watch", &id, "--json"]);
    watching.until("\"metric\"");
    watching.interrupt();
    let left = watching.finish();
    assert_eq!(left.code, Some(130), "{}", left.stderr);
    assert!(left.stderr.contains("hanok run watch"), "{}", left.stderr);
    assert_eq!(state(&home, &id), "running");

    home.run(["run", "cancel", &id]).ok();
    let watched = home.run(["run", "watch", &id]);
    assert_eq!(watched.code, Some(1), "{}", watched.stderr);
    assert!(watched.stderr.contains("cancelled"), "{}", watched.stderr);
    assert_eq!(state(&home, &id), "cancelled");
}

#[test]
fn ctrl_c_without_a_terminal_pauses_the_run_that_the_command_began() {
    let home = Home::served();
    home.write("own.csv", example::csv(40_000));
    home.json(["dataset", "import", "own.csv", "--json"]);
    let start = LONG.replace("--json", "--watch");
    let starting = home.start(start.split_whitespace());
    let id = loop {
        let runs = home.json(["run", "list", "--json"]);
        if runs["data"][0]["state"] == "running" {
            break runs["data"][0]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    starting.interrupt();
    let left = starting.finish();
    assert_eq!(left.code, Some(130), "{}", left.stderr);
    let remedy = format!("hanok run resume {id}");
    assert!(left.stderr.contains(&remedy), "{}", left.stderr);
    assert_eq!(state(&home, &id), "paused");
    let watched = home.run(["run", "watch", &id]);
    assert_eq!(watched.code, Some(1), "{}", watched.stderr);
    assert!(watched.stderr.contains("was paused"), "{}", watched.stderr);
    home.json(["run", "cancel", &id, "--json"]);
}

#[test]
fn ctrl_c_on_a_terminal_asks_and_does_as_told() {
    let (home, id) = home_with_a_long_run();
    let asked = || {
        let mut watching = home.start_on_terminal(["run", "watch", &id, "--json"]);
        watching.until("\"metric\"");
        watching.interrupt();
        watching.until_asked("[c]ancel");
        watching
    };
    let mut detaching = asked();
    detaching.answer("d");
    assert_eq!(detaching.finish().code, Some(0));
    assert_eq!(state(&home, &id), "running");

    let leaving = asked();
    leaving.interrupt();
    assert_eq!(leaving.finish().code, Some(130));
    assert_eq!(state(&home, &id), "running");

    let mut pausing = asked();
    pausing.answer("p");
    let ended = pausing.finish();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("was paused"), "{}", ended.stderr);
    assert_eq!(state(&home, &id), "paused");
    home.json(["run", "resume", &id, "--json"]);

    let mut cancelling = asked();
    cancelling.answer("c");
    let ended = cancelling.finish();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.contains("was cancelled"), "{}", ended.stderr);
    assert_eq!(state(&home, &id), "cancelled");
}

#[test]
fn a_server_brought_up_by_a_command_lives_until_the_run_has_ended() {
    let home = Home::new();
    home.write("own.csv", example::csv(1_200));
    home.json(["dataset", "import", "own.csv", "--json"]);
    let start = ["run", "start", "--dataset", "own", "--no-watch", "--json"];
    let run = home.json(start);
    // The command has gone; the server ends by itself once the work is done.
    home.assert_no_server_stays();
    let id = run["id"].as_str().unwrap_or_default();
    assert_eq!(
        home.json(["run", "show", id, "--json"])["state"],
        "succeeded"
    );
}
