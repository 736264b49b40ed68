//! The innermost loops, one for each kind of processor, chosen at run time.

use super::{MR, NR};

/// Which instructions this processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Kernel {
    pub(super) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }

    /// Adds `rows [depth, height] · columns [depth, NR]` to the tile at `c`, of which `width` columns
    /// exist and rows lie `stride` apart.
    ///
    /// # Safety
    /// The tile at `c` must be writable and this thread's alone.
    pub(super) unsafe fn tile(
        self,
        rows: &[f32],
        columns: &[f32],
        height: usize,
        c: *mut f32,
        stride: usize,
        width: usize,
    ) {
        debug_assert_eq!(rows.len() * NR, columns.len() * height);
        if width == NR {
            // SAFETY: the caller's tile is whole.
            unsafe { self.whole(rows, columns, height, c, stride) };
            return;
        }
        let mut tile = [0.0f32; MR * NR];
        for row in 0..height {
            // SAFETY: `width` numbers of each row exist.
            let line = unsafe { std::slice::from_raw_parts_mut(c.add(row * stride), width) };
            tile[row * NR..][..width].copy_from_slice(line);
        }
        // SAFETY: the tile is a local one of the full size.
        unsafe { self.whole(rows, columns, height, tile.as_mut_ptr(), NR) };
        for row in 0..height {
            // SAFETY: as above.
            let line = unsafe { std::slice::from_raw_parts_mut(c.add(row * stride), width) };
            line.copy_from_slice(&tile[row * NR..][..width]);
        }
    }

    unsafe fn whole(self, a: &[f32], b: &[f32], height: usize, c: *mut f32, stride: usize) {
        // SAFETY: the caller vouches for C, `detect` for the instructions.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => match height {
                    14 => avx512::<14>(a, b, c, stride),
                    13 => avx512::<13>(a, b, c, stride),
                    12 => avx512::<12>(a, b, c, stride),
                    11 => avx512::<11>(a, b, c, stride),
                    10 => avx512::<10>(a, b, c, stride),
                    9 => avx512::<9>(a, b, c, stride),
                    8 => avx512::<8>(a, b, c, stride),
                    7 => avx512::<7>(a, b, c, stride),
                    6 => avx512::<6>(a, b, c, stride),
                    5 => avx512::<5>(a, b, c, stride),
                    4 => avx512::<4>(a, b, c, stride),
                    3 => avx512::<3>(a, b, c, stride),
                    2 => avx512::<2>(a, b, c, stride),
                    _ => avx512::<1>(a, b, c, stride),
                },
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => avx2(a, b, height, c, stride),
                Self::Portable => portable(a, b, height, c, stride),
            }
        }
    }
}

/// `H × 32` numbers in `2·H` registers; `a` is `[depth, H]`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const H: usize>(a: &[f32], b: &[f32], c: *mut f32, stride: usize) {
    use std::arch::x86_64::{
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
    };
    let depth = b.len() / NR;
    let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
    // SAFETY: a holds depth·H numbers, b depth·32, C has H rows of 32.
    unsafe {
        let mut sum = [[_mm512_setzero_ps(); 2]; H];
        for (row, sum) in sum.iter_mut().enumerate() {
            sum[0] = _mm512_loadu_ps(c.add(row * stride));
            sum[1] = _mm512_loadu_ps(c.add(row * stride + 16));
        }
        for _ in 0..depth {
            let (left, right) = (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16)));
            for (row, sum) in sum.iter_mut().enumerate() {
                let factor = _mm512_set1_ps(*a.add(row));
                sum[0] = _mm512_fmadd_ps(factor, left, sum[0]);
                sum[1] = _mm512_fmadd_ps(factor, right, sum[1]);
            }
            a = a.add(H);
            b = b.add(NR);
        }
        for (row, sum) in sum.iter().enumerate() {
            _mm512_storeu_ps(c.add(row * stride), sum[0]);
            _mm512_storeu_ps(c.add(row * stride + 16), sum[1]);
        }
    }
}

/// Strips of up to 6 rows × 16 columns, which fill the sixteen 256-bit registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(a: &[f32], b: &[f32], height: usize, c: *mut f32, stride: usize) {
    for half in [0, NR / 2] {
        let mut row = 0;
        while row < height {
            let rows = (height - row).min(6);
            // SAFETY: the strip lies within the tile.
            unsafe {
                let (a, c) = (a.as_ptr().add(row), c.add(row * stride + half));
                let depth = b.len() / NR;
                let b = b.as_ptr().add(half);
                match rows {
                    6 => strip::<6>(a, height, b, depth, c, stride),
                    5 => strip::<5>(a, height, b, depth, c, stride),
                    4 => strip::<4>(a, height, b, depth, c, stride),
                    3 => strip::<3>(a, height, b, depth, c, stride),
                    2 => strip::<2>(a, height, b, depth, c, stride),
                    _ => strip::<1>(a, height, b, depth, c, stride),
                }
            }
            row += rows;
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn strip<const H: usize>(
    mut a: *const f32,
    a_stride: usize,
    mut b: *const f32,
    depth: usize,
    c: *mut f32,
    stride: usize,
) {
    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    };
    // SAFETY: the caller's strip of A, panel of B and tile of C have these sizes.
    unsafe {
        let mut sum = [[_mm256_setzero_ps(); 2]; H];
        for (row, sum) in sum.iter_mut().enumerate() {
            sum[0] = _mm256_loadu_ps(c.add(row * stride));
            sum[1] = _mm256_loadu_ps(c.add(row * stride + 8));
        }
        for _ in 0..depth {
            let (left, right) = (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8)));
            for (row, sum) in sum.iter_mut().enumerate() {
                let factor = _mm256_set1_ps(*a.add(row));
                sum[0] = _mm256_fmadd_ps(factor, left, sum[0]);
                sum[1] = _mm256_fmadd_ps(factor, right, sum[1]);
            }
            a = a.add(a_stride);
            b = b.add(NR);
        }
        for (row, sum) in sum.iter().enumerate() {
            _mm256_storeu_ps(c.add(row * stride), sum[0]);
            _mm256_storeu_ps(c.add(row * stride + 8), sum[1]);
        }
    }
}

/// Without vector instructions: slow, the same bits.
unsafe fn portable(a: &[f32], b: &[f32], height: usize, c: *mut f32, stride: usize) {
    for row in 0..height {
        // SAFETY: the tile has `height` rows of NR numbers.
        let line = unsafe { std::slice::from_raw_parts_mut(c.add(row * stride), NR) };
        for (a, b) in a.chunks_exact(height).zip(b.chunks_exact(NR)) {
            for (c, b) in line.iter_mut().zip(b) {
                *c = a[row].mul_add(*b, *c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_gives_the_same_bits() {
        let depth = 37;
        let number = |seed: usize| ((seed * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
        for height in 1..=MR {
            let a: Vec<f32> = (0..depth * height).map(number).collect();
            let b: Vec<f32> = (0..depth * NR).map(|i| number(i + 5)).collect();
            let run = |kernel: Kernel| {
                let mut c = vec![0.5f32; height * NR];
                // SAFETY: c is a whole tile.
                unsafe { kernel.tile(&a, &b, height, c.as_mut_ptr(), NR, NR) };
                c
            };
            let expected = run(Kernel::Portable);
            assert_eq!(run(Kernel::detect()), expected, "height {height}");
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                assert_eq!(run(Kernel::Avx2), expected, "height {height}");
            }
        }
    }
}
