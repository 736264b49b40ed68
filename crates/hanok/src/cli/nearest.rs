//! "Did you mean": the known words that come closest to one that is not known.

/// The closest of `known`, if it is close enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    close(word, known).into_iter().next()
}

/// Those that may be meant, the closest first, at most three.
pub fn close<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let other = name.to_lowercase();
            let far = if !wanted.is_empty() && other.contains(&wanted) {
                0
            } else {
                distance(&wanted, &other)
            };
            let longest = wanted.chars().count().max(other.chars().count());
            (far * 5 <= longest * 2).then_some((far, name))
        })
        .collect();
    found.sort_by_key(|(far, _)| *far);
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Single-character changes that turn one word into the other (Levenshtein, 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_single_changes() {
        for (a, b, far) in [
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("epochs", "epoch", 1),
            ("한글", "한국", 1),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
            assert_eq!(distance(b, a), far, "{b} {a}");
        }
    }

    #[test]
    fn only_what_may_be_meant_is_named() {
        let known = ["epochs", "batch_size", "learning_rate"];
        assert_eq!(nearest("epoch", known), Some("epochs"));
        assert_eq!(nearest("learnin_rate", known), Some("learning_rate"));
        assert_eq!(nearest("colour", known), None);
        let models = ["ft:hanok-encoder:tickets", "hanok-encoder", "hanok-decoder"];
        assert_eq!(close("hanok-encodr", models)[0], "hanok-encoder");
        assert_eq!(close("tickets", models), ["ft:hanok-encoder:tickets"]);
    }
}
