//! The server process: takes the data directory, opens the stores, listens, keeps workers alive, and
//! stops in an orderly way. What it serves is `hanok-web`'s.

mod doors;
mod lifetime;
mod log_file;
mod logging;
mod oom;
mod post;
mod rounds;
mod sealer;
mod supervisor;
mod words;

use hanok_config::{Settings, Transport};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::lock::{DataDirLock, LockError, ServerAddress};
use hanok_studio::upkeep::GRACE;
use hanok_studio::{Studio, Timing};
use hanok_web::access::cors::Origins;
use hanok_web::access::transport::TransportRules;
use hanok_web::app::{App, Protection, WebConfig};
use hanok_web::gate::Rates;
use hanok_web::rooms::Rooms;
use hanok_worker::address::Endpoint;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{compose, stores};
use doors::Doors;

pub use logging::start as start_logging;
pub use supervisor::WorkerPlan;

/// How a server is run.
pub struct Serve {
    /// Settings.
    pub settings: Settings,
    /// Start workers of its own.
    pub workers: bool,
    /// End when no command is attached and no job runs.
    pub ephemeral: bool,
}

/// Serves until told to stop.
///
/// # Errors
/// When the server cannot start; each names what is in the way and what to do.
pub async fn run(mut serve: Serve) -> Result<(), Fault> {
    unsecure_if_private(&mut serve);
    let settings = &serve.settings;
    let mut lock = take_data_directory(settings)?;
    // Only the holder of the directory writes its log.
    logging::keep(&settings.data.join("logs").join("hanok.log"));
    let doors = Doors::open(settings).await?;
    let studio = compose::studio(settings, timing(settings)).await?;
    let first_start = begin(&studio, settings).await?;
    let post = post::Post::new(&studio)?;
    let signals = signals()?;
    let (url, inner_url) = (doors.url.clone(), doors.inner_url.clone());
    let app = app(settings, studio.clone())?;
    publish(settings, &mut lock, (&url, &inner_url), &app)?;
    let halt = CancellationToken::new();
    let mut web = doors.serve(&app, &halt);
    web.push(tokio::spawn(sealer::run(studio.clone(), halt.clone())));
    let plan = WorkerPlan::new(settings)?;
    let workers = serve
        .workers
        .then(|| tokio::spawn(supervisor::run(plan, studio.clone(), app.stop.clone())));
    let reaper = tokio::spawn(rounds::reap(
        studio.clone(),
        timing(settings),
        app.stop.clone(),
    ));
    // An import may store its first object as long before its row as a job may run.
    let grace = GRACE.max(settings.worker_timeout * 2);
    let sweeper = tokio::spawn(rounds::collect(studio.clone(), grace, app.stop.clone()));
    let post = tokio::spawn(post.run(studio.clone(), base(settings, &url), app.stop.clone()));
    announce(settings, &studio, &url, first_start).await?;

    lifetime::wait(&app, serve.ephemeral, signals).await;
    // Readiness and streams end first; workers give their jobs back while the gateway still answers.
    tracing::info!("stopping");
    app.stop.cancel();
    if let Some(workers) = workers {
        let _ = workers.await;
    }
    let _ = (reaper.await, sweeper.await, post.await);
    halt.cancel();
    close(web, &studio).await;
    tracing::info!("stopped");
    Ok(())
}

/// What links in mails begin with.
fn base(settings: &Settings, url: &str) -> String {
    let given = settings.accounts.public_url.as_deref();
    given.unwrap_or(url).to_owned()
}

/// Nobody but the commands that brought it up is meant to find such a server.
fn unsecure_if_private(serve: &mut Serve) {
    if serve.ephemeral && serve.settings.loopback() {
        serve.settings.transport = Transport::default();
    }
}

async fn close(doors: Vec<JoinHandle<()>>, studio: &Studio) {
    for door in doors {
        let _ = door.await;
    }
    if let Err(fault) = studio.close().await {
        tracing::warn!(%fault, "the database was not closed");
    }
}

/// Before the address is told: whoever reads it may already send one.
fn signals() -> Result<lifetime::Signals, Fault> {
    lifetime::Signals::listen()
        .map_err(|e| Fault::internal(format!("signals cannot be listened for: {e}")))
}

fn take_data_directory(settings: &Settings) -> Result<DataDirLock, Fault> {
    compose::data_directory(&settings.data).map_err(|e| {
        start_fault(
            "data_directory",
            format!("{}: {e}", settings.data.display()),
        )
    })?;
    DataDirLock::acquire(&settings.data).map_err(lock_fault)
}

fn app(settings: &Settings, studio: Studio) -> Result<App, Fault> {
    let config = WebConfig {
        hosts: doors::hosts(settings),
        max_request: settings.max_request,
        max_upload: settings.max_upload,
        worker_token: random_token()?,
        local_token: random_token()?,
        metrics: settings.metrics,
        metrics_token: settings
            .metrics_token
            .as_ref()
            .map(|t| t.expose().to_owned()),
        docs: settings.docs,
        protection: protection(settings)?,
        public_url: settings.accounts.public_url.clone(),
        version: env!("CARGO_PKG_VERSION"),
        environment: if settings.production {
            "production".to_owned()
        } else {
            "development".to_owned()
        },
        transport: TransportRules {
            trusted_proxies: settings.transport.trusted_proxies.clone(),
            https_only: settings.production && settings.transport.protected(),
        },
    };
    Ok(App::new(studio, config))
}

/// Who may call how often, from which pages, and what is there at all.
fn protection(settings: &Settings) -> Result<Protection, Fault> {
    let surface = &settings.surface;
    Ok(Protection {
        rates: Rates {
            general: surface.rates.general,
            expensive: surface.rates.expensive,
            inference: surface.rates.inference,
            failures: surface.rates.failures,
        },
        limiter: stores::limiter(&settings.stores)?,
        origins: Origins::new(surface.origins.clone()),
        rooms: Rooms::new(surface.rooms.clone()),
        request_timeout: surface.request_timeout,
    })
}

/// Tells workers and commands where this server is.
fn publish(
    settings: &Settings,
    lock: &mut DataDirLock,
    (url, inner_url): (&str, &str),
    app: &App,
) -> Result<(), Fault> {
    let endpoint = Endpoint {
        url: inner_url.to_owned(),
        token: app.config.worker_token.clone(),
    };
    let text = serde_json::to_string(&endpoint)
        .map_err(|e| Fault::internal(format!("the endpoint cannot be written: {e}")))?;
    let path = supervisor::endpoint_file(&settings.data);
    compose::write_private(&path, &text)
        .map_err(|e| start_fault("data_directory", format!("{}: {e}", path.display())))?;
    let address = ServerAddress {
        url: endpoint.url,
        public: Some(url.to_owned()).filter(|url| url != inner_url),
        token: app.config.local_token.clone(),
        pid: std::process::id(),
    };
    lock.write_address(&address).map_err(lock_fault)
}

/// Says where the server is; on the first start also how to sign in.
async fn announce(
    settings: &Settings,
    studio: &Studio,
    url: &str,
    first_start: bool,
) -> Result<(), Fault> {
    println!("Hanok is at {url}");
    if first_start {
        let secret = studio.issue_sign_in_secret().await?;
        let path = settings.data.join("secrets").join("admin-secret");
        compose::write_private(&path, &format!("{secret}\n"))
            .map_err(|e| start_fault("data_directory", format!("{}: {e}", path.display())))?;
        println!("Sign in once with {secret} (also in {})", path.display());
    }
    Ok(())
}

fn timing(settings: &Settings) -> Timing {
    Timing {
        // Twelve heartbeats may be missed.
        heartbeat: settings.worker_lease / 12,
        lease: settings.worker_lease,
        stall: settings.worker_stall,
    }
}

/// What a start owes the rows; says whether it is the first one.
async fn begin(studio: &Studio, settings: &Settings) -> Result<bool, Fault> {
    studio.check_sealed().await?;
    let first = studio.bootstrap().await?;
    if let Some(password) = &settings.accounts.admin_password
        && !studio.set_first_password(password.expose()).await?
    {
        tracing::warn!("ADMIN_PASSWORD is passed over: there is an administrator with a password");
    }
    end_abandoned(studio, true).await;
    studio.check_audit_head().await?;
    Ok(first)
}

/// What was being served when a server died is over.
async fn end_abandoned(studio: &Studio, starting: bool) {
    match studio.end_abandoned_usage(starting).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(count, "requests were cut off by the end of their server"),
        Err(fault) => tracing::warn!(%fault, "could not look for requests that were cut off"),
    }
}

fn random_token() -> Result<String, Fault> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn start_fault(code: &'static str, message: String) -> Fault {
    Fault::new(FaultKind::Invalid, code, message)
}

fn lock_fault(error: LockError) -> Fault {
    let fault = start_fault("data_directory_in_use", error.to_string());
    match error {
        LockError::Held { .. } => fault
            .remedy("Commands use that server by themselves; or name another folder with --data."),
        _ => fault,
    }
}
