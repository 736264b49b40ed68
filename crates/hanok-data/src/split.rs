//! Which rows are held out: decided by the text alone, so that equal texts are always on the
//! same side, whatever the order of rows, the file or the version of the data set.

use sha2::{Digest, Sha256};

/// Keeps the split apart from other uses of the text's hash: a published sample chosen by the lowest
/// hashes of its texts would otherwise be held out as a whole.
const PREFIX: &[u8] = b"hanok held-out\0";

/// Whether the row with this text is held out, for a share of `fraction` (0 to 1).
/// Case and the amount of white space make no difference.
pub fn held_out(text: &str, fraction: f64) -> bool {
    let mut hasher = Sha256::new();
    hasher.update(PREFIX);
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 {
            hasher.update(b" ");
        }
        hasher.update(word.to_lowercase().as_bytes());
    }
    let digest = hasher.finalize();
    let mut first = [0u8; 8];
    first.copy_from_slice(&digest[..8]);
    // 53 bits: what a float holds exactly, so that the bound is the same everywhere.
    let position = (u64::from_be_bytes(first) >> 11) as f64 / (1u64 << 53) as f64;
    position < fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_on_the_same_side() {
        for at in 0..200 {
            let text = format!("Row number {at} 한국어");
            let same = format!("  ROW\tnumber  {at}\n한국어 ");
            assert_eq!(held_out(&text, 0.3), held_out(&same, 0.3));
        }
    }

    #[test]
    fn the_share_is_about_the_fraction() {
        for fraction in [0.1, 0.2, 0.5] {
            let held = (0..10_000)
                .filter(|at| held_out(&format!("text {at}"), fraction))
                .count();
            let share = held as f64 / 10_000.0;
            assert!((share - fraction).abs() < 0.02, "{share} for {fraction}");
        }
        assert!(!held_out("anything", 0.0));
        assert!(held_out("anything", 1.0));
    }

    #[test]
    fn a_larger_fraction_keeps_what_a_smaller_one_held_out() {
        for at in 0..500 {
            let text = format!("text {at}");
            assert!(!held_out(&text, 0.1) || held_out(&text, 0.2));
        }
    }

    #[test]
    fn the_side_of_a_text_never_changes() {
        // Held-out parts of published data sets depend on these.
        let sides = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|text| held_out(text, 0.5));
        assert_eq!(sides, [false, true, true, true, false, false, true, true]);
    }
}
