//! `hanok user invite`.

use serde_json::json;

use crate::cli::{Access, CliError, Context};

/// Flags of `hanok user invite`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of whom to invite; anybody with the link without it.
    #[arg(long)]
    email: Option<String>,
    /// `user` or `admin`.
    #[arg(long, default_value = "user")]
    role: String,
    /// A project that the invitation opens.
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// `owner`, `editor` or `viewer` of that project.
    #[arg(long, value_name = "ROLE", requires = "project")]
    project_role: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// Makes an invitation; where no mail goes out, prints its link.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let body = json!({
        "email": args.email, "role": args.role,
        "project": args.project, "project_role": args.project_role,
    });
    let value = connection.client.post("/api/v1/invitations", &body).await?;
    match value["link"].as_str() {
        Some(link) => context.terminal.line(link),
        None => context
            .terminal
            .line("The invitation is on its way by mail."),
    }
    context
        .terminal
        .note("It makes one account, within seven days.");
    context.terminal.document(&value);
    Ok(())
}
