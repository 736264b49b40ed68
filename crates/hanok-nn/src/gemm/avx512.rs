//! The innermost loop for processors with AVX-512.

use super::NR;
use super::kernel::Tile;

/// Adds `rows [depth, height] · columns [depth, NR]` to a tile of C.
///
/// # Safety
/// The instructions must exist, and the tile must be writable and this thread's alone.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn tile(rows: &[f32], columns: &[f32], c: Tile) {
    // SAFETY: the caller's.
    unsafe {
        match c.width <= NR / 2 {
            true => of_height::<1>(rows, columns, c),
            false => of_height::<2>(rows, columns, c),
        }
    }
}

/// The kernel of the tile's height, `W` registers wide.
#[target_feature(enable = "avx512f")]
unsafe fn of_height<const W: usize>(a: &[f32], b: &[f32], tile: Tile) {
    // SAFETY: the caller's.
    unsafe {
        match tile.height {
            14 => kernel::<14, W>(a, b, tile),
            13 => kernel::<13, W>(a, b, tile),
            12 => kernel::<12, W>(a, b, tile),
            11 => kernel::<11, W>(a, b, tile),
            10 => kernel::<10, W>(a, b, tile),
            9 => kernel::<9, W>(a, b, tile),
            8 => kernel::<8, W>(a, b, tile),
            7 => kernel::<7, W>(a, b, tile),
            6 => kernel::<6, W>(a, b, tile),
            5 => kernel::<5, W>(a, b, tile),
            4 => kernel::<4, W>(a, b, tile),
            3 => kernel::<3, W>(a, b, tile),
            2 => kernel::<2, W>(a, b, tile),
            _ => kernel::<1, W>(a, b, tile),
        }
    }
}

/// `H × 16·W` numbers in `W·H` registers; `a` is `[depth, H]`.
#[target_feature(enable = "avx512f")]
unsafe fn kernel<const H: usize, const W: usize>(a: &[f32], b: &[f32], tile: Tile) {
    use std::arch::x86_64::{
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
        _mm512_set1_ps, _mm512_setzero_ps,
    };
    let depth = b.len() / NR;
    let (mut a, mut b) = (a.as_ptr(), b.as_ptr());
    let (c, stride) = (tile.at, tile.stride);
    let mut masks = [u16::MAX; W];
    masks[W - 1] >>= 16 * W - tile.width;
    fetch_below::<H, W>(c, stride);
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

/// The tile below comes next; its rows lie pages apart, where no hardware looks ahead.
#[inline(always)]
fn fetch_below<const H: usize, const W: usize>(c: *mut f32, stride: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for row in 0..H {
        for part in 0..W {
            let next = c.wrapping_add((H + row) * stride + 16 * part);
            // SAFETY: fetching ahead touches nothing, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(next.cast::<i8>()) };
        }
    }
}
