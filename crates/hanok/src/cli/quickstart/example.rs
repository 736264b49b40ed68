//! A held-out row to call the tuned model with: one that it was never trained on.

use serde_json::Value;

use crate::cli::CliError;
use crate::client::{Client, Dataset, List, Run, parse};

/// Share that the server holds out when nothing else is asked for.
const HELD_OUT: f64 = 0.2;
/// Rows looked at to find one.
const LOOKED_AT: u64 = 2_000;
/// A text that is short enough to be printed in a command line.
const SHORT: usize = 160;

/// A text and the label that it should get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The text.
    pub text: String,
    /// Its label in the data.
    pub label: String,
}

/// The first short held-out row; a long one is cut only if there is no other.
pub async fn pick(client: &Client, dataset: &Dataset, run: &Run) -> Result<Example, CliError> {
    let share = run.params["held_out"].as_f64().unwrap_or(HELD_OUT);
    let mut after = 0;
    let mut long = None;
    while after < LOOKED_AT {
        let path = format!(
            "/api/v1/datasets/{}/rows?after={after}&limit=200",
            dataset.id
        );
        let page: List = parse(&client.get(&path).await?)?;
        after += page.data.len() as u64;
        for example in page.data.iter().filter_map(example_of) {
            if !hanok_data::split::held_out(&example.text, share) {
                continue;
            }
            if example.text.chars().count() <= SHORT {
                return Ok(example);
            }
            long.get_or_insert(example);
        }
        if !page.has_more || page.data.is_empty() {
            break;
        }
    }
    let example = long.ok_or_else(|| CliError::failed("no row of the data set was held out"))?;
    Ok(Example {
        text: example.text.chars().take(SHORT).collect(),
        ..example
    })
}

fn example_of(row: &Value) -> Option<Example> {
    let values = &row["values"];
    Some(Example {
        text: values["text"].as_str()?.to_owned(),
        label: values["label"].as_str()?.to_owned(),
    })
}
