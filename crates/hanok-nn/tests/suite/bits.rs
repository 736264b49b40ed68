//! Decision: the order of every reduction follows from shapes alone. So the number of threads changes
//! no bit, and a row's bits do not depend on the rows beside it.

use hanok_nn::activation::{Activation, swiglu};
use hanok_nn::{Attention, LayerNorm, Linear, Param, RmsNorm, Store, cross_entropy, squared_norm};

use crate::reference::numbers;

const WIDTH: usize = 300;

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("a pool").install(work)
}

/// Row-wise operations over so many rows, one after the other into one list.
fn row_wise(rows: usize) -> Vec<Vec<f32>> {
    let x = &numbers(33 * WIDTH, 1)[..rows * WIDTH];
    let linear = Linear::new(&numbers(70 * WIDTH, 2), 70, WIDTH, Some(numbers(70, 3)));
    let rms = RmsNorm {
        weight: Param::new(numbers(WIDTH, 4)),
        eps: 1e-6,
    };
    let layer = LayerNorm {
        weight: Param::new(numbers(WIDTH, 4)),
        bias: Param::new(numbers(WIDTH, 5)),
        eps: 1e-6,
    };
    vec![
        linear.forward(x).0.to_vec(),
        rms.forward(x).0.to_vec(),
        layer.forward(x).0.to_vec(),
        swiglu(x, x).to_vec(),
        Activation::Gelu.forward(x).to_vec(),
    ]
}

#[test]
fn rows_and_threads_change_no_bit() {
    let all = on_threads(1, || row_wise(33));
    for threads in 1..=3 {
        for rows in [1, 3, 8, 33] {
            let found = on_threads(threads, || row_wise(rows));
            for (found, all) in found.iter().zip(&all) {
                assert_eq!(
                    found[..],
                    all[..found.len()],
                    "{threads} threads, {rows} rows"
                );
            }
        }
    }
}

/// What sums over rows: gradients of weights, attention, norms of gradients.
fn over_rows() -> Vec<Vec<f32>> {
    let x = numbers(33 * WIDTH, 1);
    let dy = numbers(33 * 70, 2);
    let mut linear = Linear::new(&numbers(70 * WIDTH, 3), 70, WIDTH, Some(numbers(70, 4)));
    linear.set_trained(true);
    let (_, saved) = linear.forward(&x);
    let mut dx = vec![0.0; x.len()];
    linear.backward(&x, &saved, &dy, Some((&mut dx, Store::Replace)));
    let targets: Vec<u32> = (0..33).map(|i| i * 2).collect();
    let (losses, dh) = cross_entropy(&x, &mut linear, &targets, 0.1);
    let mut all = vec![dx, dh.to_vec(), losses.iter().map(|row| row.loss).collect()];
    let mut list = Vec::new();
    linear.list("linear", &mut list);
    for (_, param) in list {
        let grad = param.grad.as_ref().expect("trained");
        all.push(vec![squared_norm(grad) as f32]);
        all.push(grad.to_vec());
    }
    let attention = Attention {
        heads: 6,
        kv_heads: 3,
        head_dim: 50,
        causal: true,
        window: None,
    };
    let k = numbers(33 * 150, 5);
    let sequences = [0..20, 20..33];
    let (out, sums) = attention.forward((&x, &k, &k), &sequences);
    let (dq, dk, dv) = attention.backward((&x, &k, &k), &sequences, (&out, &sums), &x);
    all.extend([out, sums, dq, dk, dv].map(|buffer| buffer.to_vec()));
    all
}

#[test]
fn threads_change_no_bit_of_sums_over_rows() {
    let one = on_threads(1, over_rows);
    for threads in 2..=3 {
        assert_eq!(on_threads(threads, over_rows), one, "{threads} threads");
    }
}
