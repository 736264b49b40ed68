//! Attention over kept keys and values, as when a text is generated token by token.

use rayon::prelude::*;

use super::Attention;
use crate::buffer::Buffer;
use crate::math::{add_scaled, dot, softmax, wide};

/// Keys and values of a sequence so far, `[positions, kv_heads · head_dim]` each.
pub struct Keys<'a> {
    /// Keys.
    pub k: &'a [f32],
    /// Values.
    pub v: &'a [f32],
}

impl Attention {
    /// Output of the newest `rows` positions of a sequence whose keys are kept: `q [rows, heads·d]`.
    /// Each position is computed by itself, so its bits do not depend on how many come with it.
    pub fn extend(&self, q: &[f32], keys: &Keys<'_>) -> Buffer {
        let length = keys.k.len() / self.kv_width();
        let rows = q.len() / self.q_width();
        let group = self.heads / self.kv_heads;
        let mut out = Buffer::zeros(q.len());
        let heads = out
            .par_chunks_exact_mut(self.head_dim)
            .zip(q.par_chunks_exact(self.head_dim));
        heads
            .enumerate()
            .with_min_len(2)
            .for_each(|(index, (out, q))| {
                let (row, head) = (index / self.heads, index % self.heads);
                let left = head / group * self.head_dim;
                let seen = self.seen(length - rows + row, length);
                let at = |x: &'_ [f32], position: usize| position * self.kv_width() + left..x.len();
                let mut scores = Buffer::scratch(seen.len());
                wide(|| {
                    for (score, position) in scores.iter_mut().zip(seen.clone()) {
                        *score = dot(q, &keys.k[at(keys.k, position)][..self.head_dim]);
                    }
                });
                softmax(&mut scores, self.scale());
                wide(|| {
                    for (score, position) in scores.iter().zip(seen) {
                        let value = &keys.v[at(keys.v, position)][..self.head_dim];
                        add_scaled(out, *score, value);
                    }
                });
            });
        out
    }
}
