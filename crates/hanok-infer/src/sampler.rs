//! Drawing the next token from its scores.

use std::collections::HashMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::request::GenerateRequest;

/// Settings of one generation and what was drawn so far.
pub(crate) struct Sampler {
    temperature: f32,
    top_p: f32,
    top_k: usize,
    frequency_penalty: f32,
    presence_penalty: f32,
    counts: HashMap<u32, u32>,
    rng: ChaCha8Rng,
}

impl Sampler {
    pub fn new(request: &GenerateRequest) -> Self {
        Self {
            temperature: request.temperature,
            top_p: request.top_p,
            top_k: request.top_k.unwrap_or(usize::MAX),
            frequency_penalty: request.frequency_penalty,
            presence_penalty: request.presence_penalty,
            counts: HashMap::new(),
            rng: match request.seed {
                Some(seed) => ChaCha8Rng::seed_from_u64(seed),
                None => ChaCha8Rng::from_rng(&mut rand::rng()),
            },
        }
    }

    /// The next token, or nothing if a score is no number.
    pub fn draw(&mut self, logits: &mut [f32]) -> Option<u32> {
        if logits.iter().any(|logit| !logit.is_finite()) {
            return None;
        }
        for (token, count) in &self.counts {
            let penalty = self.frequency_penalty * *count as f32 + self.presence_penalty;
            logits[*token as usize] -= penalty;
        }
        let token = if self.temperature < 1e-5 {
            likeliest(logits)
        } else {
            self.sample(logits)
        };
        *self.counts.entry(token).or_default() += 1;
        Some(token)
    }

    fn sample(&mut self, logits: &[f32]) -> u32 {
        let mut order: Vec<u32> = (0..logits.len() as u32).collect();
        let by_score = |a: &u32, b: &u32| {
            let (a_score, b_score) = (logits[*a as usize], logits[*b as usize]);
            b_score.total_cmp(&a_score).then(a.cmp(b))
        };
        if self.top_k < order.len() {
            order.select_nth_unstable_by(self.top_k - 1, by_score);
            order.truncate(self.top_k);
        }
        order.sort_unstable_by(by_score);
        let most = logits[order[0] as usize];
        let weight =
            |token: &u32| f64::from((logits[*token as usize] - most) / self.temperature).exp();
        let weights: Vec<f64> = order.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        // The fewest of the likeliest that hold the share; always at least one.
        let mut held = 0.0;
        let enough = weights.iter().position(|weight| {
            held += weight;
            held >= f64::from(self.top_p) * total
        });
        let kept = enough.map_or(weights.len(), |last| last + 1);
        let mut point = self.rng.random::<f64>() * weights[..kept].iter().sum::<f64>();
        let drawn = weights[..kept].iter().position(|weight| {
            point -= weight;
            point < 0.0
        });
        order[drawn.unwrap_or(kept - 1)]
    }
}

/// The first of the largest.
fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = token;
        }
    }
    best as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(temperature: f32) -> GenerateRequest {
        GenerateRequest {
            temperature,
            seed: Some(7),
            ..GenerateRequest::default()
        }
    }

    fn shares(request: &GenerateRequest, logits: &[f32], draws: usize) -> Vec<f64> {
        let mut sampler = Sampler::new(request);
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..draws {
            sampler.counts.clear();
            let token = sampler.draw(&mut logits.to_vec()).expect("a token");
            counts[token as usize] += 1.0 / draws as f64;
        }
        counts
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let logits = [0.5f32.ln(), 0.3f32.ln(), 0.2f32.ln()];
        for (found, expected) in shares(&request(1.0), &logits, 20_000)
            .iter()
            .zip([0.5, 0.3, 0.2])
        {
            assert!(
                (found - expected).abs() < 0.015,
                "{found} is not {expected}"
            );
        }
        let cold = shares(&request(0.5), &logits, 20_000);
        assert!((cold[0] - 0.25 / 0.38).abs() < 0.015, "{}", cold[0]);
    }

    #[test]
    fn greedy_and_cuts_leave_out_the_others() {
        let logits = [1.0, 3.0, 2.0, 3.0];
        assert_eq!(shares(&request(0.0), &logits, 3), [0.0, 1.0, 0.0, 0.0]);
        let two = GenerateRequest {
            top_k: Some(2),
            ..request(2.0)
        };
        let found = shares(&two, &logits, 500);
        assert!(found[0] == 0.0 && found[2] == 0.0 && found[1] > 0.3 && found[3] > 0.3);
        let little = GenerateRequest {
            top_p: 0.01,
            ..request(2.0)
        };
        assert!(shares(&little, &logits, 50)[1] > 0.999);
    }

    #[test]
    fn penalties_count_what_was_drawn() {
        let penal = GenerateRequest {
            presence_penalty: 1.5,
            ..request(0.0)
        };
        let mut sampler = Sampler::new(&penal);
        let drawn: Vec<_> = (0..3).map(|_| sampler.draw(&mut [2.0, 1.0, 0.6])).collect();
        assert_eq!(drawn, [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn the_same_seed_gives_the_same_draws_and_no_number_none() {
        let run = || {
            let mut sampler = Sampler::new(&request(1.0));
            (0..50)
                .map(|_| sampler.draw(&mut [0.0; 100]))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert_eq!(Sampler::new(&request(1.0)).draw(&mut [0.0, f32::NAN]), None);
    }
}
