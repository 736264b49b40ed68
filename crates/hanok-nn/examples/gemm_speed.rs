//! GFLOP/s of matrix products in the shapes of a training step: `cargo run --release --example gemm_speed`.

use std::time::Instant;

use hanok_nn::{Mat, Packed, Rhs, Store, gemm};

fn main() {
    println!(
        "{:>6} {:>6} {:>6}  {:>9} {:>9} {:>9}",
        "m", "n", "k", "forward", "dx", "dw"
    );
    for (m, n, k) in [
        (1024, 1024, 1024),
        (1024, 896, 896),
        (1024, 4864, 896),
        (1024, 896, 4864),
        (256, 32000, 896),
        (1024, 16, 896),
        (1, 4864, 896),
        (8, 4864, 896),
    ] {
        let number = |i: usize| (i * 31 % 1013) as f32 / 1013.0 - 0.5;
        let x: Vec<f32> = (0..m * k).map(number).collect();
        let w: Vec<f32> = (0..n * k).map(number).collect();
        let packed = Packed::new(&w, n, k);
        let (mut y, mut dx, mut dw) = (vec![0.1; m * n], vec![0.0; m * k], vec![0.0; n * k]);
        let forward = rate(m * n * k, || {
            gemm(
                &mut y,
                Mat::new(&x, m, k),
                Rhs::Transposed(&packed),
                Store::Replace,
            )
        });
        let back = rate(m * n * k, || {
            gemm(
                &mut dx,
                Mat::new(&y, m, n),
                Rhs::Straight(&packed),
                Store::Replace,
            )
        });
        let weight = rate(m * n * k, || {
            gemm(
                &mut dw,
                Mat::new(&y, m, n).t(),
                Rhs::View(Mat::new(&x, m, k)),
                Store::Add,
            )
        });
        println!("{m:>6} {n:>6} {k:>6}  {forward:>9.0} {back:>9.0} {weight:>9.0}");
    }
}

/// The best of several goes, GFLOP/s.
fn rate(products: usize, mut work: impl FnMut()) -> f64 {
    let best = (0..7).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    2e-9 * products as f64 / best.fold(f64::MAX, f64::min)
}
