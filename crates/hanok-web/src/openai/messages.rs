//! The messages of a chat request: read, and refused by number when one says nothing.

use hanok_domain::fault::Fault;
use hanok_protocol::inference::Turn;
use serde::Deserialize;

/// One turn.
#[derive(Debug, Deserialize)]
pub struct Message {
    /// `system`, `developer`, `user` or `assistant`.
    pub role: String,
    /// Text, or text parts.
    #[serde(default)]
    pub content: Option<Content>,
}

/// The content of a turn.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Parts; only text parts are read here.
    Parts(Vec<Part>),
}

/// One part of a turn's content.
#[derive(Debug, Deserialize)]
pub struct Part {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
}

/// The turns, each with a text.
pub fn turns(messages: &[Message]) -> Result<Vec<Turn>, Fault> {
    if !messages.iter().any(|m| m.role == "user") {
        return Err(
            Fault::invalid("no_user_message", "There is no user message to answer.")
                .field("messages"),
        );
    }
    messages
        .iter()
        .enumerate()
        .map(|(at, message)| turn(at, message))
        .collect()
}

fn turn(at: usize, message: &Message) -> Result<Turn, Fault> {
    let role = match message.role.as_str() {
        // What newer clients call the system's turn.
        "developer" => "system",
        role @ ("system" | "user" | "assistant") => role,
        role => {
            return Err(Fault::invalid(
                "unsupported_role",
                format!(
                    "Message {} has the role '{role}', which no model here reads.",
                    at + 1
                ),
            )
            .field(format!("messages[{at}].role"))
            .remedy("Use system, user and assistant."));
        }
    };
    let content = text(at, message)?;
    if content.trim().is_empty() {
        return Err(Fault::invalid(
            "empty_message",
            format!("Message {} ({}) is empty.", at + 1, message.role),
        )
        .field(format!("messages[{at}].content")));
    }
    Ok(Turn {
        role: role.to_owned(),
        content,
    })
}

fn text(at: usize, message: &Message) -> Result<String, Fault> {
    match &message.content {
        Some(Content::Text(text)) => Ok(text.clone()),
        Some(Content::Parts(parts)) => {
            if let Some(part) = parts.iter().find(|p| p.kind != "text") {
                return Err(Fault::invalid(
                    "unsupported_content",
                    format!("This model reads text, not '{}'.", part.kind),
                )
                .field(format!("messages[{at}].content")));
            }
            let texts: Vec<&str> = parts.iter().filter_map(|p| p.text.as_deref()).collect();
            Ok(texts.join("\n"))
        }
        None => Ok(String::new()),
    }
}
