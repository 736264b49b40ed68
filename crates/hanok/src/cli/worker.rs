//! `hanok worker`: one worker process. A server starts its own; in a cluster they are started by hand.

use std::path::PathBuf;
use std::time::Duration;

use hanok_protocol::lease::WorkerRole;
use hanok_worker::address::Endpoint;
use hanok_worker::{Address, Ended, WorkerConfig};

use super::{CliError, Flags, load};
use crate::{serve, stores};

/// Share of the machine's memory that a job worker may map.
const MEMORY_SHARE: u64 = 4;

/// Flags of `hanok worker`.
#[derive(Debug, clap::Args)]
pub struct WorkerArgs {
    /// Address of the server to work for.
    #[arg(
        long,
        value_name = "URL",
        requires = "token_file",
        required_unless_present = "address_file"
    )]
    pub server: Option<String>,
    /// File with the token for workers.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// File in which each server of a data directory says where it is.
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "server")]
    pub address_file: Option<PathBuf>,
    /// `jobs` leases and runs jobs, `host` answers inference.
    #[arg(long, default_value = "jobs", value_parser = ["jobs", "host"])]
    pub role: String,
    /// The server's data directory; with a bucket (MINIO_ENDPOINT …), a folder for copies of its objects.
    #[arg(long, value_name = "DIR")]
    pub objects: PathBuf,
    /// Unix socket on which a hosting worker answers.
    #[arg(long, value_name = "PATH", default_value = "host.sock")]
    pub socket: PathBuf,
    /// Longest a job may run, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub job_timeout: u64,
    /// Most memory that a job may map, bytes; three quarters of the machine's by default.
    #[arg(long, value_name = "BYTES")]
    pub memory: Option<u64>,
    /// error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// `text` or `json`.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: String,
}

/// Works until told to stop, or until the work asks for another process.
pub async fn worker(args: WorkerArgs) -> Result<(), CliError> {
    serve::start_logging(&args.log_level, args.log_format == "json");
    let config = config(args)?;
    let ended = hanok_worker::run(config)
        .await
        .map_err(|error| CliError::failed(error.to_string()))?;
    tracing::info!(?ended, "worker ended");
    match ended {
        Ended::JobDone | Ended::Stopped => Ok(()),
        // The job's thread still runs, and a process waits for its threads.
        Ended::Stuck => std::process::exit(1),
        Ended::Orphaned => Err(CliError::failed(
            "no server was found for as long as a lease lasts",
        )),
    }
}

fn config(args: WorkerArgs) -> Result<WorkerConfig, CliError> {
    let address = match (args.address_file, args.server, args.token_file) {
        (Some(file), ..) => Address::File(file),
        (None, Some(url), Some(file)) => {
            let token = std::fs::read_to_string(&file)
                .map_err(|e| CliError::failed(format!("{}: {e}", file.display())))?;
            Address::Fixed(Endpoint {
                url,
                token: token.trim().to_owned(),
            })
        }
        _ => return Err(CliError::usage("--server needs --token-file")),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let role = if args.role == "host" {
        WorkerRole::Host
    } else {
        WorkerRole::Jobs
    };
    let settings = load(&Flags::default().with_dir("HANOK_DATA", Some(&args.objects)))?;
    let object_settings =
        stores::worker_objects(&settings).map_err(|fault| CliError::failed(fault.to_string()))?;
    Ok(WorkerConfig {
        role,
        object_settings,
        ca_file: settings.ca_file.clone(),
        address,
        runs: args.objects.join("runs"),
        objects: args.objects,
        socket: args.socket,
        threads,
        memory: args
            .memory
            .or_else(machine_memory)
            .filter(|_| role == WorkerRole::Jobs),
        job_timeout: Duration::from_secs(args.job_timeout),
    })
}

/// Three quarters of the machine's memory, if it can be told.
fn machine_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024 / MEMORY_SHARE * (MEMORY_SHARE - 1))
}
