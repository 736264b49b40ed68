//! Chat templates: turns of a conversation to the text and the tokens that a model was trained on.
//!
//! A template comes with the model and is untrusted: steps, memory and output are bounded. What people
//! say in a turn cannot become a control token. Knows nothing of models.

mod budget;
mod default;
mod engine;
mod guard;
mod message;
mod source;
mod training;

use std::sync::Arc;

use minijinja::{Environment, ErrorKind, context};

pub use message::{ChatMessage, RowError, check_conversation};
pub use source::TokenNames;
pub(crate) use source::of_folder;
pub use training::TrainingRow;

use crate::{ModelError, TokenizeError, Tokenizer};

/// Stands inside the name of a control token that someone wrote in a turn: a code point that is
/// reserved for use inside programs.
const CUT: char = '\u{fdd0}';

/// Why a conversation could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// The template refuses these turns, in its own words, or fails on them.
    #[error("chat template: {0}")]
    Refused(String),
    /// The template takes more steps, memory or output than it may.
    #[error("chat template: {0}")]
    TooMuch(String),
    /// The rendered text cannot be tokenised.
    #[error("{0}")]
    Tokenize(#[from] TokenizeError),
}

/// A compiled template with the names of the tokens that it writes; clones share it.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    env: Arc<Environment<'static>>,
    names: TokenNames,
    own: bool,
    stop_texts: &'static [&'static str],
}

impl ChatTemplate {
    /// Compiles a template in the language of Jinja.
    pub fn new(source: &str, names: TokenNames) -> Result<Self, ModelError> {
        let env = engine::compile(source);
        Ok(Self {
            env: Arc::new(env.map_err(|reason| ModelError::invalid(engine::NAME, reason))?),
            names,
            own: true,
            stop_texts: &[],
        })
    }

    /// Whether it came with the model; if not, it is the default one (see [`ChatTemplate::default_for`]).
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Texts that begin someone else's turn, where no control token does; an answer ends before them.
    pub fn stop_texts(&self) -> &'static [&'static str] {
        self.stop_texts
    }

    /// The text of a conversation; with `add_generation_prompt` up to where the assistant begins.
    pub fn render(
        &self,
        messages: &[ChatMessage],
        add_generation_prompt: bool,
    ) -> Result<String, ChatError> {
        let template = self
            .env
            .get_template(engine::NAME)
            .map_err(|e| failed(&e))?;
        let mut out = Capped(Vec::new());
        budget::reset();
        let names = &self.names;
        let values = context! {
            messages => messages.iter().map(as_value).collect::<Vec<_>>(),
            add_generation_prompt,
            bos_token => names.bos.as_deref().unwrap_or(""),
            eos_token => names.eos.as_deref().unwrap_or(""),
            pad_token => names.pad.as_deref().unwrap_or(""),
            unk_token => names.unk.as_deref().unwrap_or(""),
            tools => (),
            documents => (),
        };
        let done = template.render_captured_to(values, &mut out);
        done.map_err(|e| failed(&e))?;
        Ok(String::from_utf8_lossy(&out.0).into_owned())
    }

    /// The tokens of a conversation. The names of control tokens inside the turns stay text.
    pub fn encode(
        &self,
        tokenizer: &Tokenizer,
        messages: &[ChatMessage],
        add_generation_prompt: bool,
    ) -> Result<Vec<u32>, ChatError> {
        let marked = self.render(&marked(tokenizer, messages), add_generation_prompt)?;
        let (text, cuts) = unmark(&marked);
        let pieces = tokenizer.pieces(&text, &cuts)?;
        Ok(pieces.iter().map(|piece| piece.id).collect())
    }

    /// The control token that ends the assistant's turns, if one does.
    pub fn turn_end(&self, tokenizer: &Tokenizer) -> Option<u32> {
        let turns = [
            ChatMessage::new("user", "a"),
            ChatMessage::new("assistant", "b"),
        ];
        let row = self.encode_training(tokenizer, &turns).ok()?;
        let last = row.learned.iter().rposition(|learned| *learned)?;
        Some(row.ids[last]).filter(|id| tokenizer.is_special(*id))
    }
}

fn as_value(message: &ChatMessage) -> minijinja::Value {
    minijinja::Value::from_pairs([
        ("role", message.role.as_str()),
        ("content", message.content.as_str()),
    ])
}

/// The turns with a mark inside every name of a control token.
fn marked(tokenizer: &Tokenizer, messages: &[ChatMessage]) -> Vec<ChatMessage> {
    let mark = |text: &str| {
        let text = text.replace(CUT, "\u{fffd}");
        let (mut marked, mut from) = (String::with_capacity(text.len()), 0);
        for cut in tokenizer.specials().cuts(&text) {
            marked.push_str(&text[from..cut]);
            marked.push(CUT);
            from = cut;
        }
        marked.push_str(&text[from..]);
        marked
    };
    let message = |m: &ChatMessage| ChatMessage::new(mark(&m.role), mark(&m.content));
    messages.iter().map(message).collect()
}

/// The text without marks, and where they were.
fn unmark(marked: &str) -> (String, Vec<usize>) {
    let (mut text, mut cuts) = (String::with_capacity(marked.len()), Vec::new());
    for (i, part) in marked.split(CUT).enumerate() {
        if i > 0 {
            cuts.push(text.len());
        }
        text.push_str(part);
    }
    (text, cuts)
}

fn failed(error: &minijinja::Error) -> ChatError {
    let reason = match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    };
    let capped = reason.contains("too long for it") || error.kind() == ErrorKind::WriteFailure;
    if capped || error.kind() == ErrorKind::OutOfFuel {
        ChatError::TooMuch(reason)
    } else {
        ChatError::Refused(reason)
    }
}

/// A text that does not grow beyond what is tokenised.
struct Capped(Vec<u8>);

impl std::io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > budget::MAX_TEXT {
            return Err(std::io::Error::other("writes more than is tokenised"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
