//! Sums and multiples of whole activations, in parallel.

use rayon::prelude::*;

use crate::math::wide;

/// Numbers that one task takes at a time.
pub(crate) const CHUNK: usize = 1 << 15;

/// `y += x`
pub fn add(y: &mut [f32], x: &[f32]) {
    assert_eq!(y.len(), x.len(), "lengths");
    let chunks = y.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK));
    chunks.for_each(|(y, x)| {
        wide(|| y.iter_mut().zip(x).for_each(|(y, x)| *y += x));
    });
}

/// `y *= factor`
pub fn scale(y: &mut [f32], factor: f32) {
    y.par_chunks_mut(CHUNK).for_each(|y| {
        wide(|| y.iter_mut().for_each(|y| *y *= factor));
    });
}

/// Adds the rows of `x [rows, n]` to `y [n]`, in row order.
pub(crate) fn add_rows(y: &mut [f32], x: &[f32]) {
    let n = y.len();
    y.par_chunks_mut(256).enumerate().for_each(|(chunk, y)| {
        let left = chunk * 256;
        wide(|| {
            for row in x.chunks_exact(n) {
                y.iter_mut().zip(&row[left..]).for_each(|(y, x)| *y += x);
            }
        });
    });
}
