//! Conversations of a data set version, split by the hash of what was asked.

use hanok_data::{ChunkRows, DataError};
use hanok_domain::fault::Fault;
use hanok_models::ChatMessage;
use hanok_protocol::job::Manifest;
use serde::Deserialize;

use super::Stop;
use super::context::Context;

/// Training and held-out conversations.
#[derive(Debug, Default)]
pub struct Conversations {
    /// To train on.
    pub training: Vec<Vec<ChatMessage>>,
    /// Never trained on.
    pub held_out: Vec<Vec<ChatMessage>>,
    /// Rows with something else than text in them.
    pub unreadable: usize,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: String,
}

/// Reads a data set of conversations. Equal questions are on the same side, whatever was answered.
pub fn read(context: &Context, manifest: &Manifest, held_out: f64) -> Result<Conversations, Stop> {
    if manifest.kind != "messages" {
        let text = format!(
            "A language model is trained on messages; this data set holds {}.",
            manifest.kind
        );
        return Err(Fault::invalid("wrong_dataset_kind", text).into());
    }
    let mut found = Conversations::default();
    for chunk in &manifest.chunks {
        context.check()?;
        let bytes = context.get(&chunk.object)?;
        let rows = ChunkRows::open(bytes, &["messages"]).map_err(damaged)?;
        for (at, row) in rows.enumerate() {
            let cell = row.map_err(damaged)?.pop().unwrap_or_default();
            match conversation(&cell) {
                Some(turns) if hanok_data::split::held_out(&asked(&turns), held_out) => {
                    found.held_out.push(turns);
                }
                Some(turns) => found.training.push(turns),
                None => {
                    found.unreadable += 1;
                    if found.unreadable == 1 {
                        let row = chunk.offset + at as u64 + 1;
                        let text = format!(
                            "row {row} is left out: it has a turn without text (a call, a picture)"
                        );
                        context.reporter.log("warn", text);
                    }
                }
            }
        }
    }
    if found.unreadable > 1 {
        let text = format!(
            "{} rows have turns without text and are left out",
            found.unreadable
        );
        context.reporter.log("warn", text);
    }
    Ok(found)
}

/// The turns of a row; nothing where one has no text.
fn conversation(cell: &str) -> Option<Vec<ChatMessage>> {
    let messages: Vec<Message> = serde_json::from_str(cell).ok()?;
    let turns = messages.into_iter().map(|message| {
        let content = match message.content? {
            Content::Text(text) => text,
            Content::Parts(parts) => {
                let texts: Vec<String> = parts.into_iter().map(|part| part.text).collect();
                texts.join("\n")
            }
        };
        // What newer files call the system's turn.
        let role = if message.role == "developer" {
            "system".to_owned()
        } else {
            message.role
        };
        Some(ChatMessage::new(role, content))
    });
    turns.collect()
}

/// What the user said, which decides the side.
fn asked(turns: &[ChatMessage]) -> String {
    let asked = turns.iter().filter(|turn| turn.role == "user");
    let texts: Vec<&str> = asked.map(|turn| turn.content.as_str()).collect();
    texts.join("\n")
}

fn damaged(error: DataError) -> Fault {
    Fault::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_parts_are_read_and_calls_are_not() {
        let cell = r#"[{"role":"developer","content":"be kind"},
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
            {"role":"assistant","content":"c","weight":1}]"#;
        let turns = conversation(cell).unwrap();
        assert_eq!(turns[0], ChatMessage::new("system", "be kind"));
        assert_eq!(asked(&turns), "a\nb");
        for cell in [
            r#"[{"role":"assistant","content":null,"tool_calls":[]}]"#,
            r#"[{"role":"user","content":[{"type":"image_url"}]}]"#,
            "nonsense",
        ] {
            assert!(conversation(cell).is_none(), "{cell}");
        }
    }
}
