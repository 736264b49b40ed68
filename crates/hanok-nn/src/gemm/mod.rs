//! Matrix products in f32: `C = A·B` and `C += A·B`, in parallel.
//!
//! Every element of C is one chain of fused multiply-adds over the inner dimension, in order. So its
//! bits depend on its row of A and column of B alone: not on the number of threads, nor on how many
//! other rows are computed with it, nor on which kernel the processor has.
//!
//! The blocking follows Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
//! (2008): B in panels of [`NR`] columns, A in panels of up to [`MR`] rows, blocks of [`KC`] of the
//! inner dimension.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernel;
mod pack;
mod transpose;
mod view;

use rayon::prelude::*;

pub use pack::Packed;
pub use view::Mat;

use crate::buffer::Buffer;
use crate::share::Shared;
use kernel::{Kernel, Tile};

/// Rows of a tile.
pub(crate) const MR: usize = 14;
/// Columns of a tile: two 512-bit registers.
pub(crate) const NR: usize = 32;
/// Inner dimension of a block, at most: longer ones touch C less often, and what they cost the
/// first-level cache is less than that.
const KC: usize = 1024;
/// Multiply-adds of a task, at least: some microseconds.
const TASK: usize = 1 << 20;
/// With so few rows B is read once, whatever the blocks: one block spares the threads' meetings.
const FEW_ROWS: usize = 32;
/// Products smaller than this (in multiply-adds) are not worth a second thread.
const SERIAL: usize = 1 << 16;

/// The right-hand side of a product.
#[derive(Clone, Copy)]
pub enum Rhs<'a> {
    /// `B [k, n]` is packed on the fly.
    View(Mat<'a>),
    /// `B = Wᵀ` for a packed `W [n, k]`, as in a forward pass.
    Transposed(&'a Packed),
    /// The same for the first `n` rows of W only.
    Prefix(&'a Packed, usize),
    /// `B = W` for a packed `W [k, n]`, as in a backward pass.
    Straight(&'a Packed),
}

impl Rhs<'_> {
    fn dims(&self) -> (usize, usize) {
        match self {
            Self::View(b) => (b.rows, b.cols),
            Self::Transposed(w) => (w.cols(), w.rows()),
            Self::Prefix(w, rows) => (w.cols(), (*rows).min(w.rows())),
            Self::Straight(w) => (w.rows(), w.cols()),
        }
    }
}

/// What becomes of what C held before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// `C = A·B`
    Replace,
    /// `C += A·B`
    Add,
}

/// `C [m, n] = or += A [m, k] · B [k, n]`, C row-major and dense.
pub fn gemm(c: &mut [f32], a: Mat<'_>, b: Rhs<'_>, into: Store) {
    let serial = a.rows * b.dims().1 * a.cols <= SERIAL || rayon::current_num_threads() == 1;
    product(c, a, b, into, serial);
}

/// [`gemm`] on this thread alone, for work that is already spread over threads.
pub(crate) fn gemm_here(c: &mut [f32], a: Mat<'_>, b: Rhs<'_>, into: Store) {
    product(c, a, b, into, true);
}

fn product(c: &mut [f32], a: Mat<'_>, b: Rhs<'_>, into: Store, serial: bool) {
    let (m, k) = (a.rows, a.cols);
    let (inner, n) = b.dims();
    assert_eq!(k, inner, "inner dimensions");
    assert_eq!(c.len(), m * n, "size of C");
    if k == 0 && into == Store::Replace {
        c.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let kernel = Kernel::detect();
    let panels = n.div_ceil(NR);
    let blocks = if m <= FEW_ROWS { 1 } else { k.div_ceil(KC) };
    let block = k.div_ceil(blocks);
    let mut packed_a = Buffer::scratch(m * block);
    let shared = Shared::new(c);
    let together = TASK.div_ceil(m * block * NR);
    for start in (0..k).step_by(block) {
        let depth = block.min(k - start);
        let fresh = start == 0 && into == Store::Replace;
        pack::rows(&mut packed_a, a, start, depth, serial);
        let task = |first: usize| {
            let last = (first + together).min(panels);
            let mut space = Buffer::scratch(depth * NR);
            for panel in first..last {
                let columns = b.panel(panel, start, depth, &mut space);
                // SAFETY: each task writes the columns of its own panels only.
                unsafe { tiles(kernel, &shared, &packed_a, columns, (m, n), panel, fresh) };
            }
        };
        if serial {
            (0..panels).step_by(together).for_each(task);
        } else {
            let tasks = panels.div_ceil(together);
            (0..tasks).into_par_iter().for_each(|t| task(t * together));
        }
    }
}

/// The tiles of one panel of B, down all rows.
///
/// # Safety
/// No other thread may touch these columns of C meanwhile.
unsafe fn tiles(
    kernel: Kernel,
    c: &Shared<'_>,
    packed_a: &[f32],
    columns: &[f32],
    (m, n): (usize, usize),
    panel: usize,
    fresh: bool,
) {
    let depth = columns.len() / NR;
    let left = panel * NR;
    let width = NR.min(n - left);
    for top in (0..m).step_by(MR) {
        let height = MR.min(m - top);
        let rows = &packed_a[top * depth..][..height * depth];
        let tile = Tile {
            at: c.at(top * n + left),
            stride: n,
            height,
            width,
            fresh,
        };
        // SAFETY: the tile lies within C, and the caller gives this thread its columns.
        unsafe { kernel.tile(rows, columns, tile) };
    }
}

impl Rhs<'_> {
    /// Rows `start..start + depth` of panel `panel` as `[depth, NR]`; from `space` unless at hand.
    fn panel<'s>(
        &'s self,
        panel: usize,
        start: usize,
        depth: usize,
        space: &'s mut [f32],
    ) -> &'s [f32] {
        match self {
            Self::Transposed(w) | Self::Prefix(w, _) => return w.panel(panel, start, depth),
            Self::View(b) => pack::columns(space, *b, panel, start, depth),
            Self::Straight(w) => w.across(space, panel, start, depth),
        }
        space
    }
}

#[cfg(test)]
mod tests;
