//! `hanok audit verify`: recomputes the chain. A server that holds the data directory is asked to do it; without
//! one the command holds the directory itself.

use hanok_config::Settings;
use hanok_store::lock::{DataDirLock, LockError};
use hanok_studio::Timing;
use hanok_studio::audit::AuditReport;
use serde_json::json;

use crate::cli::{Access, CliError, Context, Failure};
use crate::client::{Client, ClientError, running};
use crate::compose;
use crate::terminal::{Terminal, count};

/// Flags of `hanok audit verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Verifies; fails when the chain does not hold.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let report = verify(&context).await?;
    let value = serde_json::to_value(&report)
        .map_err(|error| CliError::failed(format!("the report cannot be written: {error}")))?;
    context.terminal.document(&value);
    show(&context.terminal, &report);
    match report.clean {
        true => Ok(()),
        false => Err(CliError::Found),
    }
}

async fn verify(context: &Context) -> Result<AuditReport, CliError> {
    let settings = &context.settings;
    if settings.url.is_some() {
        let connection = context.connect().await?;
        return asked(context, &connection.client).await;
    }
    if !settings.data.join("hanok.lock").exists() {
        let text = format!("There is no installation in {}.", settings.data.display());
        let failure = Failure::new(text).code("no_installation");
        return Err(failure
            .remedy("Name its data directory with --data.")
            .into());
    }
    match DataDirLock::acquire(&settings.data) {
        Ok(lock) => {
            let report = alone(settings, &context.terminal).await;
            drop(lock);
            report
        }
        Err(LockError::Held { .. }) => match running(&settings.data).await? {
            Some(connection) => asked(context, &connection.client).await,
            None => Err(Failure::new("A server is starting or stopping here.")
                .code("data_directory_in_use")
                .remedy("Try again in a moment.")
                .into()),
        },
        Err(error) => Err(CliError::failed(error.to_string())),
    }
}

async fn asked(context: &Context, client: &Client) -> Result<AuditReport, CliError> {
    let mut bar = context.terminal.bar("verifying");
    bar.say("");
    // It takes as long as reading every row does.
    let value = client.post_slow("/api/v1/audit/verify", &json!({})).await?;
    drop(bar);
    serde_json::from_value(value).map_err(|error| {
        let url = client.base().to_owned();
        let reason = error.to_string();
        ClientError::Foreign { url, reason }.into()
    })
}

async fn alone(settings: &Settings, terminal: &Terminal) -> Result<AuditReport, CliError> {
    let mut bar = terminal.bar("verifying");
    let mut told = |done: i64, total: i64| {
        let (done, total) = (done.unsigned_abs(), total.unsigned_abs());
        bar.at(done, total, &format!("{} of {}", count(done), count(total)));
    };
    let verified = async {
        let studio = compose::existing(settings, Timing::default()).await?;
        // What the last server did not come to seal is sealed now, so that it is looked at too.
        studio.seal_audit().await?;
        let report = studio.verify_audit(None, &mut told).await;
        studio.close().await?;
        report
    };
    verified.await.map_err(|fault| {
        let mut failure = Failure::new(fault.message).code(fault.code);
        failure.remedy = fault.remedy;
        failure.into()
    })
}

fn show(terminal: &Terminal, report: &AuditReport) {
    let number = |n: i64| count(n.unsigned_abs());
    terminal.line(format!(
        "{} rows sealed, {} not yet, {} gaps; {} links recomputed in {:.1} s",
        number(report.sealed),
        number(report.unsealed),
        number(report.gaps),
        number(report.checked),
        report.seconds,
    ));
    match report.kept {
        Some(kept) => terminal.line(format!(
            "{} heads kept elsewhere, the last at row {}",
            count(report.heads),
            number(kept)
        )),
        None => terminal.note("no head was kept elsewhere: a missing end would not be seen"),
    }
    for found in &report.findings {
        let row = match (&found.id, found.seq) {
            (_, 0) => String::new(),
            (Some(id), seq) => format!(" row {seq} ({id})"),
            (None, seq) => format!(" row {seq}"),
        };
        terminal.line(format!("{}{row}: {}", found.code, found.message));
    }
    terminal.line(if report.clean {
        "holds"
    } else {
        "does not hold"
    });
}
