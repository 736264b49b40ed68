//! A Redis that is down, slow, full or emptied costs misses and a bounded wait, and nothing else.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hanok_cache::{Cache, Key};

use crate::server::Server;

const LONG: Duration = Duration::from_secs(60);

fn key(id: &str) -> Key {
    Key::new("rows", "proj_a", id)
}

async fn keep(cache: &Cache, id: &str) {
    cache.put(&key(id), Bytes::from_static(b"kept"), LONG).await;
}

/// Waits until entries are kept again.
async fn until_it_keeps(cache: &Cache) {
    let begun = Instant::now();
    loop {
        keep(cache, "again").await;
        if cache.get(&key("again")).await.is_some() {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "it never keeps again"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn f50_a_redis_that_is_down_is_a_miss_and_comes_back() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let cache = Cache::redis(server.settings()).expect("a cache");
    keep(&cache, "1").await;
    assert!(cache.get(&key("1")).await.is_some());
    server.kill();
    for _ in 0..3 {
        assert_eq!(cache.get(&key("1")).await, None);
        keep(&cache, "1").await;
    }
    cache.probe().await.expect_err("it is down");
    assert!(cache.figures().failures >= 6);
    server.run();
    until_it_keeps(&cache).await;
    cache.probe().await.expect("it is back");
}

#[tokio::test]
async fn f50_a_redis_that_was_never_there_is_a_miss() {
    let Some(mut server) = Server::start() else {
        return;
    };
    server.kill();
    let cache = Cache::redis(server.settings()).expect("a cache");
    assert_eq!(cache.get(&key("1")).await, None);
    server.run();
    until_it_keeps(&cache).await;
}

#[tokio::test]
async fn f50_a_slow_redis_is_waited_for_once_and_then_left_alone() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut settings = server.settings();
    settings.pause = Duration::from_secs(60);
    let patience = settings.patience;
    let cache = Cache::redis(settings).expect("a cache");
    keep(&cache, "1").await;
    server.say(&["CLIENT", "PAUSE", "60000", "ALL"]);
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(cache.get(&key("1")).await, None);
    }
    // A hundred waits would be a hundred times as long.
    assert!(begun.elapsed() < patience * 20, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn f50_a_full_redis_is_a_miss() {
    let Some(server) = Server::start() else {
        return;
    };
    let cache = Cache::redis(server.settings()).expect("a cache");
    keep(&cache, "before").await;
    let said = server.say(&["CONFIG", "SET", "maxmemory", "1"]);
    assert!(said.contains("OK"), "{said}");
    keep(&cache, "after").await;
    assert_eq!(cache.get(&key("after")).await, None);
    server.say(&["CONFIG", "SET", "maxmemory", "0"]);
    until_it_keeps(&cache).await;
}

#[tokio::test]
async fn f50_an_emptied_redis_is_a_miss() {
    let Some(server) = Server::start() else {
        return;
    };
    let cache = Cache::redis(server.settings()).expect("a cache");
    keep(&cache, "1").await;
    server.say(&["FLUSHALL"]);
    assert_eq!(cache.get(&key("1")).await, None);
    assert_eq!(cache.figures().failures, 0);
    until_it_keeps(&cache).await;
}
