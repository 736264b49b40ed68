//! Whether the first row names the columns, and the names when it does.

use std::collections::HashSet;

use crate::roles;

/// Longest cell of several words that passes for a name without being a known one.
const NAME_CHARS: usize = 40;
const NAME_WORDS: usize = 4;

/// Whether the first of `rows` is a header.
pub(crate) fn is_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else {
        return false;
    };
    let is_number = |cell: &String| cell.parse::<f64>().is_ok();
    if first.iter().all(String::is_empty) || first.iter().any(is_number) {
        return false;
    }
    // A value that comes again below is a value: `ham`, `positive`.
    let repeats = |at: usize, cell: &String| {
        !cell.is_empty() && rest.iter().any(|row| row.get(at) == Some(cell))
    };
    if first.iter().enumerate().any(|(at, cell)| repeats(at, cell)) {
        return false;
    }
    if roles::text_by_name(first).is_some() || roles::label_by_name(first).is_some() {
        return true;
    }
    let short = |cell: &String| {
        let words = cell.split_whitespace().count();
        // Sentences of scripts without spaces are one word too, so that counts for ASCII only.
        words <= 1 && cell.is_ascii() || words <= NAME_WORDS && cell.chars().count() <= NAME_CHARS
    };
    first.iter().all(short)
}

/// Names for columns without any.
pub(crate) fn numbered(count: usize) -> Vec<String> {
    (1..=count)
        .map(|number| format!("column_{number}"))
        .collect()
}

/// Makes names unique and fills in missing ones; tells which were double.
pub(crate) fn unique(names: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut seen = HashSet::new();
    let mut double = Vec::new();
    let mut result = Vec::with_capacity(names.len());
    for (at, name) in names.into_iter().enumerate() {
        let name = if name.trim().is_empty() {
            format!("column_{}", at + 1)
        } else {
            name.trim().to_string()
        };
        let mut chosen = name.clone();
        let mut number = 2;
        while !seen.insert(chosen.clone()) {
            chosen = format!("{name}_{number}");
            number += 1;
        }
        if chosen != name {
            double.push(name);
        }
        result.push(chosen);
    }
    (result, double)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let cells = |row: &&[&str]| row.iter().map(ToString::to_string).collect();
        rows.iter().map(cells).collect()
    }

    #[test]
    fn headers_are_told_from_first_rows() {
        assert!(is_header(&rows(&[&["text", "label"], &["good", "pos"]])));
        assert!(is_header(&rows(&[&["리뷰", "라벨"], &["좋아요", "1"]])));
        assert!(is_header(&rows(&[&["id", "remark"], &["1", "good"]])));
        assert!(!is_header(&rows(&[&["good phone", "1"], &["bad", "0"]])));
        assert!(!is_header(&rows(&[
            &["good", "pos"],
            &["bad", "neg"],
            &["fine", "pos"]
        ])));
        let long = "a sentence of more than four words that names nothing";
        assert!(!is_header(&rows(&[&[long, "joy"], &["bad", "anger"]])));
        assert!(!is_header(&[]));
    }

    #[test]
    fn names_become_unique() {
        let names = ["a", "", "a", "a_2", "a"].map(String::from).to_vec();
        let (unique, double) = unique(names);
        assert_eq!(unique, ["a", "column_2", "a_2", "a_2_2", "a_3"]);
        assert_eq!(double, ["a", "a_2", "a"]);
    }
}
