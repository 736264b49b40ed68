//! Texts that end an answer: found across pieces, and never shown in part.

/// Holds back what may be the beginning of a stop text.
pub(crate) struct StopTexts {
    stops: Vec<String>,
    held: String,
}

impl StopTexts {
    pub fn new(asked: &[String], own: &[&str]) -> Self {
        let stops = asked.iter().map(String::as_str).chain(own.iter().copied());
        Self {
            stops: stops
                .filter(|stop| !stop.is_empty())
                .map(str::to_owned)
                .collect(),
            held: String::new(),
        }
    }

    /// Adds a piece: the text that is certain now, and whether a stop text was reached.
    pub fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        let found = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop))
            .min();
        if let Some(at) = found {
            self.held.truncate(at);
            return (self.flush(), true);
        }
        let keep = self
            .stops
            .iter()
            .map(|stop| overlap(&self.held, stop))
            .max();
        let rest = self.held.split_off(self.held.len() - keep.unwrap_or(0));
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back.
    pub fn flush(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Bytes at the end of `text` that are a beginning of `stop`.
fn overlap(text: &str, stop: &str) -> usize {
    let longest = stop.len().saturating_sub(1).min(text.len());
    let fits = |n: &usize| stop.is_char_boundary(*n) && text.ends_with(&stop[..*n]);
    (1..=longest).rev().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (Vec<String>, bool) {
        let mut texts = StopTexts::new(&[], stops);
        let mut out = Vec::new();
        for piece in pieces {
            let (certain, stopped) = texts.push(piece);
            out.push(certain);
            if stopped {
                return (out, true);
            }
        }
        out.push(texts.flush());
        (out, false)
    }

    #[test]
    fn a_stop_text_is_found_across_pieces() {
        let (out, stopped) = run(&["\nUser:"], &["Hello", "\nUs", "er", ": and"]);
        assert_eq!((out.concat().as_str(), stopped), ("Hello", true));
        assert_eq!(out[0], "Hello");
    }

    #[test]
    fn a_beginning_that_leads_nowhere_is_shown() {
        let (out, stopped) = run(&["END", "가나"], &["E", "N", "X가", "다", "EN"]);
        assert_eq!((out.concat().as_str(), stopped), ("ENX가다EN", false));
    }

    #[test]
    fn the_first_of_several_counts_and_without_any_all_is_certain() {
        assert_eq!(run(&["b", "a"], &["xxabc"]).0.concat(), "xx");
        assert_eq!(run(&[], &["a", "b"]).0, ["a", "b", ""]);
    }
}
