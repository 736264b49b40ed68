//! Rate limits in a real Redis: two servers count together, a Redis that is down leaves each its own limits,
//! and one that is back is used again.

use std::time::{Duration, Instant};

use hanok_cache::rate::{Limiter, Rule};

use crate::server::Server;

fn rule(count: u32) -> Rule {
    Rule::per_minute(count).expect("a rule")
}

async fn allowed(limiter: &Limiter, subject: &str, count: u32, tries: u32) -> u32 {
    let mut allowed = 0;
    for _ in 0..tries {
        allowed += u32::from(limiter.take(subject, rule(count)).await.allowed);
    }
    allowed
}

#[tokio::test]
async fn two_servers_count_together() {
    let Some(server) = Server::start() else {
        return;
    };
    let (one, two) = (
        Limiter::redis(server.settings()).expect("a limiter"),
        Limiter::redis(server.settings()).expect("a limiter"),
    );
    let first = one.take("key:a", rule(6)).await;
    assert_eq!((first.allowed, first.limit, first.remaining), (true, 6, 5));
    assert_eq!(first.reset.as_secs(), 10);
    assert_eq!(allowed(&two, "key:a", 6, 3).await, 3);
    assert_eq!(allowed(&one, "key:a", 6, 3).await, 2);
    let refused = two.take("key:a", rule(6)).await;
    assert!(!refused.allowed && !two.peek("key:a", rule(6)).await.allowed);
    assert!(refused.retry > Duration::ZERO && refused.retry <= Duration::from_secs(10));
    assert!(one.take("key:b", rule(6)).await.allowed);
    assert_eq!(one.figures().shared, Some(true));
    assert_eq!(one.figures().fallbacks, 0);
    let names = server.say(&["PTTL", "hanok:rate:key:a"]);
    let time: i64 = names.trim_start_matches(':').trim().parse().expect(&names);
    assert!(
        (1..=60_001).contains(&time),
        "it goes away by itself: {time}"
    );
}

#[tokio::test]
async fn f50_without_redis_each_server_has_its_own_limits_and_then_shares_again() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let limiter = Limiter::redis(server.settings()).expect("a limiter");
    assert_eq!(allowed(&limiter, "key:a", 4, 2).await, 2);
    server.kill();
    assert_eq!(
        allowed(&limiter, "key:a", 4, 12).await,
        4,
        "neither all nor none"
    );
    let figures = limiter.figures();
    assert_eq!((figures.shared, figures.fallbacks), (Some(false), 12));
    server.run();
    let begun = Instant::now();
    while limiter.figures().shared == Some(false) {
        assert!(begun.elapsed() < Duration::from_secs(10), "never again");
        tokio::time::sleep(Duration::from_millis(50)).await;
        limiter.peek("key:a", rule(4)).await;
    }
    assert_eq!(allowed(&limiter, "key:c", 4, 6).await, 4);
}
