//! Elementary functions and reductions that compilers can turn into vector code, and the switch to the
//! widest instructions of the processor at hand.

/// Runs `work` compiled for the widest vectors there are. What `work` calls must be inlined into it, and
/// `work` itself must be short: the compiler leaves a long closure outside, with narrow vectors.
#[inline]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    match Width::detect() {
        // SAFETY: these instructions exist.
        Width::Avx512 => return unsafe { wide_avx512(work) },
        // SAFETY: these instructions exist.
        Width::Avx2 => return unsafe { wide_avx2(work) },
        Width::Plain => {}
    }
    work()
}

/// The widest vectors of this processor.
#[cfg(target_arch = "x86_64")]
enum Width {
    Avx512,
    Avx2,
    Plain,
}

#[cfg(target_arch = "x86_64")]
impl Width {
    #[inline]
    fn detect() -> Self {
        let has_avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        if has_avx512 {
            Self::Avx512
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            Self::Avx2
        } else {
            Self::Plain
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
unsafe fn wide_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn wide_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// `e^x` to about one unit in the last place; the polynomial of Cephes' `expf`. Results below the
/// smallest normal number become it.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.3, 88.3);
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let rest = whole.mul_add(-LN2_LOW, whole.mul_add(-LN2_HIGH, x));
    let mut p = 1.987_569_1e-4f32;
    p = p.mul_add(rest, 1.398_199_9e-3);
    p = p.mul_add(rest, 8.333_452e-3);
    p = p.mul_add(rest, 4.166_579_6e-2);
    p = p.mul_add(rest, 1.666_666_5e-1);
    p = p.mul_add(rest, 0.5);
    let p = p.mul_add(rest * rest, rest) + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    p * scale
}

/// `1 / (1 + e^-x)`
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    2.0f32.mul_add(sigmoid(2.0 * x), -1.0)
}

/// The error function to 1.5e-7: Abramowitz and Stegun, 7.1.26.
#[inline(always)]
pub(crate) fn erf(x: f32) -> f32 {
    let t = 1.0 / 0.327_591_1f32.mul_add(x.abs(), 1.0);
    let mut p = 1.061_405_4f32;
    p = p.mul_add(t, -1.453_152);
    p = p.mul_add(t, 1.421_413_7);
    p = p.mul_add(t, -0.284_496_74);
    p = p.mul_add(t, 0.254_829_6);
    let y = 1.0 - p * t * exp(-x * x);
    if x < 0.0 { -y } else { y }
}

const LANES: usize = 16;

#[inline(always)]
fn fold(lanes: [f32; LANES]) -> f32 {
    let mut half = LANES;
    let mut lanes = lanes;
    while half > 1 {
        half /= 2;
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Σ a·b, in an order that depends on the length alone.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] = a[i].mul_add(b[i], lanes[i]);
        }
    }
    for (i, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        lanes[i] = a.mul_add(*b, lanes[i]);
    }
    fold(lanes)
}

/// Σ a, likewise.
#[inline(always)]
pub(crate) fn sum(a: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (chunks, rest) = a.as_chunks::<LANES>();
    for a in chunks {
        for i in 0..LANES {
            lanes[i] += a[i];
        }
    }
    for (i, a) in rest.iter().enumerate() {
        lanes[i] += a;
    }
    fold(lanes)
}

/// The largest number; of none, minus infinity.
#[inline(always)]
pub(crate) fn max(a: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = a.as_chunks::<LANES>();
    for a in chunks {
        for i in 0..LANES {
            lanes[i] = if a[i] > lanes[i] { a[i] } else { lanes[i] };
        }
    }
    let most = lanes.iter().chain(rest);
    most.copied().fold(f32::NEG_INFINITY, f32::max)
}

/// `y += a·x`
#[inline(always)]
pub(crate) fn add_scaled(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a.mul_add(*x, *y);
    }
}

/// `row` becomes `e^(row·scale - shift)`; returns its sum, in the order of [`sum`].
pub(crate) fn exp_all(row: &mut [f32], scale: f32, shift: f32) -> f32 {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
        fn avx512(row: &mut [f32], scale: f32, shift: f32) -> f32 {
            exp_each(row, scale, shift)
        }
        #[target_feature(enable = "avx2,fma")]
        fn avx2(row: &mut [f32], scale: f32, shift: f32) -> f32 {
            exp_each(row, scale, shift)
        }
        match Width::detect() {
            // SAFETY: these instructions exist.
            Width::Avx512 => return unsafe { avx512(row, scale, shift) },
            // SAFETY: these instructions exist.
            Width::Avx2 => return unsafe { avx2(row, scale, shift) },
            Width::Plain => {}
        }
    }
    exp_each(row, scale, shift)
}

#[inline(always)]
fn exp_each(row: &mut [f32], scale: f32, shift: f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (chunks, rest) = row.as_chunks_mut::<LANES>();
    for x in chunks {
        for i in 0..LANES {
            x[i] = exp(x[i].mul_add(scale, -shift));
            lanes[i] += x[i];
        }
    }
    for (i, x) in rest.iter_mut().enumerate() {
        *x = exp(x.mul_add(scale, -shift));
        lanes[i] += *x;
    }
    fold(lanes)
}

/// `row` becomes the softmax of `row·scale`, for a scale above zero; returns `log Σ e^(row·scale)`.
pub(crate) fn softmax(row: &mut [f32], scale: f32) -> f32 {
    let most = wide(|| max(row)) * scale;
    let total = exp_all(row, scale, most);
    let share = 1.0 / total;
    wide(|| row.iter_mut().for_each(|x| *x *= share));
    most + total.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_agree_with_f64() {
        for step in -4000..4000 {
            let x = step as f32 / 100.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected).abs() / expected;
            assert!(error < 2e-7, "exp({x}) is off by {error}");
            let error = (f64::from(tanh(x)) - f64::from(x).tanh()).abs();
            assert!(error < 3e-7, "tanh({x}) is off by {error}");
        }
        // From tables.
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_9),
            (-1.0, -0.842_700_8),
            (3.0, 0.999_977_9),
        ] {
            assert!((erf(x) - expected).abs() < 3e-7, "erf({x})");
        }
    }

    #[test]
    fn wide_code_gives_the_same_answers() {
        let numbers: Vec<f32> = (0..1000).map(|i| (i as f32).sin()).collect();
        let narrow = (dot(&numbers, &numbers), sum(&numbers), max(&numbers));
        let broad = wide(|| (dot(&numbers, &numbers), sum(&numbers), max(&numbers)));
        assert_eq!(narrow, broad);
        assert!((narrow.0 - 499.8).abs() < 1.0);
        assert_eq!(max(&[]), f32::NEG_INFINITY);
    }
}
