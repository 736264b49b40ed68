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

/// How fast each pair of features turns from position to position.
#[derive(Clone)]
pub struct Rope {
    /// `[head_dim / 2]`
    frequencies: Vec<f32>,
}

/// The angles of some positions, computed once for all layers.
pub struct Angles {
    /// `[positions, head_dim / 2]` each.
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

impl Rope {
    /// Frequencies for heads of size `head_dim`.
    pub fn new(head_dim: usize, theta: f64, scaling: RopeScaling) -> Self {
        let plain = |i: usize| theta.powf(-2.0 * i as f64 / head_dim as f64);
        let frequencies = (0..head_dim / 2).map(|i| stretch(plain(i), scaling) as f32);
        Self {
            frequencies: frequencies.collect(),
        }
    }

    /// The angles of these positions.
    pub fn angles(&self, positions: impl Iterator<Item = usize>) -> Angles {
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for position in positions {
            for frequency in &self.frequencies {
                // The reference multiplies in f32; more exact angles would differ far out.
                let angle = f64::from(position as f32 * frequency);
                cos.push(angle.cos() as f32);
                sin.push(angle.sin() as f32);
            }
        }
        Angles {
            cos,
            sin,
            half: self.frequencies.len(),
        }
    }
}

impl Angles {
    /// Turns `x [positions, heads · head_dim]` in place.
    pub fn forward(&self, x: &mut [f32]) {
        self.turn(x, 1.0);
    }

    /// Turns a gradient back.
    pub fn backward(&self, dx: &mut [f32]) {
        self.turn(dx, -1.0);
    }

    fn turn(&self, x: &mut [f32], sign: f32) {
        let positions = self.cos.len() / self.half;
        if positions == 0 {
            return;
        }
        let width = x.len() / positions;
        let rows = x.par_chunks_exact_mut(width).enumerate();
        rows.with_min_len(16).for_each(|(position, row)| {
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
