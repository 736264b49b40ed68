//! Conversations: whether a `messages` value can be trained on, and prompts made into one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const ROLES: [&str; 6] = [
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "function",
];

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    function_call: Option<&'a RawValue>,
}

/// The conversation's text, for figures; or why it cannot be trained on.
pub(crate) fn check(messages: &str) -> Result<String, String> {
    // As plain values first: that bounds the depth and finds broken escapes in what we skip.
    serde_json::from_str::<serde::de::IgnoredAny>(messages)
        .and_then(|_| serde_json::from_str::<serde_json::Value>(messages).map(drop))
        .map_err(|error| format!("messages is invalid: {error}"))?;
    let list = serde_json::from_str::<Vec<Message<'_>>>(messages)
        .map_err(|_| "messages is no list of objects with role and content".to_string())?;
    if list.is_empty() {
        return Err("messages is empty".to_string());
    }
    let mut text = String::new();
    let mut answers = 0;
    for (at, message) in list.iter().enumerate() {
        let number = at + 1;
        let Some(role) = &message.role else {
            return Err(format!("message {number} has no role"));
        };
        if !ROLES.contains(&role.as_ref()) {
            return Err(format!("message {number} has the unknown role {role:?}"));
        }
        let calls = message.tool_calls.is_some() || message.function_call.is_some();
        if message.content.is_none() && !calls {
            return Err(format!("message {number} has no content"));
        }
        answers += u32::from(role == "assistant");
        if let Some(content) = message.content {
            append(&mut text, content);
        }
    }
    if answers == 0 {
        return Err("no message is of the assistant".to_string());
    }
    Ok(text)
}

fn append(text: &mut String, content: &RawValue) {
    if !text.is_empty() {
        text.push('\n');
    }
    match serde_json::from_str::<String>(content.get()) {
        Ok(content) => text.push_str(&content),
        Err(_) => text.push_str(content.get()),
    }
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: &'a str,
}

/// A prompt and its completion as a conversation.
pub(crate) fn from_prompt(prompt: &str, completion: &str) -> String {
    let turns = [
        Turn {
            role: "user",
            content: prompt,
        },
        Turn {
            role: "assistant",
            content: completion,
        },
    ];
    // Strings always serialise.
    serde_json::to_string(&turns).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_checked() {
        let good = r#"[{"role":"user","content":"hi"},{"role":"assistant","content":"안녕"}]"#;
        assert_eq!(check(good).unwrap(), "hi\n안녕");
        let calls = r#"[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[]}]"#;
        assert!(check(calls).is_ok());
        let broken = [
            ("[]", "messages is empty"),
            ("{}", "messages is no list"),
            (r#"[{"content":"hi"}]"#, "message 1 has no role"),
            (r#"[{"role":"user"}]"#, "message 1 has no content"),
            (
                r#"[{"role":"king","content":""}]"#,
                "message 1 has the unknown role",
            ),
            (
                r#"[{"role":"user","content":"hi"}]"#,
                "no message is of the assistant",
            ),
            (&"[".repeat(100_000), "messages is invalid"),
        ];
        for (messages, reason) in broken {
            let found = check(messages).unwrap_err();
            assert!(found.starts_with(reason), "{found}");
        }
    }

    #[test]
    fn prompts_become_conversations() {
        let made = from_prompt("say \"hi\"\n", "hi");
        assert_eq!(check(&made).unwrap(), "say \"hi\"\n\nhi");
    }
}
