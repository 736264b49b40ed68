//! Charts drawn by the server as SVG: scales, ticks, paths. Colours are CSS classes, so that dark
//! mode and a run's own colour work; positions across are percentages, so that text keeps its size
//! on a phone. What is charted is handed over as numbers.

mod interval;
mod line;
mod scale;

pub use interval::Interval;
pub use line::{Line, LineChart, Look};
pub use scale::Scale;

/// Smooths a series by an exponential mean that does not start at zero; what is not a number is
/// passed over.
pub fn smoothed(values: impl Iterator<Item = f64>, weight: f64) -> Vec<f64> {
    let (mut mean, mut mass) = (0.0, 0.0);
    let mut out = Vec::new();
    for value in values {
        if !value.is_finite() {
            out.push(if mass > 0.0 { mean / mass } else { value });
            continue;
        }
        mean = weight * mean + (1.0 - weight) * value;
        mass = weight * mass + (1.0 - weight);
        out.push(mean / mass);
    }
    out
}

/// At most `keep` points of a series, evenly spaced, always with the last.
pub fn thinned<T: Copy>(points: &[T], keep: usize) -> Vec<T> {
    if points.len() <= keep || keep < 2 {
        return points.to_vec();
    }
    let step = (points.len() - 1) as f64 / (keep - 1) as f64;
    (0..keep)
        .map(|i| points[((i as f64 * step).round() as usize).min(points.len() - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_starts_at_the_first_value_and_follows() {
        let out = smoothed([2.0, 2.0, 4.0].into_iter(), 0.5);
        assert!((out[0] - 2.0).abs() < 1e-12);
        assert!((out[1] - 2.0).abs() < 1e-12);
        assert!(out[2] > 3.0 && out[2] < 3.5);
    }

    #[test]
    fn thinning_keeps_both_ends() {
        let all: Vec<u32> = (0..1001).collect();
        let few = thinned(&all, 200);
        assert_eq!(few.len(), 200);
        assert_eq!((few[0], few[199]), (0, 1000));
        assert_eq!(thinned(&all[..5], 200), [0, 1, 2, 3, 4]);
    }
}
