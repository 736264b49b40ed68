//! Our side of `cargo xtask bench accounts`: `bench_accounts ACCOUNTS` puts so many accounts with two sessions each
//! into an empty database and looks at them as administrators, a sign-in and a person do. All have one password,
//! hashed beforehand: what a hash costs is not measured. Prints one line of JSON.

use std::future::Future;
use std::time::Instant;

use hanok_blobs::Objects;
use hanok_cache::Cache;
use hanok_domain::fault::Fault;
use hanok_remote::Remote;
use hanok_store::{Store, StoreConfig, StoreError};
use hanok_studio::access::Caller;
use hanok_studio::accounts::{AccountSettings, Credentials, Pepper, UserQuery};
use hanok_studio::sealing::Secrets;
use hanok_studio::{PageRequest, Studio, StudioParts, Timing};
use hanok_testkit::TestDatabase;
use serde_json::json;

/// Looks of each kind; the middle one counts.
const LOOKS: usize = 31;

/// Accounts on a page of `/admin/users`.
const PAGE: u64 = 25;

/// A bcrypt hash of cost 12, of nothing that anybody could type.
const HASH: &str = "$2b$12$iYXlk9q8SjdDqgvUW7hMXuBJkl8eC2LTKT8F7i65wW5rA2yFTL0rW";

#[tokio::main]
async fn main() {
    let accounts: u64 = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("bench_accounts ACCOUNTS");
    let dir = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite://{}", dir.path().join("bench.db").display());
    let url = std::env::var("DATABASE_URL").unwrap_or(file);
    let config = StoreConfig::new(&url);
    let store = Store::open(&config).await.expect("a database");
    let studio = studio(store.clone(), dir.path());
    studio.bootstrap().await.expect("an administrator");
    let caller = studio.local_caller().await.expect("an administrator");
    let began = Instant::now();
    fill(&TestDatabase::at(config), &url, accounts).await;
    let filled = began.elapsed().as_secs_f64();

    let bench = Bench {
        store,
        studio,
        caller,
    };
    let middle = accounts / 2;
    let line = json!({
        "accounts": accounts, "fill_s": filled,
        "list_ms": bench.list("", "", None).await,
        "deep_ms": bench.list("", "", Some(accounts / 10)).await,
        "disabled_ms": bench.list("", "disabled", None).await,
        "unapproved_ms": bench.list("", "unapproved", None).await,
        "few_ms": bench.list(&format!("person{:05}", middle / 10), "", None).await,
        "mail_ms": bench.list(&format!("mail{middle:06}@"), "", None).await,
        "many_ms": bench.list("person", "", None).await,
        "none_ms": bench.list("zoe", "", None).await,
        "name_ms": bench.sign_in(&format!("person{middle:06}")).await,
        "nobody_ms": bench.sign_in("zoe").await,
        "sessions_ms": bench.sessions(&user(middle)).await,
        "version": concat!("Hanok ", env!("CARGO_PKG_VERSION")),
    });
    println!("{line}");
}

fn studio(store: Store, data: &std::path::Path) -> Studio {
    Studio::new(StudioParts {
        store,
        objects: Objects::open(data).expect("a folder"),
        cache: Cache::memory(1 << 20),
        quota: None,
        secrets: Secrets::random().expect("random bytes"),
        remote: Remote::new(hanok_remote::Config::default()).expect("a client"),
        timing: Timing::default(),
        starters: Vec::new(),
        credentials: Credentials::passing().expect("random bytes"),
        accounts: AccountSettings::new(Pepper::new([7; 32], Vec::new())),
    })
}

fn user(number: u64) -> String {
    format!("user_{number:026}")
}

/// One account in a hundred is disabled; of the two sessions of each one is open.
async fn fill(database: &TestDatabase, url: &str, accounts: u64) {
    let sqlite = url.starts_with("sqlite");
    let numbers = |most: u64| match sqlite {
        true => format!(
            "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) \
             SELECT i FROM n) n"
        ),
        false => format!("generate_series(1, {most}) n(i)"),
    };
    let padded = |number: &str, width: u8| match sqlite {
        true => format!("printf('%0{width}d', {number})"),
        false => format!("lpad(({number})::text, {width}, '0')"),
    };
    let (number, id) = (padded("i", 6), padded("i", 26));
    let users = format!(
        "INSERT INTO users (id, name, email, role, password_hash, created_at, disabled_at) \
         SELECT 'user_' || {id}, 'person' || {number}, 'mail' || {number} || '@example.org', 'user', '{HASH}', \
         1700000000000000 + i, CASE WHEN i % 100 = 0 THEN 1700000000000000 END FROM {}",
        numbers(accounts)
    );
    let owner = padded("1 + i / 2", 26);
    // Until the year 2100, and seen only then, so that none is idle.
    let late = "4102444800000000";
    let sessions = format!(
        "INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at, revoked_at, \
         user_agent, address, method) SELECT 'sess_' || {id}, 'user_' || {owner}, 'hash' || {id}, \
         1700000000000000 + i, {late}, {late}, CASE WHEN i % 2 = 0 THEN 1700000000000000 END, \
         'Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0', '203.0.113.' || (i % 250), 'password' FROM {}",
        numbers(accounts * 2 - 1)
    );
    database.execute(&users).await;
    database.execute(&sessions).await;
    // A server of PostgreSQL does so by itself after a while; SQLite has no statistics.
    if !sqlite {
        database.execute("ANALYZE").await;
    }
}

struct Bench {
    store: Store,
    studio: Studio,
    caller: Caller,
}

impl Bench {
    /// A page of the administrators' list.
    async fn list(&self, begins: &str, state: &str, after: Option<u64>) -> f64 {
        let query = UserQuery {
            q: begins.to_owned(),
            state: state.to_owned(),
            ..UserQuery::default()
        };
        let page = &PageRequest::new(after.map(user), Some(PAGE));
        median(|| self.studio.users(&query, page.clone())).await
    }

    /// What a sign-in reads before it checks the password.
    async fn sign_in(&self, name: &str) -> f64 {
        let look = async || {
            self.store
                .look(|tx| async move {
                    let found = tx.users().by_name(name).await?;
                    let account = found.map_or(name.to_owned(), |user| user.id);
                    let subjects = [format!("account:{account}"), "address:203.0.113.7".into()];
                    tx.sign_in_failures().locked_until(&subjects).await
                })
                .await
                .map_err(|error: StoreError| error.into())
        };
        median(look).await
    }

    /// The sessions of an account, as its owner sees them.
    async fn sessions(&self, user: &str) -> f64 {
        let caller = &Caller {
            user_id: user.to_owned(),
            ..self.caller.clone()
        };
        let found = self.studio.sessions(caller).await.expect("sessions");
        assert_eq!(found.len(), 1, "{found:?}");
        median(|| self.studio.sessions(caller)).await
    }
}

/// Milliseconds of one.
async fn median<T, Fut>(look: impl Fn() -> Fut) -> f64
where
    Fut: Future<Output = Result<T, Fault>>,
{
    let mut times = Vec::new();
    for _ in 0..LOOKS {
        let began = Instant::now();
        look().await.expect("an answer");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
