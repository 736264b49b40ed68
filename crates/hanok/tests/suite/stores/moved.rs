//! Objects that are moved to a bucket which flags name, and a server that goes on with them there.

use super::places::{Settings, bucket, sealed, told};
use crate::example;
use crate::home::Home;
use crate::running::{Outcome, Running};

fn value<'s>(settings: &'s Settings, name: &str) -> &'s str {
    let found = settings.iter().find(|(known, _)| *known == name);
    &found.expect("a setting").1
}

/// Moves the objects; the secret alone, and what else is said here, comes by the environment.
fn migrate(home: &Home, bucket: &Settings, endpoint: &str, more: &[(&str, &str)]) -> Outcome {
    let mut command = home.command(["store", "migrate", "--json"]);
    command
        .args(["--to-bucket", value(bucket, "MINIO_BUCKET")])
        .args(["--to-endpoint", endpoint])
        .args(["--to-user", value(bucket, "MINIO_USER")])
        .env("MINIO_PASSWORD", value(bucket, "MINIO_PASSWORD"))
        .envs(more.iter().copied());
    Running::start(command).finish()
}

#[test]
fn a_server_goes_on_with_the_objects_in_the_bucket_they_were_moved_to() {
    for seal in [Settings::new(), sealed()] {
        let Some(bucket) = bucket() else { return };
        let mut home = Home::served_with(&told(&seal));
        home.write("own.csv", example::csv(60));
        home.json(["dataset", "import", "own.csv", "--json"]);
        home.end_server(libc::SIGTERM);
        let endpoint = value(&bucket, "MINIO_ENDPOINT");
        let moved = migrate(&home, &bucket, endpoint, &told(&seal));
        assert_eq!(moved.code, Some(0), "{}", moved.stderr);
        let objects = home.data().join("objects");
        std::fs::remove_dir_all(&objects).expect("the old objects");
        let settings = [bucket, seal].concat();
        home.serve(&told(&settings));
        let start = ["run", "start", "--dataset", "own", "--watch", "--json"];
        assert_eq!(home.json(start)["state"], "succeeded");
        let report = home.json(["fsck", "--json"]);
        assert_eq!(report["clean"], true, "{report:#}");
        let left = std::fs::read_dir(&objects).map_or(0, Iterator::count);
        assert_eq!(left, 0, "objects are on the disk again");
    }
}

#[test]
fn what_is_set_of_a_service_holds_for_the_one_that_flags_name() {
    let Some(bucket) = bucket() else { return };
    let home = Home::new();
    home.write("own.csv", example::csv(60));
    home.json(["dataset", "import", "own.csv", "--json"]);
    home.assert_no_server_stays();
    let endpoint = value(&bucket, "MINIO_ENDPOINT");
    let host = endpoint.split("://").last().expect("a host");
    // The service speaks no TLS, so that nothing goes there when TLS is asked for.
    let refused = migrate(&home, &bucket, host, &[("MINIO_USE_SSL", "true")]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains(host), "{}", refused.stderr);
    let moved = migrate(&home, &bucket, host, &[]);
    assert_eq!(moved.code, Some(0), "{}", moved.stderr);
}
