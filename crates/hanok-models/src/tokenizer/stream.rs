//! Tokens to text one at a time: a piece is given out when no later token can change it.

use super::{TokenizeError, Tokenizer};

/// Tokens of the prompt that are looked at to write the first generated one.
const CONTEXT: usize = 256;
/// A character has at most four bytes; what is no character after so many tokens never becomes one.
const MAX_PENDING: usize = 8;

/// The text of a growing sequence of tokens; control tokens have none.
#[derive(Debug)]
pub struct TextStream {
    tokenizer: Tokenizer,
    /// Given out: `ids[..read]`, the tokens of the last piece. Pending: the rest. They are cut only
    /// between pieces, since half a character in front would spoil those after it.
    ids: Vec<u32>,
    read: usize,
}

impl TextStream {
    pub(super) fn new(tokenizer: Tokenizer, before: &[u32]) -> Self {
        let ids = before[before.len().saturating_sub(CONTEXT)..].to_vec();
        Self {
            tokenizer,
            read: ids.len(),
            ids,
        }
    }

    /// Adds a token and returns the text that is finished by it, never empty.
    pub fn push(&mut self, id: u32) -> Result<Option<String>, TokenizeError> {
        self.ids.push(id);
        self.advance(self.ids.len() - self.read >= MAX_PENDING)
    }

    /// What is left at the end, never empty: half a character as `U+FFFD`.
    pub fn flush(&mut self) -> Result<Option<String>, TokenizeError> {
        self.advance(true)
    }

    fn advance(&mut self, unfinished_too: bool) -> Result<Option<String>, TokenizeError> {
        let before = self.tokenizer.decode(&self.ids[..self.read], true)?;
        let whole = self.tokenizer.decode(&self.ids, true)?;
        if whole == before {
            // Control tokens: nothing to write, and the last piece stays the context.
            self.read = self.ids.len();
            return Ok(None);
        }
        let new = match whole.strip_prefix(before.as_str()) {
            Some(new) => new,
            // The decoder changed what is out already; only the length still tells what is new.
            None => whole.get(before.len()..).unwrap_or_default(),
        };
        if new.is_empty() || (new.ends_with(char::REPLACEMENT_CHARACTER) && !unfinished_too) {
            return Ok(None);
        }
        let new = new.to_owned();
        self.ids.drain(..self.read);
        self.read = self.ids.len();
        Ok(Some(new))
    }
}
