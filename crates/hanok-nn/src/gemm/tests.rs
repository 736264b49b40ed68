//! Products against the definition in f64, and the promise on bits.

use super::*;

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count)
        .map(|i| (((i + seed) * 2_654_435_761) % 10_007) as f32 / 5003.5 - 1.0)
        .collect()
}

fn by_definition(a: Mat<'_>, b: Mat<'_>, before: f64) -> Vec<f64> {
    let mut c = vec![before; a.rows * b.cols];
    for i in 0..a.rows {
        for j in 0..b.cols {
            let products = (0..a.cols).map(|k| f64::from(a.get(i, k)) * f64::from(b.get(k, j)));
            c[i * b.cols + j] += products.sum::<f64>();
        }
    }
    c
}

fn assert_close(found: &[f32], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        let error = (f64::from(*found) - expected).abs();
        assert!(error < 2e-4, "{found} is not {expected}");
    }
}

#[test]
fn all_layouts_agree_with_the_definition() {
    for (m, n, k) in [
        (1, 1, 1),
        (3, 33, 5),
        (15, 64, 40),
        (29, 70, 801),
        (64, 31, 384),
    ] {
        let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        let (am, bm) = (Mat::new(&a, m, k), Mat::new(&b, k, n));
        let expected = by_definition(am, bm, 0.25);
        let b_t: Vec<f32> = (0..n * k).map(|i| b[(i % k) * n + i / k]).collect();
        let a_t: Vec<f32> = (0..k * m).map(|i| a[(i % m) * k + i / m]).collect();
        let (straight, transposed) = (Packed::new(&b, k, n), Packed::new(&b_t, n, k));
        let sides = [
            Rhs::View(bm),
            Rhs::View(Mat::new(&b_t, n, k).t()),
            Rhs::Transposed(&transposed),
            Rhs::Straight(&straight),
        ];
        let mut first: Option<Vec<f32>> = None;
        for side in sides {
            for left in [am, Mat::new(&a_t, k, m).t()] {
                let mut c = vec![0.25; m * n];
                gemm(&mut c, left, side, Store::Add);
                assert_close(&c, &expected);
                assert_eq!(&c, first.get_or_insert_with(|| c.clone()));
            }
        }
        assert_eq!(straight.unpack(), b);
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_on_other_rows() {
    let (n, k) = (200, 900);
    let w = Packed::new(&numbers(n * k, 3), n, k);
    let a = numbers(33 * k, 4);
    let run = |threads: usize, rows: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let mut c = vec![0.0; rows * n];
        pool.expect("a pool").install(|| {
            gemm(
                &mut c,
                Mat::new(&a, rows, k),
                Rhs::Transposed(&w),
                Store::Replace,
            );
        });
        c
    };
    let all = run(1, 33);
    for threads in 1..=3 {
        for rows in [1, 3, 8, 33] {
            assert_eq!(
                run(threads, rows),
                all[..rows * n],
                "{threads} threads, {rows} rows"
            );
        }
    }
}
