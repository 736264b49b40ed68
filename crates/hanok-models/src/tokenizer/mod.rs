//! Text to token ids and back, by a model's `tokenizer.json`.
//!
//! Text from people never becomes a control token: see [`Tokenizer::encode_text`] and
//! [`crate::ChatTemplate`]. Knows nothing of models and of roles.

mod special;
mod stream;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use tokenizers::tokenizer::PostProcessor;
use tokenizers::{Encoding, PostProcessorWrapper, TruncationDirection};

pub use stream::TextStream;

use crate::ModelError;
use special::Specials;

const FILE: &str = "tokenizer.json";
const MAX_FILE: u64 = 128 << 20;
const MAX_ADDED: usize = 100_000;
/// Longest text that is tokenised, in bytes; checked before any work is done.
const MAX_TEXT: usize = 4 << 20;
/// Every kind of character once, so that a tokenizer that cannot work fails when it is loaded.
const PROBE: &str = " Ab1,\n\té 한글 🦀\u{0}\u{200b}<|x|>[SEP] ''";

/// Why a text could not become tokens, or tokens text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenizeError {
    /// The text is longer than is tokenised at once.
    #[error("the text has {bytes} bytes, at most {limit} are tokenised; shorten it")]
    TooLong {
        /// Size of the text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The special tokens leave no room for any of the text.
    #[error("at most {max} tokens leave no room for a text: {special} of them are special ones")]
    NoRoom {
        /// The limit that was asked for.
        max: usize,
        /// Special tokens of an empty text.
        special: usize,
    },
    /// The tokenizer failed.
    #[error("tokenizer.json: {0}")]
    Failed(String),
}

/// The tokens of a text for an encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Token ids, special ones included.
    pub ids: Vec<u32>,
    /// The segment of each token, as long as `ids`.
    pub type_ids: Vec<u32>,
    /// True when the end of the text did not fit.
    pub truncated: bool,
}

/// A token with the bytes of the text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) id: u32,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The tokenizer of a model; clones share it.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Without post-processor, since that trims the offsets; it is applied apart.
    tokenizer: tokenizers::Tokenizer,
    processor: Option<PostProcessorWrapper>,
    specials: Specials,
    max_id: u32,
}

impl Tokenizer {
    /// Loads `tokenizer.json` from a model's directory.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        Self::of_folder(&crate::hf::Folder::open(dir)?)
    }

    pub(crate) fn of_folder(folder: &crate::hf::Folder) -> Result<Self, ModelError> {
        if !folder.has(FILE) {
            let slow = ["tokenizer.model", "vocab.json", "vocab.txt", "spiece.model"];
            if let Some(found) = slow.into_iter().find(|name| folder.has(name)) {
                return Err(ModelError::Missing {
                    file: FILE.to_owned(),
                    needed: format!(
                        "{found} alone is not read; make one with \
                         AutoTokenizer.from_pretrained(directory).save_pretrained(directory)"
                    ),
                });
            }
        }
        Self::from_bytes(&folder.read(FILE, MAX_FILE)?)
    }

    /// Builds a tokenizer from the content of its file.
    pub fn from_bytes(json: &[u8]) -> Result<Self, ModelError> {
        // The library asserts what it could refuse; a file must not end the process.
        let built = catch_unwind(AssertUnwindSafe(|| Self::build(json)));
        built.unwrap_or_else(|_| Err(ModelError::invalid(FILE, "is not consistent")))
    }

    fn build(json: &[u8]) -> Result<Self, ModelError> {
        let invalid = |e: &dyn std::fmt::Display| ModelError::invalid(FILE, e.to_string());
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(json).map_err(|e| invalid(&e))?;
        tokenizer.with_truncation(None).map_err(|e| invalid(&e))?;
        tokenizer.with_padding(None);
        let processor = tokenizer.get_post_processor().cloned();
        tokenizer.with_post_processor(None::<PostProcessorWrapper>);
        let added = tokenizer.get_added_tokens_decoder();
        if added.len() > MAX_ADDED {
            let reason = format!("has {} added tokens, at most {MAX_ADDED}", added.len());
            return Err(ModelError::invalid(FILE, reason));
        }
        let special = added.into_iter().filter(|(_, token)| token.special);
        let specials = Specials::new(special.map(|(id, token)| (id, token.content)));
        let vocabulary = tokenizer.get_vocab(true);
        let max_id = vocabulary.into_values().max();
        let inner = Inner {
            tokenizer,
            processor,
            specials,
            max_id: max_id.ok_or_else(|| ModelError::invalid(FILE, "has no tokens"))?,
        };
        let built = Self {
            inner: Arc::new(inner),
        };
        let probe = built.encode_text(PROBE, true).map_err(|e| invalid(&e))?;
        built.decode(&probe, false).map_err(|e| invalid(&e))?;
        Ok(built)
    }

    /// The largest id of any token.
    pub fn max_id(&self) -> u32 {
        self.inner.max_id
    }

    /// The id of a token by its exact name, such as `<|im_end|>`.
    pub fn token_id(&self, token: &str) -> Option<u32> {
        self.inner.tokenizer.token_to_id(token)
    }

    /// The name of a token.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.tokenizer.id_to_token(id)
    }

    /// Whether a token is a control token and no text.
    pub fn is_special(&self, id: u32) -> bool {
        self.inner.specials.has(id)
    }

    /// Tokens of a text whose author is trusted: the names of control tokens become control tokens.
    /// With `add_special` those around a text are added, as the file says.
    pub fn encode(&self, text: &str, add_special: bool) -> Result<Vec<u32>, TokenizeError> {
        self.ids(text, &[], add_special)
    }

    /// Tokens of a text from anyone: the name of a control token stays text.
    pub fn encode_text(&self, text: &str, add_special: bool) -> Result<Vec<u32>, TokenizeError> {
        self.ids(text, &self.inner.specials.cuts(text), add_special)
    }

    /// Tokens of a text from anyone with the special ones around it, `max` in all; the end of a text
    /// that is longer is left out.
    pub fn encode_to(&self, text: &str, max: usize) -> Result<Encoded, TokenizeError> {
        let mut encoding = self.raw(text, &self.inner.specials.cuts(text))?;
        let special = match &self.inner.processor {
            Some(processor) => processor.added_tokens(false),
            None => 0,
        };
        if special >= max {
            return Err(TokenizeError::NoRoom { max, special });
        }
        let truncated = encoding.len() > max - special;
        encoding.truncate(max - special, 0, TruncationDirection::Right);
        let encoding = self.process(encoding)?;
        Ok(Encoded {
            ids: encoding.get_ids().to_vec(),
            type_ids: encoding.get_type_ids().to_vec(),
            truncated,
        })
    }

    /// The text of some tokens; bytes that are no UTF-8 become `U+FFFD`, unknown ids nothing.
    pub fn decode(&self, ids: &[u32], skip_special: bool) -> Result<String, TokenizeError> {
        let text = self.inner.tokenizer.decode(ids, skip_special);
        text.map_err(|e| TokenizeError::Failed(e.to_string()))
    }

    /// Text as it is generated, after the tokens `before` (the prompt's last ones, or none).
    pub fn stream(&self, before: &[u32]) -> TextStream {
        TextStream::new(self.clone(), before)
    }

    pub(crate) fn specials(&self) -> &Specials {
        &self.inner.specials
    }

    /// Tokens with their bytes, the text being read apart on both sides of every cut.
    pub(crate) fn pieces(&self, text: &str, cuts: &[usize]) -> Result<Vec<Piece>, TokenizeError> {
        let mut pieces = Vec::new();
        for (from, part) in parts(text, cuts)? {
            let encoding = self.raw(part, &[])?;
            let both = encoding.get_ids().iter().zip(encoding.get_offsets());
            pieces.extend(both.map(|(id, (start, end))| Piece {
                id: *id,
                start: from + start,
                end: from + end,
            }));
        }
        Ok(pieces)
    }

    fn ids(&self, text: &str, cuts: &[usize], special: bool) -> Result<Vec<u32>, TokenizeError> {
        let mut encoding = self.raw(text, cuts)?;
        if special {
            encoding = self.process(encoding)?;
        }
        Ok(encoding.get_ids().to_vec())
    }

    fn raw(&self, text: &str, cuts: &[usize]) -> Result<Encoding, TokenizeError> {
        let mut whole = Encoding::default();
        for (_, part) in parts(text, cuts)? {
            let encoding = self.inner.tokenizer.encode(part, false);
            let encoding = encoding.map_err(|e| TokenizeError::Failed(e.to_string()))?;
            whole.merge_with(encoding, false);
        }
        Ok(whole)
    }

    fn process(&self, encoding: Encoding) -> Result<Encoding, TokenizeError> {
        let Some(processor) = &self.inner.processor else {
            return Ok(encoding);
        };
        let processed = processor.process(encoding, None, true);
        processed.map_err(|e| TokenizeError::Failed(e.to_string()))
    }
}

/// The stretches between the cuts with their offsets.
fn parts<'t>(text: &'t str, cuts: &[usize]) -> Result<Vec<(usize, &'t str)>, TokenizeError> {
    if text.len() > MAX_TEXT {
        return Err(TokenizeError::TooLong {
            bytes: text.len(),
            limit: MAX_TEXT,
        });
    }
    let ends = cuts.iter().copied().chain([text.len()]);
    let mut from = 0;
    let mut parts = Vec::with_capacity(cuts.len() + 1);
    for end in ends {
        parts.push((from, &text[from..end]));
        from = end;
    }
    Ok(parts)
}
