//! Chance with a seed, and sentences out of patterns such as `[Hello|Hi] {name}`.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A generator of choices.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        *list.choose(&mut self.0).expect("a list with members")
    }

    /// So many different ones, in any order.
    pub fn several<'l, T>(&mut self, list: &'l [T], count: usize) -> Vec<&'l T> {
        list.choose_multiple(&mut self.0, count).collect()
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.0.random_bool(share)
    }

    /// From `least` to `most`, both included.
    pub fn number(&mut self, least: u32, most: u32) -> u32 {
        self.0.random_range(least..=most)
    }

    /// One of the patterns, expanded: first `[a|b]`, innermost first, then `{name}`.
    pub fn say(&mut self, patterns: &[&str], names: &[(&str, &str)]) -> String {
        let mut text = self.pick(patterns).to_owned();
        while let Some(close) = text.find(']') {
            let open = text[..close].rfind('[').expect("a bracket that opens");
            let choices: Vec<&str> = text[open + 1..close].split('|').collect();
            let chosen = self.pick(&choices).to_owned();
            text.replace_range(open..=close, &chosen);
        }
        for (name, value) in names {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        assert!(!text.contains('{'), "a name without a value in {text:?}");
        text
    }

    /// The same as a person in a hurry types it, now and then.
    pub fn ask(&mut self, patterns: &[&str], names: &[(&str, &str)]) -> String {
        let text = self.say(patterns, names);
        match self.number(1, 10) {
            1 => text.to_lowercase(),
            2 => text.trim_end_matches(['.', '?', '!']).to_owned(),
            3 => text
                .to_lowercase()
                .trim_end_matches(['.', '?', '!'])
                .to_owned(),
            _ => text,
        }
    }
}

/// With a capital letter in front.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// `a, b and c`
pub fn joined(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
