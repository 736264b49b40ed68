//! Uploads: a file is whole or not there, and a repeat makes one.

use std::path::Path;
use std::time::{Duration, SystemTime};

use hanok_testkit::{TestDatabase, on_each_database};
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::place::{Answer, Place};
use super::{MOST, told};

/// Enough for several writes.
fn content(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..70_000).map(|_| next()).collect()
}

async fn upload(place: &Place, number: u64) -> Option<Answer> {
    let part = Part::bytes(content(number)).file_name(format!("{number}.bin"));
    let form = Form::new().text("purpose", "user_data").part("file", part);
    let request = place.http.post(format!("{}/v1/files", place.base));
    let request = request.header("idempotency-key", format!("upload {number}"));
    place.send(request.multipart(form)).await
}

/// The files of this number; each must be readable and intact.
async fn files(place: &Place, number: u64) -> Vec<Value> {
    let list = place.get("/v1/files?limit=10000").await;
    let name = format!("{number}.bin");
    let mut found = Vec::new();
    for file in list["data"].as_array().expect("a list") {
        if file["filename"] == name.as_str() {
            let id = file["id"].as_str().expect("an id");
            let address = format!("{}/v1/files/{id}/content", place.base);
            let request = place.http.get(address).bearer_auth(&place.token);
            let bytes = request.send().await.expect("an answer").bytes().await;
            assert!(
                bytes.expect("content") == content(number),
                "{id} is not intact"
            );
            found.push(file.clone());
        }
    }
    found
}

/// Uploads with a kill before this point; true when there was no such point.
pub async fn attempt(place: &mut Place, number: u64, point: u64) -> bool {
    place.arm(point);
    let first = upload(place, number).await;
    let unharmed = place.outlived().await;
    if !unharmed {
        place.bury();
        place.start().await;
    }
    let seen = files(place, number).await;
    assert!(seen.len() <= 1, "{seen:?}");
    // Some clients never come back: what they left is nobody's.
    if !unharmed && number.is_multiple_of(3) {
        assert!(first.is_none() || seen.len() == 1, "acknowledged and gone");
        place.oracle().await;
        return false;
    }
    let (status, again) = upload(place, number).await.expect("an answer");
    assert_eq!(status, 200, "{again}");
    if let Some(seen) = seen.first() {
        assert_eq!(seen, &again, "the repeat got another file");
    }
    if let Some((status, first)) = first {
        assert_eq!(
            (status, &first),
            (200, &again),
            "acknowledged, then different"
        );
        assert_eq!(seen.len(), 1, "acknowledged and gone");
    }
    assert_eq!(files(place, number).await, [again], "not one file");
    place.oracle().await;
    unharmed
}

async fn survive(database: TestDatabase) {
    let mut place = Place::new(&database);
    place.start().await;
    let mut points = 0;
    while !attempt(&mut place, points + 1, points + 1).await {
        points += 1;
        assert!(points < MOST, "no end of points");
    }
    told("upload", &database, points);
    assert!(points >= 10, "the counter saw {points} points only");
    let unreferenced = place.oracle().await;
    place.stop();
    old_leftovers_go(&place, unreferenced);
    place.start().await;
    for number in 1..=points {
        let whole = files(&place, number).await.len();
        assert!(
            whole == 1 || number.is_multiple_of(3),
            "file {number} is gone"
        );
    }
}

/// What the dead writers left is removed once it is old, and nothing else is.
fn old_leftovers_go(place: &Place, unreferenced: u64) {
    let old = SystemTime::now() - Duration::from_secs(72 * 3600);
    age(&place.home.data().join("objects"), old);
    // These go with any start.
    age(&place.home.data().join("tmp"), old);
    let report = |args: [&str; 3]| {
        let out = place.command(args).output().expect("the binary");
        let report: Value = serde_json::from_slice(&out.stdout).expect("a report");
        (out.status.code(), report)
    };
    let (code, found) = report(["fsck", "--json", "--fast"]);
    assert!(
        unreferenced > 0,
        "no kill came between an object and its row"
    );
    assert_eq!(code, Some(1), "{found:#}");
    assert_eq!(found["temporary"]["count"], 0, "{found:#}");
    let (code, mended) = report(["fsck", "--json", "--repair"]);
    assert_eq!(code, Some(0), "{mended:#}");
    assert_eq!(
        mended["unreferenced"]["removed"], unreferenced,
        "{mended:#}"
    );
    let (_, clean) = report(["fsck", "--json", "--fast"]);
    assert_eq!(clean["unreferenced"]["count"], 0);
    assert_eq!(clean["temporary"]["count"], 0);
}

/// Makes every file look old; says how many there are.
fn age(folder: &Path, to: SystemTime) -> u64 {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            count += age(&path, to);
        } else {
            let file = std::fs::File::options().write(true).open(&path);
            file.expect("a file").set_modified(to).expect("a time");
            count += 1;
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_f02_f03_an_upload_survives_a_kill_at_every_point() {
    on_each_database(survive).await;
}
