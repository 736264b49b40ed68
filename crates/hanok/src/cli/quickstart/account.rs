//! What a person needs to go on after the quickstart: an API key and the way into the studio.

use serde_json::json;

use crate::cli::CliError;
use crate::client::Connection;

/// Key and sign-in of the local account.
#[derive(Debug, Clone)]
pub struct Account {
    /// A fresh API key.
    pub key: String,
    /// A fresh one-time secret to sign in with; none for a server that is not of this machine.
    pub secret: Option<String>,
}

/// Makes a key and a secret.
pub async fn open(connection: &Connection) -> Result<Account, CliError> {
    let body = json!({ "name": "quickstart" });
    let made = connection.client.post("/api/v1/keys", &body).await?;
    let secret = if connection.data.is_some() {
        let made = connection
            .client
            .post("/api/v1/sign-in-secrets", &json!({}))
            .await?;
        made["secret"].as_str().map(str::to_owned)
    } else {
        None
    };
    Ok(Account {
        key: made["key"].as_str().unwrap_or_default().to_owned(),
        secret,
    })
}
