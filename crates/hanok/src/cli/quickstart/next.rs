//! "What to try next": lines that work as they are printed.

use super::account::Account;
use super::example::Example;
use super::summary::Summary;
use crate::terminal::{Terminal, duration};

/// What the lines are made of.
pub struct Next<'a> {
    /// Key and sign-in.
    pub account: &'a Account,
    /// What to ask.
    pub example: &'a Example,
    /// Whether the model writes text.
    pub chat: bool,
    /// The command that brings the server up again, if it stops now.
    pub restart: Option<&'a str>,
}

impl Next<'_> {
    /// Prints them.
    pub fn print(&self, terminal: &Terminal, done: &Summary) {
        print(terminal, done, self);
    }
}

fn print(terminal: &Terminal, done: &Summary, next: &Next<'_>) {
    let Next {
        account, example, ..
    } = next;
    let paint = terminal.paint;
    let took = duration(done.took());
    terminal.tell(format!("\n{}", paint.good(&format!("Done in {took}."))));
    terminal.tell(format!("\n{}", paint.bold("What to try next")));
    if let Some(command) = next.restart {
        terminal.tell("\n  The server stops now; bring it up again for the lines below:\n");
        terminal.tell(command);
    }
    for (title, path, body) in calls(done.model(), &example.text, next.chat) {
        terminal.tell(format!("\n  {title}\n"));
        terminal.tell(curl(&done.url, &account.key, path, &body));
    }
    terminal.tell("\n  The same from Python (pip install openai):\n");
    terminal.tell(python(&done.url, &account.key, done.model(), &example.text));
    terminal.tell(format!("\n  The studio: {}/", paint.bold(&done.url)));
    terminal.tell(sign_in(account));
    terminal.tell(
        "\n  Your own data (CSV, TSV or JSONL with a text and a label column, or JSONL with messages):\n",
    );
    terminal.tell("hanok quickstart --data FILE");
}

fn sign_in(account: &Account) -> String {
    match &account.secret {
        Some(secret) => format!("  Sign in with this one-time password:\n\n{secret}"),
        None => "  Sign in with a one-time password: 'hanok user secret' on the server makes one."
            .to_owned(),
    }
}

/// Title, path and body of each call; the body is written out so that the model stands first.
fn calls(model: &str, text: &str, chat: bool) -> [(&'static str, &'static str, String); 2] {
    let (model, text) = (json(model), json(text));
    let turns = format!(r#""messages": [{{"role": "user", "content": {text}}}]"#);
    if chat {
        return [
            (
                "Chat with it, as any OpenAI client does:",
                "/v1/chat/completions",
                format!(r#"{{"model": {model}, {turns}}}"#),
            ),
            (
                "The same, piece by piece as it is written:",
                "/v1/chat/completions",
                format!(r#"{{"model": {model}, {turns}, "stream": true}}"#),
            ),
        ];
    }
    [
        (
            "Ask for the label, as any OpenAI client does:",
            "/v1/chat/completions",
            format!(r#"{{"model": {model}, {turns}}}"#),
        ),
        (
            "Ask for the score of every label:",
            "/v1/classify",
            format!(r#"{{"model": {model}, "input": {text}}}"#),
        ),
    ]
}

/// A JSON string, which is a Python string too.
fn json(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}

/// One line for a shell, flush left so that it can be copied whole.
fn curl(url: &str, key: &str, path: &str, body: &str) -> String {
    format!(
        "curl -sS {} -H {} -H {} -d {}",
        quoted(&format!("{url}{path}")),
        quoted(&format!("Authorization: Bearer {key}")),
        quoted("Content-Type: application/json"),
        quoted(body),
    )
}

/// A word for a POSIX shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn python(url: &str, key: &str, model: &str, text: &str) -> String {
    format!(
        "from openai import OpenAI\n\
         client = OpenAI(base_url={}, api_key={})\n\
         print(client.chat.completions.create(model={}, messages=[{{\"role\": \"user\", \"content\": {}}}]).choices[0].message.content)",
        json(&format!("{url}/v1")),
        json(key),
        json(model),
        json(text),
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_gives_every_word_back_as_it_was() -> std::io::Result<()> {
        for word in ["it's \"here\" $HOME `id` \\ !", "", "한국어\nzwei", "'''"] {
            let script = format!("printf %s {}", quoted(word));
            let out = Command::new("sh").arg("-c").arg(script).output()?;
            assert_eq!(String::from_utf8_lossy(&out.stdout), word);
        }
        Ok(())
    }

    #[test]
    fn the_call_is_one_line_with_address_key_and_body() {
        let [_, (_, path, body)] = calls("ft:x", "it's", false);
        let line = curl("http://127.0.0.1:1", "hk_a", path, &body);
        assert_eq!(
            line,
            r#"curl -sS 'http://127.0.0.1:1/v1/classify' -H 'Authorization: Bearer hk_a' -H 'Content-Type: application/json' -d '{"model": "ft:x", "input": "it'\''s"}'"#
        );
    }

    #[test]
    fn bodies_are_json_whatever_the_text_is() {
        for chat in [false, true] {
            for (_, _, body) in calls("ft:\"x\"", "a \"b\"\n\\ c", chat) {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(&body);
                assert!(parsed.is_ok_and(|v| v["model"] == "ft:\"x\""), "{body}");
            }
        }
    }

    #[test]
    fn python_gets_a_string_whatever_the_text_is() {
        let code = python("http://h", "k", "m", "say \"hi\"\nnow");
        assert!(code.contains(r#""content": "say \"hi\"\nnow""#), "{code}");
        assert_eq!(code.lines().count(), 3);
    }
}
