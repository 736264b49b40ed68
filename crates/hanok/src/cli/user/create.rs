//! `hanok user create`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok user create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name to sign in with.
    name: String,
    /// Address.
    #[arg(long)]
    email: Option<String>,
    /// `user` or `admin`.
    #[arg(long, default_value = "user")]
    role: String,
    #[command(flatten)]
    access: Access,
}

/// Makes an account and prints the link that sets its password.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let body = json!({ "name": args.name, "email": args.email, "role": args.role });
    let value = connection.client.post("/api/v1/users", &body).await?;
    let link = value["reset_link"].as_str().unwrap_or_default();
    context.terminal.line(link);
    context
        .terminal
        .note("It sets the password of the account, once, within an hour.");
    context.terminal.document(&value);
    Ok(())
}
