//! Hashed n-gram features: they cover every script and every rare word, at no cost in weights.

use super::config::NgramConfig;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const CHAR_SEED: u64 = 0x51_7cc1_b727_220a;
const TEXT_START: u64 = 0x2545_f491_4f6c_dd1d;

/// Gathers the hashed n-grams of one text, word by word.
pub(super) struct Hasher<'a> {
    config: &'a NgramConfig,
    mask: u32,
    words: Vec<u32>,
    chars: Vec<u32>,
    history: [u64; 2],
    window: Vec<char>,
}

impl<'a> Hasher<'a> {
    pub(super) fn new(config: &'a NgramConfig, buckets: u32) -> Self {
        Self {
            config,
            mask: buckets - 1,
            words: Vec::new(),
            chars: Vec::new(),
            history: [TEXT_START, 0],
            window: Vec::new(),
        }
    }

    /// Adds the n-grams that end in this word and the n-grams within it.
    pub(super) fn push(&mut self, word: &str) {
        let unigram = word
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |h, b| step(h, u64::from(b)));
        self.words.push(bucket(unigram, self.mask));
        let mut ngram = unigram;
        for n in 2..=self.config.word_max {
            let before = self.history[n - 2];
            if before == 0 {
                break;
            }
            ngram = step(ngram, before);
            self.words.push(bucket(ngram, self.mask));
        }
        self.history = [unigram, self.history[0]];
        self.push_chars(word);
    }

    fn push_chars(&mut self, word: &str) {
        self.window.clear();
        self.window.push('<');
        self.window.extend(word.chars());
        self.window.push('>');
        for start in 0..self.window.len() {
            let mut hash = CHAR_SEED;
            let reach = self.config.char_max;
            for (i, c) in self.window[start..].iter().take(reach).enumerate() {
                hash = step(hash, u64::from(*c));
                if i + 1 >= self.config.char_min {
                    self.chars.push(bucket(hash, self.mask));
                }
            }
        }
    }

    /// The features, sorted by bucket, each bucket once, of norm 1 (or none at all).
    pub(super) fn finish(mut self) -> Vec<(u32, f32)> {
        let mut all = Vec::with_capacity(self.words.len() + self.chars.len());
        append_block(&mut all, &mut self.words, self.config.word_weight);
        append_block(&mut all, &mut self.chars, self.config.char_weight);
        all.sort_unstable_by_key(|(b, _)| *b);
        all.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1 += later.1;
            }
            same
        });
        let norm = all.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
        if norm > 0.0 {
            all.iter_mut().for_each(|(_, w)| *w /= norm);
        }
        all
    }
}

/// Counts become 1 + ln(count), and the block as a whole gets the norm `weight`.
fn append_block(all: &mut Vec<(u32, f32)>, hashes: &mut [u32], weight: f32) {
    if weight == 0.0 {
        return;
    }
    hashes.sort_unstable();
    let from = all.len();
    for run in hashes.chunk_by(|a, b| a == b) {
        let value = if run.len() == 1 {
            1.0
        } else {
            1.0 + (run.len() as f32).ln()
        };
        all.push((run[0], value));
    }
    let norm = all[from..].iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
    all[from..]
        .iter_mut()
        .for_each(|(_, w)| *w *= weight / norm);
}

fn step(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(MULTIPLIER).rotate_left(29)
}

fn bucket(hash: u64, mask: u32) -> u32 {
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(MULTIPLIER);
    (mixed >> 40) as u32 & mask
}
