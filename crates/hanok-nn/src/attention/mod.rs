//! Scaled dot-product attention over sequences that lie one after the other, block by block: no matrix
//! of all scores exists, and the backward pass computes them again, as in Dao et al., "FlashAttention"
//! (2022). Key and value heads may be fewer than query heads (Ainslie et al., "GQA", 2023).

mod cached;

use std::ops::Range;

use rayon::prelude::*;

use crate::buffer::Buffer;
use crate::gemm::{Mat, Packed, Rhs, Store, gemm_here};
use crate::math::{dot, exp_all, softmax, wide};
use crate::share::Shared;

pub use cached::Keys;

/// Queries of a block.
const BLOCK: usize = 64;

/// What kind of attention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// Size of a head.
    pub head_dim: usize,
    /// Whether a position sees only itself and what is before it.
    pub causal: bool,
    /// How many positions it sees at most, itself included.
    pub window: Option<usize>,
}

/// One head of one sequence.
struct Head<'a> {
    q: Mat<'a>,
    k: Mat<'a>,
    v: Mat<'a>,
}

impl Attention {
    fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }

    fn q_width(&self) -> usize {
        self.heads * self.head_dim
    }

    fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    fn head<'a>(
        &self,
        (q, k, v): (&'a [f32], &'a [f32], &'a [f32]),
        sequence: &Range<usize>,
        head: usize,
    ) -> Head<'a> {
        let group = self.heads / self.kv_heads;
        let of = |x: &'a [f32], width: usize, head: usize| {
            let x = &x[sequence.start * width + head * self.head_dim..];
            Mat::strided(x, sequence.len(), self.head_dim, width)
        };
        Head {
            q: of(q, self.q_width(), head),
            k: of(k, self.kv_width(), head / group),
            v: of(v, self.kv_width(), head / group),
        }
    }

    /// The positions that position `i` of `length` sees.
    fn seen(&self, i: usize, length: usize) -> Range<usize> {
        let end = if self.causal { i + 1 } else { length };
        let start = self
            .window
            .map_or(0, |window| (i + 1).saturating_sub(window));
        start..end
    }

    /// `q [rows, heads·d]`, `k`, `v [rows, kv_heads·d]` → output like `q`, and the logarithm of each
    /// row's and head's sum of scores, `[heads, rows]`. `sequences` are ranges of rows.
    pub fn forward(
        &self,
        qkv: (&[f32], &[f32], &[f32]),
        sequences: &[Range<usize>],
    ) -> (Buffer, Buffer) {
        let rows = qkv.0.len() / self.q_width();
        let mut out = Buffer::zeros(qkv.0.len());
        let mut sums = Buffer::zeros(rows * self.heads);
        let (shared, shared_sums) = (Shared::new(&mut out), Shared::new(&mut sums));
        let tasks = self.tasks(sequences, self.heads);
        tasks.into_par_iter().for_each(|(sequence, index)| {
            let head = self.head(qkv, &sequence, index);
            // SAFETY: each task has its own head and sequence.
            let sums = unsafe { shared_sums.part(index * rows + sequence.start, sequence.len()) };
            let keys = Packed::passing(head.k);
            for top in (0..sequence.len()).step_by(BLOCK) {
                let height = BLOCK.min(sequence.len() - top);
                let (scores, end) =
                    self.weights(&head, &keys, top, height, Sums::Write(&mut sums[top..]));
                let mut block = Buffer::scratch(height * self.head_dim);
                let values = part(head.v, 0, end);
                gemm_here(
                    &mut block,
                    Mat::new(&scores, height, end),
                    Rhs::View(values),
                    Store::Replace,
                );
                for (row, line) in block.chunks_exact(self.head_dim).enumerate() {
                    let offset =
                        (sequence.start + top + row) * self.q_width() + index * self.head_dim;
                    // SAFETY: as above.
                    unsafe { shared.part(offset, self.head_dim) }.copy_from_slice(line);
                }
            }
        });
        (out, sums)
    }

    fn tasks(&self, sequences: &[Range<usize>], heads: usize) -> Vec<(Range<usize>, usize)> {
        let pairs = sequences
            .iter()
            .flat_map(|s| (0..heads).map(move |h| (s.clone(), h)));
        pairs.filter(|(sequence, _)| !sequence.is_empty()).collect()
    }

    /// Attention weights of a block of queries: `[height, end]`, zero where nothing is seen.
    fn weights(
        &self,
        head: &Head<'_>,
        keys: &Packed,
        top: usize,
        height: usize,
        mut sums: Sums<'_>,
    ) -> (Buffer, usize) {
        let length = head.k.rows;
        let end = self.seen(top + height - 1, length).end;
        let mut scores = Buffer::scratch(height * end);
        let queries = part(head.q, top, height);
        gemm_here(&mut scores, queries, Rhs::Prefix(keys, end), Store::Replace);
        let scale = self.scale();
        for (row, line) in scores.chunks_exact_mut(end).enumerate() {
            let seen = self.seen(top + row, length);
            line[..seen.start].fill(0.0);
            line[seen.end..].fill(0.0);
            let line = &mut line[seen];
            match &mut sums {
                Sums::Write(sums) => sums[row] = softmax(line, scale),
                Sums::Read(sums) => {
                    exp_all(line, scale, sums[row]);
                }
            }
        }
        (scores, end)
    }

    /// Gradients of q, k and v, from what [`Attention::forward`] took and gave.
    pub fn backward(
        &self,
        qkv: (&[f32], &[f32], &[f32]),
        sequences: &[Range<usize>],
        (out, sums): (&[f32], &[f32]),
        d_out: &[f32],
    ) -> (Buffer, Buffer, Buffer) {
        let rows = qkv.0.len() / self.q_width();
        let mut dq = Buffer::zeros(qkv.0.len());
        let mut dk = Buffer::zeros(qkv.1.len());
        let mut dv = Buffer::zeros(qkv.2.len());
        let places = (
            Shared::new(&mut dq),
            Shared::new(&mut dk),
            Shared::new(&mut dv),
        );
        let group = self.heads / self.kv_heads;
        let tasks = self.tasks(sequences, self.kv_heads);
        tasks.into_par_iter().for_each(|(sequence, kv_head)| {
            let size = sequence.len() * self.head_dim;
            let (mut dk, mut dv) = (Buffer::zeros(size), Buffer::zeros(size));
            for index in kv_head * group..(kv_head + 1) * group {
                let head = self.head(qkv, &sequence, index);
                let o = self.head((out, qkv.1, qkv.2), &sequence, index).q;
                let d_o = self.head((d_out, qkv.1, qkv.2), &sequence, index).q;
                let sums = &sums[index * rows + sequence.start..][..sequence.len()];
                let dq = self.head_backward(&head, (o, d_o), sums, (&mut dk, &mut dv));
                let left = (sequence.start, self.q_width(), index);
                // SAFETY: each task has its own heads and sequence.
                unsafe { self.put(&places.0, &dq, left) };
            }
            let left = (sequence.start, self.kv_width(), kv_head);
            // SAFETY: as above.
            unsafe {
                self.put(&places.1, &dk, left);
                self.put(&places.2, &dv, left);
            }
        });
        (dq, dk, dv)
    }

    /// # Safety
    /// No other thread may touch this head of these rows meanwhile.
    unsafe fn put(
        &self,
        place: &Shared<'_>,
        rows: &[f32],
        (top, width, head): (usize, usize, usize),
    ) {
        for (row, line) in rows.chunks_exact(self.head_dim).enumerate() {
            let offset = (top + row) * width + head * self.head_dim;
            // SAFETY: the caller's.
            unsafe { place.part(offset, self.head_dim) }.copy_from_slice(line);
        }
    }

    /// Adds to `dk`, `dv [length, head_dim]` and gives `dq`, for one query head.
    fn head_backward(
        &self,
        head: &Head<'_>,
        (o, d_o): (Mat<'_>, Mat<'_>),
        sums: &[f32],
        (dk, dv): (&mut [f32], &mut [f32]),
    ) -> Buffer {
        let (length, d) = (head.q.rows, self.head_dim);
        let (keys, values) = (Packed::passing(head.k), Packed::passing(head.v));
        let mut dq = Buffer::scratch(length * d);
        for top in (0..length).step_by(BLOCK) {
            let height = BLOCK.min(length - top);
            let (mut weights, end) =
                self.weights(head, &keys, top, height, Sums::Read(&sums[top..]));
            let (queries, d_block) = (part(head.q, top, height), part(d_o, top, height));
            let view = Mat::new(&weights, height, end);
            gemm_here(&mut dv[..end * d], view.t(), Rhs::View(d_block), Store::Add);
            let mut d_weights = Buffer::scratch(height * end);
            gemm_here(
                &mut d_weights,
                d_block,
                Rhs::Prefix(&values, end),
                Store::Replace,
            );
            self.score_gradient(&mut weights, &d_weights, part(o, top, height), d_block);
            let view = Mat::new(&weights, height, end);
            let block = &mut dq[top * d..][..height * d];
            gemm_here(block, view, Rhs::View(part(head.k, 0, end)), Store::Replace);
            gemm_here(&mut dk[..end * d], view.t(), Rhs::View(queries), Store::Add);
        }
        dq
    }

    /// `weights` become the gradient of the unscaled scores.
    fn score_gradient(&self, weights: &mut [f32], d_weights: &[f32], o: Mat<'_>, d_o: Mat<'_>) {
        let end = weights.len() / o.rows;
        let scale = self.scale();
        let rows = weights
            .chunks_exact_mut(end)
            .zip(d_weights.chunks_exact(end));
        wide(|| {
            for (row, (weights, d_weights)) in rows.enumerate() {
                let share = dot(line(o, row), line(d_o, row));
                for (w, dw) in weights.iter_mut().zip(d_weights) {
                    *w *= (dw - share) * scale;
                }
            }
        });
    }
}

/// What happens to the logarithms of the sums of scores.
enum Sums<'a> {
    Write(&'a mut [f32]),
    Read(&'a [f32]),
}

fn part(m: Mat<'_>, top: usize, rows: usize) -> Mat<'_> {
    Mat::strided(&m.data[top * m.row_stride..], rows, m.cols, m.row_stride)
}

fn line<'a>(m: Mat<'a>, row: usize) -> &'a [f32] {
    &m.data[row * m.row_stride..][..m.cols]
}
