//! Flags that many commands share: how to print, and which server to talk to.

use std::path::PathBuf;

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Output {
    /// Print the result as JSON on standard output.
    // Said, because a heading of other flags would go on otherwise.
    #[arg(long, help_heading = None::<&str>)]
    pub json: bool,
}

/// Which server a command talks to, and how it prints.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Access {
    /// Data directory whose server is used, or brought up [env: HANOK_DATA] [default: ~/.hanok].
    #[arg(long, value_name = "DIR", help_heading = "Server")]
    pub data: Option<PathBuf>,
    /// Talk to the server at this address [env: HANOK_URL].
    #[arg(long, value_name = "URL", help_heading = "Server")]
    pub url: Option<String>,
    /// API key for it [env: HANOK_KEY].
    #[arg(long, value_name = "KEY", help_heading = "Server")]
    pub key: Option<String>,
    /// Project to work in (`proj_…`); your own without it [env: HANOK_PROJECT].
    #[arg(long, value_name = "ID", help_heading = "Server")]
    pub project: Option<String>,
    #[command(flatten)]
    pub output: Output,
}
