//! Reads lists page by page.

use serde_json::Value;

use super::CliError;
use crate::client::{Client, List, parse};

/// Entries that a list command reads at most; the API has the rest.
const MOST: usize = 10_000;

/// All entries of a list, newest first.
pub async fn list_all(client: &Client, path: &str) -> Result<Vec<Value>, CliError> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page: List = parse(&client.get(&format!("{path}?limit=100{after}")).await?)?;
        all.extend(page.data);
        match page.last_id {
            Some(last) if page.has_more && all.len() < MOST => after = format!("&after={last}"),
            _ => return Ok(all),
        }
    }
}
