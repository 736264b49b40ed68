//! Generation: keys and values of what was read are kept, so that a further token costs one pass.

use hanok_nn::{Buffer, Keys};

use super::Decoder;

/// Tokens of a prompt that are read at a time.
const CHUNK: usize = 512;

/// Keys and values of a sequence so far.
pub struct KvCache {
    /// `[positions, kv_heads · head_dim]` each, by layer.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    length: usize,
}

impl KvCache {
    /// Tokens read so far.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was read yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Decoder {
    /// An empty cache for this model.
    pub fn cache(&self) -> KvCache {
        KvCache {
            layers: vec![(Vec::new(), Vec::new()); self.layers.len()],
            length: 0,
        }
    }

    /// Reads tokens that follow those in the cache; gives the scores of the next one, `[vocab]`.
    pub fn read(&self, tokens: &[u32], cache: &mut KvCache) -> Buffer {
        let width = self.config.hidden_size;
        let mut last = Buffer::zeros(width);
        for chunk in tokens.chunks(CHUNK) {
            let x = self.read_chunk(chunk, cache);
            last.copy_from_slice(&x[x.len() - width..]);
        }
        let (normal, _) = self.norm.forward(&last);
        self.head().forward(&normal).0
    }

    fn read_chunk(&self, tokens: &[u32], cache: &mut KvCache) -> Buffer {
        let start = cache.length;
        let angles = self.rope.angles(start..start + tokens.len());
        let mut x = self.embedded(tokens);
        let whole = 0..tokens.len();
        for (layer, (keys, values)) in self.layers.iter().zip(&mut cache.layers) {
            let attend = |q: &[f32], k: Buffer, v: Buffer| {
                keys.extend_from_slice(&k);
                values.extend_from_slice(&v);
                let out = if start == 0 && tokens.len() > 1 {
                    self.attention
                        .forward((q, &k, &v), std::slice::from_ref(&whole))
                        .0
                } else {
                    self.attention.extend(q, &Keys { k: keys, v: values })
                };
                (out, Buffer::default(), k, v)
            };
            x = layer.forward(x, &angles, attend).0;
        }
        cache.length += tokens.len();
        x
    }
}
