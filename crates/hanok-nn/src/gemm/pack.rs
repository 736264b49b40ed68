//! Layouts that a kernel reads from front to back.

use super::transpose::transpose;
use super::{MR, Mat, NR};
use crate::buffer::Buffer;

/// A weight matrix `W [rows, cols]` in panels `[rows/NR][cols][NR]`, the last one padded with zeros:
/// packed once, read at every step, in both directions.
#[derive(Clone)]
pub struct Packed {
    panels: Buffer,
    rows: usize,
    cols: usize,
}

impl Packed {
    /// Packs a dense row-major `W [rows, cols]`.
    pub fn new(w: &[f32], rows: usize, cols: usize) -> Self {
        let panels = Buffer::lasting(rows.div_ceil(NR) * NR * cols);
        Self::fill(panels, Mat::new(w, rows, cols))
    }

    /// Packs a view for a moment: its memory is used again.
    pub(crate) fn passing(w: Mat<'_>) -> Self {
        let panels = Buffer::scratch(w.rows.div_ceil(NR) * NR * w.cols);
        Self::fill(panels, w)
    }

    fn fill(mut panels: Buffer, w: Mat<'_>) -> Self {
        for (index, panel) in panels.chunks_exact_mut((NR * w.cols).max(1)).enumerate() {
            columns(panel, w.t(), index, 0, w.cols);
        }
        Self {
            panels,
            rows: w.rows,
            cols: w.cols,
        }
    }

    /// Rows of W, the outputs of a linear layer.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of W, the inputs of a linear layer.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.panels.len() * size_of::<f32>()
    }

    /// Row `row` of W into `out [cols]`.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        assert!(row < self.rows && out.len() == self.cols, "row of W");
        let panel = &self.panels[row / NR * NR * self.cols..];
        for (col, out) in out.iter_mut().enumerate() {
            *out = panel[col * NR + row % NR];
        }
    }

    /// W as it was before packing, `[rows, cols]`.
    pub fn unpack(&self) -> Vec<f32> {
        let mut w = vec![0.0; self.rows * self.cols];
        for (row, out) in w.chunks_exact_mut(self.cols.max(1)).enumerate() {
            self.row(row, out);
        }
        w
    }

    pub(super) fn panel(&self, panel: usize, start: usize, depth: usize) -> &[f32] {
        &self.panels[(panel * self.cols + start) * NR..][..depth * NR]
    }

    /// Panel `panel` of `B = W` (its columns are W's): rows `start..start + depth` into
    /// `space [depth, NR]`.
    pub(super) fn across(&self, space: &mut [f32], panel: usize, start: usize, depth: usize) {
        let left = panel * NR;
        let width = NR.min(self.cols - left);
        if width < NR {
            space[..depth * NR].fill(0.0);
        }
        let mut row = start;
        while row < start + depth {
            let lane = row % NR;
            let count = (NR - lane).min(start + depth - row);
            let source = &self.panels[row / NR * NR * self.cols + left * NR + lane..];
            let target = &mut space[(row - start) * NR..][..count * NR];
            transpose(source, NR, (width, count), target, NR);
            row += count;
        }
    }
}

/// Columns `panel·NR..` of `b`, rows `start..start + depth`, into `space [depth, NR]`.
pub(super) fn columns(space: &mut [f32], b: Mat<'_>, panel: usize, start: usize, depth: usize) {
    let left = panel * NR;
    let width = NR.min(b.cols - left);
    let space = &mut space[..depth * NR];
    if width < NR {
        space.fill(0.0);
    }
    if b.col_stride == 1 {
        let source = &b.data[start * b.row_stride + left..];
        lines::<NR>(source, b.row_stride, width, space);
    } else {
        let source = &b.data[left * b.col_stride + start..];
        transpose(source, b.col_stride, (width, depth), space, NR);
    }
}

/// Columns `start..start + depth` of `a` as panels `[depth, height]`, where `height` is MR but for the
/// last panel.
pub(super) fn rows(space: &mut [f32], a: Mat<'_>, start: usize, depth: usize, serial: bool) {
    use rayon::prelude::*;
    let space = &mut space[..a.rows * depth];
    let task = |(panel, out): (usize, &mut [f32])| row_panel(out, a, panel * MR, start, depth);
    if serial || a.rows * depth < 1 << 16 {
        space.chunks_mut(MR * depth).enumerate().for_each(task);
    } else {
        let panels = space.par_chunks_mut(MR * depth).enumerate();
        panels.with_min_len(4).for_each(task);
    }
}

fn row_panel(out: &mut [f32], a: Mat<'_>, top: usize, start: usize, depth: usize) {
    let height = out.len() / depth;
    if a.row_stride == 1 {
        let source = &a.data[start * a.col_stride + top..];
        if height == MR {
            lines::<MR>(source, a.col_stride, MR, out);
        } else {
            for (k, out) in out.chunks_exact_mut(height).enumerate() {
                out.copy_from_slice(&source[k * a.col_stride..][..height]);
            }
        }
        return;
    }
    let source = &a.data[top * a.row_stride + start..];
    transpose(source, a.row_stride, (height, depth), out, height);
}

/// Lines of `width` numbers, `stride` apart, into lines of `N`.
fn lines<const N: usize>(from: &[f32], stride: usize, width: usize, to: &mut [f32]) {
    for (index, to) in to.chunks_exact_mut(N).enumerate() {
        let from = &from[index * stride..];
        // A length that the compiler knows becomes a few vector moves instead of a call.
        match from.first_chunk::<N>() {
            Some(from) if width == N => to.copy_from_slice(from),
            _ => to[..width].copy_from_slice(&from[..width]),
        }
    }
}
