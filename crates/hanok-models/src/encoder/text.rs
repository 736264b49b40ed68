//! From raw text to normalised words: what the tokenizer and the hashed features both see.

use unicode_normalization::UnicodeNormalization;

/// The first `max_chars` characters of a text in NFKC and lower case; true if there were more.
pub(super) fn normalise(text: &str, max_chars: usize) -> (String, bool) {
    let (head, truncated) = match text.char_indices().nth(max_chars) {
        Some((end, _)) if text.len() > max_chars => (&text[..end], true),
        _ => (text, false),
    };
    let normal = if head.is_ascii() {
        head.to_ascii_lowercase()
    } else {
        head.nfkc().flat_map(char::to_lowercase).collect()
    };
    (normal, truncated)
}

/// Runs of letters and digits; any other character but white space is a word of its own.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_width_case_and_composition() {
        assert_eq!(normalise("ＡＢ Ça", 100).0, "ab ça");
        assert_eq!(normalise("\u{1112}\u{1161}\u{11ab}", 100).0, "한");
    }

    #[test]
    fn cuts_at_characters_not_bytes() {
        assert_eq!(normalise("가나다", 2), ("가나".to_owned(), true));
        assert_eq!(normalise("가나다", 3), ("가나다".to_owned(), false));
    }

    #[test]
    fn splits_symbols_one_by_one() {
        let found: Vec<_> = words(" it's 3.5★!! 좋아요 ").collect();
        assert_eq!(
            found,
            ["it", "'", "s", "3", ".", "5", "★", "!", "!", "좋아요"]
        );
    }
}
