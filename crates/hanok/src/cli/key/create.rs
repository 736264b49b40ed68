//! `hanok key create`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok key create`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the key is for.
    #[arg(long)]
    name: String,
    /// It changes nothing: it looks, and asks models.
    #[arg(long)]
    read_only: bool,
    /// It is good for this path and what is below it; may be given several times.
    #[arg(long = "route", value_name = "PATH")]
    routes: Vec<String>,
    /// It calls this model and does nothing else; may be given several times.
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
    /// It has no rate limits; only an administrator makes such a key.
    #[arg(long)]
    rate_exempt: bool,
    /// It ends after so many days.
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<u32>,
    /// It makes at most so many requests a minute.
    #[arg(long, value_name = "N")]
    requests_per_minute: Option<i64>,
    /// It makes at most so many requests a minute that compute.
    #[arg(long, value_name = "N")]
    expensive_per_minute: Option<i64>,
    /// It reads and writes at most so many tokens a day.
    #[arg(long, value_name = "N")]
    tokens_per_day: Option<i64>,
    /// It is for this service account of the project (`user_…`).
    #[arg(long, value_name = "ID")]
    service_account: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// Makes a key and prints it alone, so that a shell can take it.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let mut scopes: Vec<String> = Vec::new();
    scopes.extend(args.read_only.then(|| "read-only".to_owned()));
    scopes.extend(args.routes.iter().map(|path| format!("route:{path}")));
    scopes.extend(args.models.iter().map(|name| format!("model:{name}")));
    scopes.extend(args.rate_exempt.then(|| "rate:exempt".to_owned()));
    let body = json!({
        "name": args.name, "scopes": scopes, "expires_in_days": args.expires_in_days,
        "service_account": args.service_account,
        "limits": {
            "requests_per_minute": args.requests_per_minute,
            "expensive_per_minute": args.expensive_per_minute,
            "tokens_per_day": args.tokens_per_day,
        },
    });
    let value = connection.client.post("/api/v1/keys", &body).await?;
    context
        .terminal
        .line(value["key"].as_str().unwrap_or_default());
    context
        .terminal
        .note("It is shown this once; `hanok key revoke` ends it.");
    context.terminal.document(&value);
    Ok(())
}
