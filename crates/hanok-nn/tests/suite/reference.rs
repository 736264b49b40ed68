//! Textbook definitions in f64, and gradients by central differences.

/// Numbers in ±1 that look random and are the same each time.
pub fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let mut state = seed as u64 * 0x9e37_79b9_7f4a_7c15 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

pub fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|x| f64::from(*x)).collect()
}

/// `x [m, k] · wᵀ` for `w [n, k]`.
pub fn times_transposed(x: &[f64], w: &[f64], k: usize) -> Vec<f64> {
    let row = |x: &[f64]| -> Vec<f64> {
        let dot = |w: &[f64]| x.iter().zip(w).map(|(x, w)| x * w).sum();
        w.chunks_exact(k).map(dot).collect()
    };
    x.chunks_exact(k).flat_map(row).collect()
}

/// The gradient of `f` at `x` by central differences.
pub fn differences(x: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let mut x = x.to_vec();
    (0..x.len())
        .map(|i| {
            let before = x[i];
            x[i] = before + step;
            let above = f(&x);
            x[i] = before - step;
            let below = f(&x);
            x[i] = before;
            (above - below) / (2.0 * step)
        })
        .collect()
}

/// Largest difference over the largest number: decision 26's error.
pub fn error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let most = expected.iter().fold(1e-12f64, |most, x| most.max(x.abs()));
    let off = found
        .iter()
        .zip(expected)
        .map(|(a, b)| (f64::from(*a) - b).abs());
    off.fold(0.0, f64::max) / most
}

pub fn assert_close(what: &str, found: &[f32], expected: &[f64]) {
    let error = error(found, expected);
    assert!(error <= 1e-5, "{what} is off by {error:e}");
}

/// `Σ c·y`: a loss whose gradient by `y` is `c`.
pub fn weighted(c: &[f64], y: &[f64]) -> f64 {
    c.iter().zip(y).map(|(c, y)| c * y).sum()
}
