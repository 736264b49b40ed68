//! One vector for each text.

use super::{Bert, Texts};
use crate::hf::Pooling;

impl Bert {
    /// Vectors of texts, pooled and scaled as the model's files say; `hidden` numbers each.
    pub fn embed(&self, texts: &Texts) -> Vec<Vec<f32>> {
        let x = self.hidden(texts);
        let width = self.config.hidden_size;
        let vectors = texts.sequences.iter().map(|sequence| {
            let rows = &x[sequence.start * width..sequence.end * width];
            let mut vector = pool(rows, width, self.config.pooling);
            if self.config.normalize {
                let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
                vector.iter_mut().for_each(|v| *v /= length);
            }
            vector
        });
        vectors.collect()
    }
}

fn pool(rows: &[f32], width: usize, pooling: Pooling) -> Vec<f32> {
    let count = rows.len() / width;
    let mut rows = rows.chunks_exact(width);
    let mut vector = rows
        .next()
        .map_or_else(|| vec![0.0; width], <[f32]>::to_vec);
    match pooling {
        Pooling::Cls => {}
        Pooling::Mean => {
            for row in rows {
                vector.iter_mut().zip(row).for_each(|(v, x)| *v += x);
            }
            vector.iter_mut().for_each(|v| *v /= count.max(1) as f32);
        }
        Pooling::Max => {
            for row in rows {
                vector.iter_mut().zip(row).for_each(|(v, x)| *v = v.max(*x));
            }
        }
    }
    vector
}
