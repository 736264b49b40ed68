//! WordPiece over a hash map: longest match first, as `tokenizer.json` describes it.
//!
//! Only the one pipeline that our recipe writes is understood; any other file is refused.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::Deserialize;

use crate::ModelError;

const FILE: &str = "tokenizer.json";
/// The pattern of words in `tokenizer.json`, which `text::words` follows by hand.
const WORD_PATTERN: &str = r"[\p{Alphabetic}\p{N}]+|[^\s\p{Alphabetic}\p{N}]";

/// The vocabulary, in two maps: pieces that begin a word, and pieces that go on.
#[derive(Debug)]
pub(super) struct WordPiece {
    first: Pieces,
    next: Pieces,
    longest: usize,
    max_word_chars: usize,
}

type Pieces = HashMap<Box<str>, u32, BuildHasherDefault<PieceHasher>>;

impl WordPiece {
    /// Reads `tokenizer.json`; every id must be below `vocab_size`.
    pub(super) fn parse(bytes: &[u8], vocab_size: usize) -> Result<Self, ModelError> {
        let file: TokenizerFile =
            serde_json::from_slice(bytes).map_err(|e| ModelError::invalid(FILE, e.to_string()))?;
        file.check_pipeline()?;
        let model = file.model;
        let (mut first, mut next) = (Pieces::default(), Pieces::default());
        let mut longest = 0;
        for (piece, id) in model.vocab {
            if id as usize >= vocab_size {
                return Err(ModelError::invalid(
                    FILE,
                    format!("id {id} of {piece:?} is beyond vocab_size {vocab_size}"),
                ));
            }
            if piece == model.unk_token {
                continue;
            }
            let (map, text) = match piece.strip_prefix("##") {
                Some(tail) if !tail.is_empty() => (&mut next, tail),
                _ => (&mut first, piece.as_str()),
            };
            longest = longest.max(text.len());
            map.insert(text.into(), id);
        }
        Ok(Self {
            first,
            next,
            longest,
            max_word_chars: model.max_input_chars_per_word,
        })
    }

    /// Appends the pieces of one word; a word that cannot be spelt adds nothing.
    pub(super) fn push_word(&self, word: &str, ids: &mut Vec<u32>) {
        if let Some(id) = self.first.get(word) {
            ids.push(*id);
            return;
        }
        let before = ids.len();
        if word.len() > self.max_word_chars && word.chars().count() > self.max_word_chars {
            return;
        }
        let mut rest = word;
        let mut map = &self.first;
        while !rest.is_empty() {
            let Some((id, len)) = self.longest_piece(map, rest) else {
                ids.truncate(before);
                return;
            };
            ids.push(id);
            rest = &rest[len..];
            map = &self.next;
        }
    }

    fn longest_piece(&self, map: &Pieces, text: &str) -> Option<(u32, usize)> {
        let mut end = text.floor_char_boundary(self.longest);
        while end > 0 {
            if let Some(id) = map.get(&text[..end]) {
                return Some((*id, end));
            }
            end = text.floor_char_boundary(end - 1);
        }
        None
    }
}

#[derive(Deserialize)]
struct TokenizerFile {
    normalizer: serde_json::Value,
    pre_tokenizer: serde_json::Value,
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    r#type: String,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

impl TokenizerFile {
    fn check_pipeline(&self) -> Result<(), ModelError> {
        let steps: Vec<_> = self.normalizer["normalizers"]
            .as_array()
            .map(|all| all.iter().map(|n| n["type"].as_str()).collect())
            .unwrap_or_default();
        let split = &self.pre_tokenizer;
        let words = split["type"] == "Split"
            && split["behavior"] == "Removed"
            && split["invert"] == true
            && split["pattern"]["Regex"] == WORD_PATTERN;
        let model = &self.model;
        let rules = [
            (
                steps == [Some("NFKC"), Some("Lowercase")],
                "normalizer is not NFKC, Lowercase",
            ),
            (words, "pre_tokenizer is not our word pattern"),
            (model.r#type == "WordPiece", "model is not WordPiece"),
            (
                model.continuing_subword_prefix == "##",
                "continuing_subword_prefix is not ##",
            ),
            (
                (1..=1000).contains(&model.max_input_chars_per_word),
                "max_input_chars_per_word is not in 1..=1000",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, reason)) => Err(ModelError::invalid(FILE, *reason)),
            None => Ok(()),
        }
    }
}

/// A quick hash of short strings; the vocabulary is the model's own, so no one can flood it.
#[derive(Default)]
struct PieceHasher(u64);

impl Hasher for PieceHasher {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, _: u8) {}

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}
