//! How the learning rate rises and falls over the steps of a run.

/// A linear rise, then half a cosine to zero: Loshchilov and Hutter, "SGDR" (2017).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WarmupCosine {
    pub peak: f32,
    pub warmup: usize,
    pub total: usize,
}

impl WarmupCosine {
    pub fn new(peak: f32, warmup_ratio: f32, total: usize) -> Self {
        let warmup = (total as f32 * warmup_ratio).ceil() as usize;
        Self {
            peak,
            warmup: warmup.min(total.saturating_sub(1)),
            total,
        }
    }

    /// The rate of step `step`, from 1.
    pub fn rate(&self, step: usize) -> f32 {
        if step <= self.warmup {
            return self.peak * step as f32 / self.warmup as f32;
        }
        let done = (step - 1 - self.warmup) as f64 / (self.total - self.warmup).max(1) as f64;
        let share = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
        (f64::from(self.peak) * share) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_then_falls_and_no_step_is_wasted() {
        let schedule = WarmupCosine::new(1.0, 0.1, 100);
        assert!((schedule.rate(1) - 0.1).abs() < 1e-6);
        assert_eq!(schedule.rate(10), 1.0);
        assert_eq!(schedule.rate(11), 1.0);
        assert!((schedule.rate(56) - 0.5).abs() < 1e-6);
        assert!(schedule.rate(100) > 0.0 && schedule.rate(100) < 0.001);
        assert_eq!(WarmupCosine::new(1.0, 0.5, 1).rate(1), 1.0);
    }
}
