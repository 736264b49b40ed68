//! The innermost loops, one for each kind of processor, chosen at run time.

#[cfg(target_arch = "x86_64")]
use super::avx512;
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

/// Where a part of C lies.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Its first number.
    pub at: *mut f32,
    /// Numbers from row to row.
    pub stride: usize,
    /// Rows.
    pub height: usize,
    /// Columns that exist, at most [`NR`].
    pub width: usize,
    /// Whether it counts as zero, whatever it holds.
    pub fresh: bool,
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

    /// Adds `rows [depth, height] · columns [depth, NR]` to a tile of C.
    ///
    /// # Safety
    /// The tile must be writable and this thread's alone.
    pub(super) unsafe fn tile(self, rows: &[f32], columns: &[f32], c: Tile) {
        debug_assert_eq!(rows.len() * NR, columns.len() * c.height);
        #[cfg(target_arch = "x86_64")]
        if self == Self::Avx512 {
            // SAFETY: the instructions exist, and the tile is the caller's.
            unsafe { avx512::tile(rows, columns, c) };
            return;
        }
        if c.width == NR {
            // SAFETY: the caller's tile is whole.
            unsafe { self.whole(rows, columns, c) };
            return;
        }
        let mut space = [0.0f32; MR * NR];
        let line = |row: usize| {
            // SAFETY: `width` numbers of each row exist.
            unsafe { std::slice::from_raw_parts_mut(c.at.add(row * c.stride), c.width) }
        };
        if !c.fresh {
            for row in 0..c.height {
                space[row * NR..][..c.width].copy_from_slice(line(row));
            }
        }
        let whole = Tile {
            at: space.as_mut_ptr(),
            stride: NR,
            width: NR,
            ..c
        };
        // SAFETY: the tile is a local one of the full size.
        unsafe { self.whole(rows, columns, whole) };
        for row in 0..c.height {
            line(row).copy_from_slice(&space[row * NR..][..c.width]);
        }
    }

    unsafe fn whole(self, a: &[f32], b: &[f32], c: Tile) {
        // SAFETY: the caller vouches for C, `detect` for the instructions.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => avx512::tile(a, b, c),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => avx2(a, b, c),
                Self::Portable => portable(a, b, c),
            }
        }
    }
}

/// Strips of up to 6 rows × 16 columns, which fill the sixteen 256-bit registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(a: &[f32], b: &[f32], tile: Tile) {
    let height = tile.height;
    for half in [0, NR / 2] {
        let mut row = 0;
        while row < height {
            let rows = (height - row).min(6);
            // SAFETY: the strip lies within the tile.
            unsafe {
                let c = Tile {
                    at: tile.at.add(row * tile.stride + half),
                    ..tile
                };
                let a = a.as_ptr().add(row);
                let depth = b.len() / NR;
                let b = b.as_ptr().add(half);
                match rows {
                    6 => strip::<6>(a, b, depth, c),
                    5 => strip::<5>(a, b, depth, c),
                    4 => strip::<4>(a, b, depth, c),
                    3 => strip::<3>(a, b, depth, c),
                    2 => strip::<2>(a, b, depth, c),
                    _ => strip::<1>(a, b, depth, c),
                }
            }
            row += rows;
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn strip<const H: usize>(mut a: *const f32, mut b: *const f32, depth: usize, tile: Tile) {
    use std::arch::x86_64::{
        _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    };
    let (c, stride) = (tile.at, tile.stride);
    // SAFETY: the caller's strip of A, panel of B and tile of C have these sizes.
    unsafe {
        let mut sum = [[_mm256_setzero_ps(); 2]; H];
        if !tile.fresh {
            for (row, sum) in sum.iter_mut().enumerate() {
                sum[0] = _mm256_loadu_ps(c.add(row * stride));
                sum[1] = _mm256_loadu_ps(c.add(row * stride + 8));
            }
        }
        for _ in 0..depth {
            let (left, right) = (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8)));
            for (row, sum) in sum.iter_mut().enumerate() {
                let factor = _mm256_set1_ps(*a.add(row));
                sum[0] = _mm256_fmadd_ps(factor, left, sum[0]);
                sum[1] = _mm256_fmadd_ps(factor, right, sum[1]);
            }
            a = a.add(tile.height);
            b = b.add(NR);
        }
        for (row, sum) in sum.iter().enumerate() {
            _mm256_storeu_ps(c.add(row * stride), sum[0]);
            _mm256_storeu_ps(c.add(row * stride + 8), sum[1]);
        }
    }
}

/// Without vector instructions: slow, the same bits.
unsafe fn portable(a: &[f32], b: &[f32], tile: Tile) {
    for row in 0..tile.height {
        // SAFETY: the tile has `height` rows of NR numbers.
        let line = unsafe { std::slice::from_raw_parts_mut(tile.at.add(row * tile.stride), NR) };
        if tile.fresh {
            line.fill(0.0);
        }
        for (a, b) in a.chunks_exact(tile.height).zip(b.chunks_exact(NR)) {
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
                let mut c = vec![0.5f32; 2 * height * NR];
                let (kept, fresh) = c.split_at_mut(height * NR);
                let tile = |space: &mut [f32], fresh| Tile {
                    at: space.as_mut_ptr(),
                    stride: NR,
                    height,
                    width: NR,
                    fresh,
                };
                // SAFETY: both are whole tiles.
                unsafe {
                    kernel.tile(&a, &b, tile(kept, false));
                    kernel.tile(&a, &b, tile(fresh, true));
                };
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
