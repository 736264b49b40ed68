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

/// A text and what should come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The text; of a conversation what the user said last before the answer.
    pub text: String,
    /// Its label in the data, or the answer.
    pub label: String,
    /// What decides whether it is held out: the text, or all that the user said.
    key: String,
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
            if !hanok_data::split::held_out(&example.key, share) {
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
    let example: Example =
        long.ok_or_else(|| CliError::failed("no row of the data set was held out"))?;
    Ok(Example {
        text: example.text.chars().take(SHORT).collect(),
        ..example
    })
}

fn example_of(row: &Value) -> Option<Example> {
    let values = &row["values"];
    if let Some(messages) = values["messages"].as_str() {
        return exchange(messages);
    }
    let text = values["text"].as_str()?.to_owned();
    Some(Example {
        key: text.clone(),
        text,
        label: values["label"].as_str()?.to_owned(),
    })
}

/// The last question of a conversation that was answered.
fn exchange(messages: &str) -> Option<Example> {
    let turns: Vec<Value> = serde_json::from_str(messages).ok()?;
    let of = |turn: &Value, role: &str| {
        let content = (turn["role"] == role).then(|| turn["content"].as_str())?;
        content.map(str::to_owned)
    };
    let asked: Vec<String> = turns.iter().filter_map(|turn| of(turn, "user")).collect();
    let pairs = turns.windows(2).rev();
    let mut pairs =
        pairs.filter_map(|pair| Some((of(&pair[0], "user")?, of(&pair[1], "assistant")?)));
    let (text, label) = pairs.next()?;
    Some(Example {
        text,
        label,
        key: asked.join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_exchange_of_a_conversation_is_the_example() {
        let messages = r#"[{"role":"system","content":"s"},{"role":"user","content":"a"},
            {"role":"assistant","content":"b"},{"role":"user","content":"c"},
            {"role":"assistant","content":"d"}]"#;
        let found = exchange(messages);
        let found = found.map(|e| (e.text, e.label, e.key));
        assert_eq!(found, Some(("c".into(), "d".into(), "a\nc".into())));
        assert_eq!(exchange(r#"[{"role":"user","content":"a"}]"#), None);
        assert_eq!(exchange("nonsense"), None);
    }
}
