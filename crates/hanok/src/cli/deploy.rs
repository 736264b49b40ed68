//! Has a model served and waits until it answers, for the commands that end with a served model.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::CliError;
use super::follow::failure_of;
use crate::client::{Client, Deployment, Named, parse};
use crate::terminal::Terminal;

/// Longest that a deployment may take until it is ready.
const DEPLOY: Duration = Duration::from_secs(90);

/// Deploys a model; gives the deployment once it is ready.
pub async fn deploy(
    client: &Client,
    terminal: &Terminal,
    model: &Named,
) -> Result<Value, CliError> {
    let body = json!({ "model": model.id });
    let mut value = client.post("/api/v1/deployments", &body).await?;
    let mut bar = terminal.bar("Loading the model");
    bar.say("");
    let begun = Instant::now();
    loop {
        let deployment: Deployment = parse(&value)?;
        match deployment.state.as_str() {
            "ready" => break,
            "pending" if begun.elapsed() < DEPLOY => {}
            _ => return Err(failure_of(deployment.error, "the deployment").into()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let path = format!("/api/v1/deployments/{}", deployment.id);
        value = client.get(&path).await?;
    }
    drop(bar);
    terminal.tell(format!("  {} answers at {}/v1", model.name, client.shown()));
    Ok(value)
}
