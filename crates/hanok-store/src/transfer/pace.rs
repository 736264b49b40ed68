//! How many rows make a step: many of the small ones, few of those that hold whole documents, so that a
//! step takes little memory and an interrupted one loses little.

use super::shape::Row;

const MOST: u64 = 500;
const BYTES: u64 = 4 << 20;

/// Follows the size of the rows as they come.
pub(super) struct Pace(u64);

impl Default for Pace {
    fn default() -> Self {
        Self(50)
    }
}

impl Pace {
    pub(super) fn rows(&self) -> u64 {
        self.0
    }

    /// Looks at a step; the next one is at most four times as long.
    pub(super) fn saw(&mut self, rows: &[Row]) {
        let weight: usize = rows.iter().flatten().map(super::cell::Cell::weight).sum();
        let each = u64::try_from(weight / rows.len().max(1)).unwrap_or(u64::MAX);
        let fit = BYTES / each.max(1);
        self.0 = fit.clamp(1, MOST).min(self.0 * 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::cell::Cell;

    #[test]
    fn steps_are_long_with_small_rows_and_short_with_large_ones() {
        let mut pace = Pace::default();
        let row = |length: usize| vec![vec![Cell::Text(Some("x".repeat(length)))]; 2];
        pace.saw(&row(10));
        assert_eq!(pace.rows(), 200);
        pace.saw(&row(10));
        assert_eq!(pace.rows(), MOST);
        pace.saw(&row(1 << 20));
        assert_eq!(pace.rows(), 3);
        pace.saw(&row(8 << 20));
        assert_eq!(pace.rows(), 1);
    }
}
