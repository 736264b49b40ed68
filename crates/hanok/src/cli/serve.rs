//! `hanok serve`: the server with its workers, in the foreground.

use std::path::PathBuf;

use super::{CliError, Failure, Flags, load};
use crate::serve::{self, Serve};

/// Flags of `hanok serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Data directory [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to listen on [env: HOST] [default: 127.0.0.1].
    #[arg(long)]
    pub host: Option<String>,
    /// Port to listen on; 0 picks a free one and prints it [env: PORT] [default: 8080].
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// `postgres://…` or `sqlite://…` [env: DATABASE_URL].
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// `gateway` starts no workers: they run elsewhere.
    #[arg(long, value_enum, default_value = "all")]
    pub role: ServeRole,
    /// End when no command is attached and no job runs.
    #[arg(long, hide = true)]
    pub ephemeral: bool,
    /// error, warn, info, debug or trace [env: LOG_LEVEL].
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// `text` or `json` [env: LOG_FORMAT].
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// Which parts of the server run in this process tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ServeRole {
    /// The gateway and its workers.
    All,
    /// The gateway alone.
    Gateway,
}

/// Serves until told to stop.
pub async fn serve(args: ServeArgs) -> Result<(), CliError> {
    let flags = Flags::default()
        .with_dir("HANOK_DATA", args.data.as_deref())
        .with("HOST", args.host.as_ref())
        .with("PORT", args.port)
        .with("DATABASE_URL", args.database_url.as_ref())
        .with("LOG_LEVEL", args.log_level.as_ref())
        .with("LOG_FORMAT", args.log_format.as_ref());
    let settings = load(&flags)?;
    serve::start_logging(&settings.log_level, settings.log_json);
    let run = serve::run(Serve {
        settings,
        workers: args.role == ServeRole::All,
        ephemeral: args.ephemeral,
    });
    run.await.map_err(|fault| {
        let mut failure = Failure::new(fault.message).code(fault.code);
        failure.remedy = fault.remedy;
        failure.into()
    })
}
