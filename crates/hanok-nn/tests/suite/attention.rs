//! Attention: grouped heads, several sequences, causal or not, a window, and with kept keys.

use hanok_nn::{Attention, Keys};
use std::ops::Range;

use crate::reference::{assert_close, differences, numbers, weighted, wide};

struct Case {
    attention: Attention,
    sequences: Vec<Range<usize>>,
    rows: usize,
}

fn cases() -> Vec<Case> {
    let attention = |heads, kv_heads, head_dim, causal, window| Attention {
        heads,
        kv_heads,
        head_dim,
        causal,
        window,
    };
    vec![
        Case {
            attention: attention(4, 2, 6, true, None),
            sequences: vec![0..5, 5..6, 6..9],
            rows: 9,
        },
        Case {
            attention: attention(2, 2, 5, false, None),
            sequences: vec![0..4, 4..7],
            rows: 7,
        },
        Case {
            attention: attention(3, 1, 4, true, Some(3)),
            sequences: std::iter::once(0..8).collect(),
            rows: 8,
        },
    ]
}

/// By the definition.
fn run(case: &Case, q: &[f64], k: &[f64], v: &[f64]) -> Vec<f64> {
    let Attention {
        heads,
        kv_heads,
        head_dim: d,
        causal,
        window,
    } = case.attention;
    let mut out = vec![0.0; q.len()];
    for sequence in &case.sequences {
        for i in sequence.clone() {
            for head in 0..heads {
                let kv = head / (heads / kv_heads);
                let seen =
                    |j: &usize| (!causal || *j <= i) && window.is_none_or(|window| *j + window > i);
                let seen: Vec<usize> = sequence.clone().filter(seen).collect();
                let at = |x: &[f64], row: usize, heads: usize, head: usize, c: usize| {
                    x[(row * heads + head) * d + c]
                };
                let score = |j: &usize| {
                    let dot = (0..d).map(|c| at(q, i, heads, head, c) * at(k, *j, kv_heads, kv, c));
                    (dot.sum::<f64>() / (d as f64).sqrt()).exp()
                };
                let scores: Vec<f64> = seen.iter().map(score).collect();
                let total: f64 = scores.iter().sum();
                for (j, score) in seen.iter().zip(&scores) {
                    for c in 0..d {
                        out[(i * heads + head) * d + c] +=
                            score / total * at(v, *j, kv_heads, kv, c);
                    }
                }
            }
        }
    }
    out
}

#[test]
fn output_and_gradients() {
    for case in cases() {
        let Attention {
            heads,
            kv_heads,
            head_dim,
            ..
        } = case.attention;
        let width = heads * head_dim;
        let q = numbers(case.rows * width, 1);
        let k = numbers(case.rows * kv_heads * head_dim, 2);
        let v = numbers(case.rows * kv_heads * head_dim, 3);
        let d_out = numbers(case.rows * width, 4);
        let (out, sums) = case.attention.forward((&q, &k, &v), &case.sequences);
        let (q64, k64, v64, d64) = (wide(&q), wide(&k), wide(&v), wide(&d_out));
        assert_close("output", &out, &run(&case, &q64, &k64, &v64));
        let forward = (&*out, &*sums);
        let (dq, dk, dv) = case
            .attention
            .backward((&q, &k, &v), &case.sequences, forward, &d_out);
        let expected = differences(&q64, |q| weighted(&d64, &run(&case, q, &k64, &v64)));
        assert_close("dq", &dq, &expected);
        let expected = differences(&k64, |k| weighted(&d64, &run(&case, &q64, k, &v64)));
        assert_close("dk", &dk, &expected);
        let expected = differences(&v64, |v| weighted(&d64, &run(&case, &q64, &k64, v)));
        assert_close("dv", &dv, &expected);
    }
}

#[test]
fn blocks_of_a_long_sequence_and_kept_keys_agree_with_the_definition() {
    let case = Case {
        attention: Attention {
            heads: 2,
            kv_heads: 1,
            head_dim: 8,
            causal: true,
            window: None,
        },
        sequences: std::iter::once(0..150).collect(),
        rows: 150,
    };
    let q = numbers(150 * 16, 1);
    let (k, v) = (numbers(150 * 8, 2), numbers(150 * 8, 3));
    let expected = run(&case, &wide(&q), &wide(&k), &wide(&v));
    let (out, _) = case.attention.forward((&q, &k, &v), &case.sequences);
    assert_close("whole", &out, &expected);
    for (start, end) in [(0, 1), (40, 47), (149, 150)] {
        let keys = Keys {
            k: &k[..end * 8],
            v: &v[..end * 8],
        };
        let out = case.attention.extend(&q[start * 16..end * 16], &keys);
        assert_close("extended", &out, &expected[start * 16..end * 16]);
    }
}
