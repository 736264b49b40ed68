//! What tests use beside the program itself: found or started, named by an environment variable.
//!
//! Each service yields the value of its variable, or why it is lacking and the command that
//! mends it. A variable that is set already wins: nothing is started then. All of it is private:
//! on loopback, on free ports, under `target/services`.

mod account;
mod chromium;
mod oidc;
mod pebble;
mod postgres;
mod python;
mod redis;
mod s3;
mod secret;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace;

/// A thing that tests use; a new one needs a row in each `match` below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Service {
    Postgres,
    S3,
    Redis,
    Oidc,
    Pebble,
    Python,
    Chromium,
}

impl Service {
    pub const ALL: [Service; 7] = [
        Service::Postgres,
        Service::S3,
        Service::Redis,
        Service::Oidc,
        Service::Pebble,
        Service::Python,
        Service::Chromium,
    ];

    /// The variable by which tests find it.
    pub fn variable(self) -> &'static str {
        match self {
            Service::Postgres => "HANOK_TEST_POSTGRES",
            Service::S3 => "HANOK_TEST_S3",
            Service::Redis => "HANOK_TEST_REDIS",
            Service::Oidc => "HANOK_TEST_OIDC",
            Service::Pebble => "HANOK_TEST_PEBBLE",
            Service::Python => "HANOK_TEST_PYTHON",
            Service::Chromium => "HANOK_TEST_CHROMIUM",
        }
    }

    /// What is not tested without it.
    pub fn cases(self) -> &'static str {
        match self {
            Service::Postgres => "PostgreSQL cases",
            Service::S3 => "S3 cases",
            Service::Redis => "Redis cases",
            Service::Oidc => "single sign-on cases",
            Service::Pebble => "ACME cases",
            Service::Python => "openai client cases",
            Service::Chromium => "browser cases",
        }
    }

    fn start(self, stay: Stay) -> State {
        match self {
            Service::Postgres => postgres::start(stay),
            Service::S3 => s3::start(stay),
            Service::Redis => redis::find(),
            Service::Oidc => oidc::start(stay),
            Service::Pebble => pebble::find(),
            Service::Python => python::ensure(),
            Service::Chromium => chromium::find(),
        }
    }

    fn look(self) -> State {
        match self {
            Service::Postgres => postgres::look(),
            Service::S3 => s3::look(),
            Service::Redis => redis::find(),
            Service::Oidc => oidc::look(),
            Service::Pebble => pebble::find(),
            Service::Python => python::look(),
            Service::Chromium => chromium::find(),
        }
    }
}

/// How long a started service stays.
#[derive(Clone, Copy, PartialEq)]
enum Stay {
    /// Until its handle is dropped.
    ForThisRun,
    /// Until `services down`.
    UntilDown,
}

/// Whether a service can be used.
pub enum State {
    Ready(Ready),
    Lacking(Lack),
}

/// A service that tests can use; what this run started ends with it.
pub struct Ready {
    pub value: String,
    _server: Option<Server>,
}

/// A server that this run started; dropping it stops it.
#[allow(
    dead_code,
    reason = "held for its end, which needs nothing of what is in it"
)]
enum Server {
    Postgres(postgres::Cluster),
    S3(s3::Store),
    Oidc(oidc::Provider),
}

impl Ready {
    fn found(value: impl Into<String>) -> State {
        State::Ready(Ready {
            value: value.into(),
            _server: None,
        })
    }
}

/// Why a service cannot be used, and what would mend that.
#[derive(Debug)]
pub struct Lack {
    pub why: String,
    pub mend: String,
}

impl Lack {
    fn of(why: impl Into<String>, mend: impl Into<String>) -> State {
        State::Lacking(Lack {
            why: why.into(),
            mend: mend.into(),
        })
    }
}

/// The verbs of `cargo xtask services`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    Up,
    Down,
    Status,
}

/// Everything startable, for one test run; dropping the result stops what it started.
pub fn for_this_run() -> Vec<(Service, State)> {
    postgres::sweep();
    s3::sweep();
    each(|service| service.start(Stay::ForThisRun))
}

pub fn run(action: Action) -> Result<bool> {
    let states = match action {
        Action::Down => {
            s3::down();
            oidc::down();
            return postgres::down().map(|()| true);
        }
        Action::Up => each(|service| service.start(Stay::UntilDown)),
        Action::Status => each(Service::look),
    };
    let mut complete = true;
    for (service, state) in &states {
        match state {
            State::Ready(ready) => println!("export {}='{}'", service.variable(), ready.value),
            State::Lacking(lack) => {
                complete = false;
                eprintln!("# {}: {}; {}", service.variable(), lack.why, lack.mend);
            }
        }
    }
    Ok(complete)
}

/// One of them, for as long as the result is held.
pub fn one(service: Service) -> State {
    postgres::sweep();
    match std::env::var(service.variable()) {
        Ok(value) if !value.is_empty() => Ready::found(value),
        _ => service.start(Stay::ForThisRun),
    }
}

fn each(state: impl Fn(Service) -> State) -> Vec<(Service, State)> {
    let given = |service: Service| std::env::var(service.variable()).ok();
    Service::ALL
        .into_iter()
        .map(|service| match given(service) {
            Some(value) if !value.is_empty() => (service, Ready::found(value)),
            _ => (service, state(service)),
        })
        .collect()
}

fn folder() -> PathBuf {
    workspace::target_dir().join("services")
}
