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
            unsafe {
                if c.width <= NR / 2 {
                    avx512_of_height::<1>(rows, columns, c);
                } else {
                    avx512_of_height::<2>(rows, columns, c);
                }
            }
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
                Self::Avx512 => avx512_of_height::<2>(a, b, c),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => avx2(a, b, c),
                Self::Portable => portable(a, b, c),
            }
        }
    }
}

/// The kernel of the tile's height, `W` registers wide.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512_of_height<const W: usize>(a: &[f32], b: &[f32], tile: Tile) {
    // SAFETY: the caller's.
    unsafe {
        match tile.height {
            14 => avx512::<14, W>(a, b, tile),
            13 => avx512::<13, W>(a, b, tile),
            12 => avx512::<12, W>(a, b, tile),
            11 => avx512::<11, W>(a, b, tile),
            10 => avx512::<10, W>(a, b, tile),
            9 => avx512::<9, W>(a, b, tile),
            8 => avx512::<8, W>(a, b, tile),
            7 => avx512::<7, W>(a, b, tile),
            6 => avx512::<6, W>(a, b, tile),
            5 => avx512::<5, W>(a, b, tile),
            4 => avx512::<4, W>(a, b, tile),
            3 => avx512::<3, W>(a, b, tile),
            2 => avx512::<2, W>(a, b, tile),
            _ => avx512::<1, W>(a, b, tile),
        }
    }
}

/// `H × 16·W` numbers in `W·H` registers; `a` is `[depth, H]`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512<const H: usize, const W: usize>(a: &[f32], b: &[f32], tile: Tile) {
    use std::arch::x86_64::{
        _MM_HINT_T0, _mm_prefetch, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_storeu_ps,
        _mm512_maskz_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps,
    };
    let depth = b.len() / NR;
    let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
    let (c, stride) = (tile.at, tile.stride);
    let mut masks = [u16::MAX; W];
    masks[W - 1] >>= 16 * W - tile.width;
    // The tile below comes next; its rows lie pages apart, where no hardware looks ahead.
    for row in 0..H {
        for part in 0..W {
            let next = c.wrapping_add((H + row) * stride + 16 * part);
            _mm_prefetch::<_MM_HINT_T0>(next.cast::<i8>());
        }
    }
    // SAFETY: a holds depth·H numbers, b depth·32, C has H rows of the masks' columns.
    unsafe {
        let mut sum = [[_mm512_setzero_ps(); W]; H];
        if !tile.fresh {
            for (row, sum) in sum.iter_mut().enumerate() {
                for (part, sum) in sum.iter_mut().enumerate() {
                    *sum = _mm512_maskz_loadu_ps(masks[part], c.add(row * stride + 16 * part));
                }
            }
        }
        for _ in 0..depth {
            let mut columns = [_mm512_setzero_ps(); W];
            for (part, columns) in columns.iter_mut().enumerate() {
                *columns = _mm512_loadu_ps(b.add(16 * part));
            }
            for (row, sum) in sum.iter_mut().enumerate() {
                let factor = _mm512_set1_ps(*a.add(row));
                for (sum, columns) in sum.iter_mut().zip(columns) {
                    *sum = _mm512_fmadd_ps(factor, columns, *sum);
                }
            }
            a = a.add(H);
            b = b.add(NR);
        }
        for (row, sum) in sum.iter().enumerate() {
            for (part, sum) in sum.iter().enumerate() {
                _mm512_mask_storeu_ps(c.add(row * stride + 16 * part), masks[part], *sum);
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
