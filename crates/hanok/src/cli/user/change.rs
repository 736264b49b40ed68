//! `hanok user role`, `disable`, `enable` and `delete`.

use serde_json::{Value, json};

use crate::cli::dataset::encode;
use crate::cli::{Access, CliError, Context};

/// Flags of the verbs that need a name alone.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name or id.
    user: String,
    #[command(flatten)]
    access: Access,
}

/// Flags of `hanok user role`.
#[derive(Debug, clap::Args)]
pub struct RoleArgs {
    /// Name or id.
    user: String,
    /// `user` or `admin`.
    role: String,
    #[command(flatten)]
    access: Access,
}

/// Gives an account another role; its sessions end.
pub async fn role(args: RoleArgs) -> Result<(), CliError> {
    let said = format!("{} is {} now.", args.user, args.role);
    change(
        &args.access,
        &args.user,
        &json!({ "role": args.role }),
        said,
    )
    .await
}

/// Disables an account: its sessions end, its keys do nothing.
pub async fn disable(args: Args) -> Result<(), CliError> {
    let said = format!("Disabled {}.", args.user);
    change(&args.access, &args.user, &json!({ "disabled": true }), said).await
}

/// Enables an account, and opens one that was locked.
pub async fn enable(args: Args) -> Result<(), CliError> {
    let said = format!("Enabled {}.", args.user);
    change(
        &args.access,
        &args.user,
        &json!({ "disabled": false }),
        said,
    )
    .await
}

/// Deletes an account for good.
pub async fn delete(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let path = format!("/api/v1/users/{}", encode(&args.user));
    let value = connection.client.delete(&path).await?;
    context.terminal.line(format!("Deleted {}.", args.user));
    context.terminal.document(&value);
    Ok(())
}

async fn change(access: &Access, user: &str, body: &Value, said: String) -> Result<(), CliError> {
    let (context, connection) = Context::open(access).await?;
    let path = format!("/api/v1/users/{}", encode(user));
    let value = connection.client.post(&path, body).await?;
    context.terminal.line(said);
    context.terminal.document(&value);
    Ok(())
}
