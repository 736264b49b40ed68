//! 95 % confidence intervals.

use serde::{Deserialize, Serialize};

/// The normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// Wilson's score interval for `hits` of `rows` (Wilson, 1927): sound for few rows and near 0 and 1.
/// Without rows nothing is known: 0 to 1.
pub fn wilson(hits: usize, rows: usize) -> Interval {
    if rows == 0 {
        return Interval {
            low: 0.0,
            high: 1.0,
        };
    }
    let n = rows as f64;
    let p = hits as f64 / n;
    let shrink = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / shrink;
    let half = Z / shrink * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // Exact at the ends, where rounding could leave the bound a hair inside.
    Interval {
        low: if hits == 0 {
            0.0
        } else {
            (centre - half).max(0.0)
        },
        high: if hits == rows {
            1.0
        } else {
            (centre + half).min(1.0)
        },
    }
}

/// Newcombe's square-and-add interval for the difference `tuned - base` of two paired proportions
/// (Newcombe, 1998, *Improved confidence intervals for the difference between binomial proportions
/// based on paired data*, method 10). Counts: both right, tuned only, base only, neither.
pub(super) fn newcombe_paired(both: usize, tuned: usize, base: usize, neither: usize) -> Interval {
    let n = both + tuned + base + neither;
    if n == 0 {
        return Interval {
            low: -1.0,
            high: 1.0,
        };
    }
    let (hits_tuned, hits_base) = (both + tuned, both + base);
    let share = |hits: usize| hits as f64 / n as f64;
    let (p1, p2) = (share(hits_tuned), share(hits_base));
    let (i1, i2) = (wilson(hits_tuned, n), wilson(hits_base, n));
    let phi = correlation(both as f64, tuned as f64, base as f64, neither as f64);
    let side = |a: f64, b: f64| (a * a - 2.0 * phi * a * b + b * b).max(0.0).sqrt();
    let delta = p1 - p2;
    Interval {
        low: delta - side(p1 - i1.low, i2.high - p2),
        high: delta + side(i1.high - p1, p2 - i2.low),
    }
}

/// Phi of the paired answers, with the continuity correction that method 10 uses.
fn correlation(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let margins = (a + b) * (c + d) * (a + c) * (b + d);
    if margins == 0.0 {
        return 0.0;
    }
    let product = a * d - b * c;
    let half = (a + b + c + d) / 2.0;
    let corrected = if product > 0.0 {
        (product - half).max(0.0)
    } else {
        product
    };
    corrected / margins.sqrt()
}
