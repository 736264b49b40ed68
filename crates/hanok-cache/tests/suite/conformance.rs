//! What holds for every cache.

use std::time::Duration;

use bytes::Bytes;
use hanok_cache::{Cache, Figures, Key, RedisSettings};

use crate::server::{PASSWORD, Server};

const LONG: Duration = Duration::from_secs(60);

fn key(project: &str, id: &str) -> Key {
    Key::new("rows", project, id)
}

async fn conforms(cache: Cache) {
    let (mine, theirs) = (key("proj_a", "1"), key("proj_b", "1"));
    assert_eq!(cache.get(&mine).await, None);
    cache.put(&mine, Bytes::from_static(b"one"), LONG).await;
    assert_eq!(cache.get(&mine).await.as_deref(), Some(&b"one"[..]));
    assert_eq!(cache.get(&theirs).await, None, "projects share nothing");
    cache
        .put(&mine, Bytes::from_static(b"\0two\xff"), LONG)
        .await;
    assert_eq!(cache.get(&mine).await.as_deref(), Some(&b"\0two\xff"[..]));
    cache.remove(&mine).await;
    assert_eq!(cache.get(&mine).await, None);
    let short = Duration::from_millis(40);
    cache.put(&mine, Bytes::from_static(b"brief"), short).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(cache.get(&mine).await, None, "its time is over");
    let huge = Bytes::from(vec![0; (1 << 20) + 1]);
    cache.put(&mine, huge, LONG).await;
    assert_eq!(cache.get(&mine).await, None, "too long to be kept");
    cache.probe().await.expect("it answers");
    let expected = Figures {
        hits: 2,
        misses: 5,
        failures: 0,
    };
    assert_eq!(cache.figures(), expected);
}

#[tokio::test]
async fn in_memory() {
    conforms(Cache::memory(4 << 20)).await;
}

#[tokio::test]
async fn in_redis() {
    let Some(server) = Server::start() else {
        return;
    };
    conforms(Cache::redis(server.settings()).expect("a cache")).await;
}

#[tokio::test]
async fn in_redis_under_tls() {
    let Some(server) = Server::start_secured() else {
        return;
    };
    conforms(Cache::redis(server.settings()).expect("a cache")).await;
    let stranger = RedisSettings {
        ca_file: None,
        ..server.settings()
    };
    let cache = Cache::redis(stranger).expect("a cache");
    cache
        .probe()
        .await
        .expect_err("a certificate nobody vouches for");
}

#[tokio::test]
async fn memory_stays_within_its_bytes() {
    let cache = Cache::memory(100_000);
    for number in 0..200 {
        let key = key("proj_a", &number.to_string());
        cache.put(&key, Bytes::from(vec![0; 10_000]), LONG).await;
        cache.get(&key).await;
    }
    let mut kept = 0;
    for number in 0..200 {
        kept += usize::from(
            cache
                .get(&key("proj_a", &number.to_string()))
                .await
                .is_some(),
        );
    }
    assert!(kept <= 10, "{kept} entries of 10,000 bytes");
}

#[tokio::test]
async fn names_begin_with_the_prefix_and_entries_have_an_end() {
    let Some(server) = Server::start() else {
        return;
    };
    let settings = RedisSettings {
        prefix: "other".to_owned(),
        ..server.settings()
    };
    let cache = Cache::redis(settings).expect("a cache");
    cache
        .put(&key("proj_a", "1"), Bytes::from_static(b"one"), LONG)
        .await;
    let names = server.say(&["KEYS", "*"]);
    assert!(names.contains("other:rows:6:proj_a:1"), "{names}");
    let left = server.say(&["PTTL", "other:rows:6:proj_a:1"]);
    let left: u64 = left.trim_start_matches(':').trim().parse().expect(&left);
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_wrong_password_is_told_as_one_and_not_shown() {
    let Some(server) = Server::start() else {
        return;
    };
    for password in [Some("wrong-guess".to_owned()), None] {
        let settings = RedisSettings {
            password,
            ..server.settings()
        };
        let cache = Cache::redis(settings).expect("a cache");
        let refused = cache.probe().await.expect_err("refused").to_string();
        assert!(refused.contains("REDIS_PASSWORD"), "{refused}");
        assert!(!refused.contains("wrong-guess") && !refused.contains(PASSWORD));
        assert_eq!(cache.get(&key("proj_a", "1")).await, None);
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for url in ["", "localhost:6379", "http://localhost", "redis://"] {
        if let Ok(cache) = Cache::redis(RedisSettings::new(url)) {
            panic!("{url:?} became a {} cache", cache.kind());
        }
    }
}
