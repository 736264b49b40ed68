//! Layouts that a kernel reads from front to back.

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
        let mut row = start;
        while row < start + depth {
            let lane = row % NR;
            let count = (NR - lane).min(start + depth - row);
            let source = &self.panels[row / NR * NR * self.cols + left * NR..];
            let target = &mut space[(row - start) * NR..][..count * NR];
            for col in 0..NR {
                if col < width {
                    let lanes = &source[col * NR + lane..][..count];
                    for (r, &value) in lanes.iter().enumerate() {
                        target[r * NR + col] = value;
                    }
                } else {
                    (0..count).for_each(|r| target[r * NR + col] = 0.0);
                }
            }
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
        for (row, out) in space.chunks_exact_mut(NR).enumerate() {
            let source = &b.data[(start + row) * b.row_stride + left..][..width];
            out[..width].copy_from_slice(source);
        }
    } else if b.row_stride == 1 {
        // Column by column in strips, so that both sides stay within the cache.
        const STRIP: usize = 16;
        for first in (0..depth).step_by(STRIP) {
            let count = STRIP.min(depth - first);
            for col in 0..width {
                let source = &b.data[(left + col) * b.col_stride + start + first..][..count];
                for (row, &value) in source.iter().enumerate() {
                    space[(first + row) * NR + col] = value;
                }
            }
        }
    } else {
        for (row, out) in space.chunks_exact_mut(NR).enumerate() {
            for (col, out) in out[..width].iter_mut().enumerate() {
                *out = b.get(start + row, left + col);
            }
        }
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
        for (k, out) in out.chunks_exact_mut(height).enumerate() {
            out.copy_from_slice(&a.data[(start + k) * a.col_stride + top..][..height]);
        }
        return;
    }
    for row in 0..height {
        let source = &a.data[(top + row) * a.row_stride + start * a.col_stride..];
        let source = source.iter().step_by(a.col_stride).take(depth);
        for (out, value) in out[row..].iter_mut().step_by(height).zip(source) {
            *out = *value;
        }
    }
}
