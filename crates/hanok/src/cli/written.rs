//! An answer as it is written: text to standard output token by token, figures at the end. Nothing in the
//! text can move the cursor.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Answer, ClientError};
use crate::terminal::{Terminal, print_bytes, rate};

/// An answer so far.
#[derive(Debug, Default)]
pub struct Written {
    /// All of its text.
    pub text: String,
    /// `stop` or `length`, once it has ended.
    pub finish_reason: Option<String>,
    /// Tokens read and written, if they were told.
    pub usage: Value,
    /// The name of the model that wrote it.
    pub model: String,
    began: Option<Instant>,
    took: Duration,
}

impl Written {
    /// Reads an answer to its end. It can be left in the middle: what was written stays here.
    pub async fn read(
        &mut self,
        answer: &mut Answer,
        terminal: &Terminal,
    ) -> Result<(), ClientError> {
        while let Some(chunk) = answer.next().await? {
            self.take(&chunk, terminal);
        }
        Ok(())
    }

    fn take(&mut self, chunk: &Value, terminal: &Terminal) {
        if let Some(model) = chunk["model"].as_str() {
            model.clone_into(&mut self.model);
        }
        if chunk["usage"].is_object() {
            self.usage = chunk["usage"].clone();
        }
        let choice = &chunk["choices"][0];
        let text = choice["delta"]["content"]
            .as_str()
            .or(choice["text"].as_str());
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let began = *self.began.get_or_insert_with(Instant::now);
            self.took = began.elapsed();
            self.text.push_str(text);
            if !terminal.json {
                print_bytes(harmless(text).as_bytes());
            }
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish_reason = Some(reason.to_owned());
        }
    }

    /// Ends the line that the text ended in.
    pub fn end_line(&self, terminal: &Terminal) {
        if !terminal.json && !self.text.ends_with('\n') {
            print_bytes(b"\n");
        }
    }

    /// Tokens and their pace, in words.
    pub fn figures(&self) -> Option<String> {
        let tokens = self.usage["completion_tokens"].as_u64()?;
        let mut words = format!("{tokens} tokens");
        // The first token's time is the prompt's: the pace counts from there.
        if tokens > 1 && self.took > Duration::ZERO {
            let pace = (tokens - 1) as f64 / self.took.as_secs_f64();
            words = format!("{words}, {}", rate(pace, "tokens"));
        }
        if self.finish_reason.as_deref() == Some("length") {
            words.push_str(", cut at the most tokens");
        }
        Some(words)
    }
}

/// Text without what a terminal would obey.
fn harmless(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_in_an_answer() {
        assert_eq!(harmless("a\u{1b}[2Jb\r\n\tc\u{7}"), "a[2Jb\n\tc");
    }
}
