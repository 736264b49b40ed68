//! Rotary position embedding: Su et al., "RoFormer" (2021), in the half-split layout of Hugging Face.

use rayon::prelude::*;

use crate::math::wide;

/// How frequencies are stretched to reach further than a model was first trained for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RopeScaling {
    /// As they are.
    None,
    /// All divided by the factor.
    Linear {
        /// At least 1.
        factor: f64,
    },
    /// Llama 3.1: low frequencies are divided, high ones kept, those between blended.
    Llama3 {
        /// At least 1.
        factor: f64,
        /// Wavelengths longer than the original context by this are stretched.
        low_freq_factor: f64,
        /// Wavelengths shorter than the original context by this are kept.
        high_freq_factor: f64,
        /// The context of the first training.
        original_max_position: usize,
    },
}

/// Angles of every position.
#[derive(Clone)]
pub struct Rope {
    /// `[positions, head_dim / 2]` each.
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

impl Rope {
    /// Tables for `positions` positions of heads of size `head_dim`.
    pub fn new(head_dim: usize, theta: f64, scaling: RopeScaling, positions: usize) -> Self {
        let half = head_dim / 2;
        let frequencies: Vec<f64> = (0..half)
            .map(|i| {
                let plain = theta.powf(-2.0 * i as f64 / head_dim as f64);
                stretch(plain, scaling)
            })
            .collect();
        let angles = |f: fn(f64) -> f64| {
            // The reference multiplies in f32; more exact angles would differ at far positions.
            (0..positions)
                .flat_map(|p| frequencies.iter().map(move |w| f64::from(p as f32 * *w as f32)))
                .map(|angle| f(angle) as f32)
                .collect()
        };
        Self {
            cos: angles(f64::cos),
            sin: angles(f64::sin),
            half,
        }
    }

    /// Positions there are angles for.
    pub fn positions(&self) -> usize {
        self.cos.len() / self.half.max(1)
    }

    /// Turns `x [rows, heads · head_dim]` in place, each row by its position.
    pub fn forward(&self, x: &mut [f32], positions: &[usize]) {
        self.turn(x, positions, 1.0);
    }

    /// Turns a gradient back.
    pub fn backward(&self, dx: &mut [f32], positions: &[usize]) {
        self.turn(dx, positions, -1.0);
    }

    fn turn(&self, x: &mut [f32], positions: &[usize], sign: f32) {
        if positions.is_empty() {
            return;
        }
        let width = x.len() / positions.len();
        let rows = x.par_chunks_exact_mut(width).zip(positions);
        rows.with_min_len(16).for_each(|(row, &position)| {
            let cos = &self.cos[position * self.half..][..self.half];
            let sin = &self.sin[position * self.half..][..self.half];
            wide(|| {
                for head in row.chunks_exact_mut(2 * self.half) {
                    let (first, second) = head.split_at_mut(self.half);
                    for i in 0..self.half {
                        let (a, b, sin) = (first[i], second[i], sin[i] * sign);
                        first[i] = a * cos[i] - b * sin;
                        second[i] = b * cos[i] + a * sin;
                    }
                }
            });
        });
    }
}

fn stretch(frequency: f64, scaling: RopeScaling) -> f64 {
    match scaling {
        RopeScaling::None => frequency,
        RopeScaling::Linear { factor } => frequency / factor,
        RopeScaling::Llama3 {
            factor,
            low_freq_factor,
            high_freq_factor,
            original_max_position,
        } => {
            let wavelength = 2.0 * std::f64::consts::PI / frequency;
            let original = original_max_position as f64;
            if wavelength < original / high_freq_factor {
                frequency
            } else if wavelength > original / low_freq_factor {
                frequency / factor
            } else {
                let share = (original / wavelength - low_freq_factor)
                    / (high_freq_factor - low_freq_factor);
                (1.0 - share) * frequency / factor + share * frequency
            }
        }
    }
}
