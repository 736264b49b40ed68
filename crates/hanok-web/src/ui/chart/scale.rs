//! From values to places on an axis, and the round values at which an axis has ticks.

/// One axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    /// A linear axis over the values, widened where they are all the same.
    pub fn linear(low: f64, high: f64) -> Self {
        let (low, high) = match high > low {
            true => (low, high),
            false => (low - 0.5, low + 0.5),
        };
        Self {
            low,
            high,
            log: false,
        }
    }

    /// A logarithmic axis; what is not positive cannot stand on it.
    pub fn log(low: f64, high: f64) -> Self {
        let low = low.max(1e-12);
        let high = high.max(low);
        let (low, high) = match high / low > 1.05 {
            true => (low, high),
            false => (low / 1.5, high * 1.5),
        };
        Self {
            low,
            high,
            log: true,
        }
    }

    /// A linear axis that begins and ends at ticks.
    pub fn rounded(low: f64, high: f64, ticks: usize) -> Self {
        let plain = Self::linear(low, high);
        let step = plain.step(ticks);
        Self {
            low: (plain.low / step).floor() * step,
            high: (plain.high / step).ceil() * step,
            log: false,
        }
    }

    /// Where a value stands, from 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        let share = match self.log {
            true => (value.max(1e-12) / self.low).ln() / (self.high / self.low).ln(),
            false => (value - self.low) / (self.high - self.low),
        };
        share.clamp(0.0, 1.0)
    }

    /// Whether a value can stand on this axis at all.
    pub fn takes(&self, value: f64) -> bool {
        value.is_finite() && (!self.log || value > 0.0)
    }

    /// About `count` round values within the axis.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        match self.log {
            true => self.log_ticks(count),
            false => self.linear_ticks(count),
        }
    }

    fn step(&self, count: usize) -> f64 {
        let raw = (self.high - self.low) / count.max(1) as f64;
        let power = 10_f64.powf(raw.log10().floor());
        let factor = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .find(|f| f * power >= raw * 0.999);
        factor.unwrap_or(10.0) * power
    }

    fn linear_ticks(&self, count: usize) -> Vec<f64> {
        let step = self.step(count);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).take(50).map(|i| i as f64 * step).collect()
    }

    fn log_ticks(&self, count: usize) -> Vec<f64> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let within = |value: &f64| *value >= self.low * 0.999 && *value <= self.high * 1.001;
        let of = |factors: &[f64]| -> Vec<f64> {
            (first..=last)
                .flat_map(|power| factors.iter().map(move |f| f * 10_f64.powi(power)))
                .filter(within)
                .collect()
        };
        let fine = of(&[1.0, 2.0, 5.0]);
        let whole = of(&[1.0]);
        match fine.len() {
            n if n > count * 2 && whole.len() >= 2 => whole,
            n if n >= 2 => fine,
            _ => of(&[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(
            Scale::linear(0.0, 100.0).ticks(5),
            [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
        );
        let rounded = Scale::rounded(0.13, 1.71, 4);
        assert_eq!(rounded.place(0.0), 0.0);
        assert_eq!(rounded.place(2.0), 1.0);
        let log = Scale::log(0.02, 1.8).ticks(4);
        assert_eq!(log.len(), 6);
        assert!(log.iter().all(|t| (0.02..=1.8).contains(t)));
    }

    #[test]
    fn a_flat_series_and_zeros_still_have_an_axis() {
        assert_eq!(Scale::linear(3.0, 3.0).place(3.0), 0.5);
        assert!(Scale::linear(3.0, 3.0).ticks(4).len() > 1);
        assert!(Scale::log(0.0, 0.0).place(0.0).is_finite());
        assert!(!Scale::log(0.1, 1.0).takes(0.0));
    }
}
