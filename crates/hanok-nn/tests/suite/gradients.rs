//! Each operation and its gradients.

use hanok_nn::activation::{Activation, swiglu, swiglu_backward};
use hanok_nn::{LayerNorm, Linear, Lora, Param, RmsNorm, Rope, RopeScaling, Store, cross_entropy};

use crate::reference::{assert_close, differences, numbers, times_transposed, weighted, wide};

fn trained(value: Vec<f32>) -> Param {
    let mut param = Param::new(value);
    param.set_trained(true);
    param
}

fn gradient(param: &Param) -> Vec<f32> {
    param.grad.as_ref().expect("it is trained").to_vec()
}

#[test]
fn a_linear_layer_with_bias_and_adapter() {
    let (m, n, k, rank) = (5, 37, 19, 4);
    let (x, w, bias) = (numbers(m * k, 1), numbers(n * k, 2), numbers(n, 3));
    let (a, b, dy) = (
        numbers(rank * k, 4),
        numbers(n * rank, 5),
        numbers(m * n, 6),
    );
    let scale = 0.5;
    let run = |x: &[f64], w: &[f64], bias: &[f64], a: &[f64], b: &[f64]| -> Vec<f64> {
        let mut y = times_transposed(x, w, k);
        let low = times_transposed(x, a, k);
        let high = times_transposed(&low, b, rank);
        for (i, y) in y.iter_mut().enumerate() {
            *y += bias[i % n] + scale * high[i];
        }
        y
    };
    let [x64, w64, bias64, a64, b64, dy64] =
        [&x, &w, &bias, &a, &b, &dy].map(|numbers| wide(numbers));
    for frozen in [true, false] {
        let mut linear = Linear::new(&w, n, k, Some(bias.clone()));
        linear.set_trained(!frozen);
        linear.lora = Some(Lora {
            a: trained(a.clone()),
            b: trained(b.clone()),
            scale: scale as f32,
            rank,
        });
        let (y, saved) = linear.forward(&x);
        assert_close("y", &y, &run(&x64, &w64, &bias64, &a64, &b64));
        let mut dx = vec![0.0; m * k];
        linear.backward(&x, &saved, &dy, Some((&mut dx, Store::Replace)));
        let by = |f: &dyn Fn(&[f64]) -> Vec<f64>, at: &[f64]| {
            differences(at, |at| weighted(&dy64, &f(at)))
        };
        assert_close("dx", &dx, &by(&|x| run(x, &w64, &bias64, &a64, &b64), &x64));
        let lora = linear.lora.as_ref().expect("an adapter");
        let da = by(&|a| run(&x64, &w64, &bias64, a, &b64), &a64);
        assert_close("dA", &gradient(&lora.a), &da);
        let db = by(&|b| run(&x64, &w64, &bias64, &a64, b), &b64);
        assert_close("dB", &gradient(&lora.b), &db);
        let mut list = Vec::new();
        linear.list("layer", &mut list);
        let names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
        if frozen {
            assert_eq!(names, ["layer.lora_A.weight", "layer.lora_B.weight"]);
            continue;
        }
        assert_eq!(names[..2], ["layer.weight", "layer.bias"]);
        let dw = by(&|w| run(&x64, w, &bias64, &a64, &b64), &w64);
        assert_close("dW", &gradient(list[0].1), &dw);
        let dbias = by(&|bias| run(&x64, &w64, bias, &a64, &b64), &bias64);
        assert_close("dbias", &gradient(list[1].1), &dbias);
    }
}

#[test]
fn rms_norm() {
    let (rows, n) = (3, 21);
    let (x, w, dy) = (numbers(rows * n, 1), numbers(n, 2), numbers(rows * n, 3));
    let run = |x: &[f64], w: &[f64]| -> Vec<f64> {
        let row = |x: &[f64]| -> Vec<f64> {
            let inverse = 1.0 / (x.iter().map(|x| x * x).sum::<f64>() / n as f64 + 1e-5).sqrt();
            x.iter().zip(w).map(|(x, w)| x * inverse * w).collect()
        };
        x.chunks_exact(n).flat_map(row).collect()
    };
    let (x64, w64, dy64) = (wide(&x), wide(&w), wide(&dy));
    let mut norm = RmsNorm {
        weight: trained(w),
        eps: 1e-5,
    };
    let (y, saved) = norm.forward(&x);
    assert_close("y", &y, &run(&x64, &w64));
    let mut dx = vec![0.0; rows * n];
    norm.backward(&x, &saved, &dy, &mut dx);
    let expected = differences(&x64, |x| weighted(&dy64, &run(x, &w64)));
    assert_close("dx", &dx, &expected);
    let expected = differences(&w64, |w| weighted(&dy64, &run(&x64, w)));
    assert_close("dw", &gradient(&norm.weight), &expected);
}

#[test]
fn layer_norm() {
    let (rows, n) = (3, 21);
    let (x, w, b) = (numbers(rows * n, 1), numbers(n, 2), numbers(n, 3));
    let dy = numbers(rows * n, 4);
    let run = |x: &[f64], w: &[f64], b: &[f64]| -> Vec<f64> {
        let row = |x: &[f64]| -> Vec<f64> {
            let mean = x.iter().sum::<f64>() / n as f64;
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
            let inverse = 1.0 / (variance + 1e-5).sqrt();
            let affine = w.iter().zip(b);
            x.iter()
                .zip(affine)
                .map(|(x, (w, b))| (x - mean) * inverse * w + b)
                .collect()
        };
        x.chunks_exact(n).flat_map(row).collect()
    };
    let (x64, w64, b64, dy64) = (wide(&x), wide(&w), wide(&b), wide(&dy));
    let mut norm = LayerNorm {
        weight: trained(w),
        bias: trained(b),
        eps: 1e-5,
    };
    let (y, saved) = norm.forward(&x);
    assert_close("y", &y, &run(&x64, &w64, &b64));
    let mut dx = vec![0.0; rows * n];
    norm.backward(&x, &saved, &dy, &mut dx);
    let expected = differences(&x64, |x| weighted(&dy64, &run(x, &w64, &b64)));
    assert_close("dx", &dx, &expected);
    let expected = differences(&w64, |w| weighted(&dy64, &run(&x64, w, &b64)));
    assert_close("dw", &gradient(&norm.weight), &expected);
    let expected = differences(&b64, |b| weighted(&dy64, &run(&x64, &w64, b)));
    assert_close("db", &gradient(&norm.bias), &expected);
}

#[test]
fn swiglu_and_its_two_gradients() {
    let (gate, up, dy) = (numbers(70, 1), numbers(70, 2), numbers(70, 3));
    let (gate, up): (Vec<f32>, Vec<f32>) = (gate.iter().map(|x| x * 6.0).collect(), up);
    let run = |gate: &[f64], up: &[f64]| -> Vec<f64> {
        let pairs = gate.iter().zip(up);
        pairs.map(|(g, u)| g / (1.0 + (-g).exp()) * u).collect()
    };
    let (gate64, up64, dy64) = (wide(&gate), wide(&up), wide(&dy));
    assert_close("y", &swiglu(&gate, &up), &run(&gate64, &up64));
    let mut d_gate = dy.clone();
    let d_up = swiglu_backward(&gate, &up, &mut d_gate);
    let expected = differences(&gate64, |gate| weighted(&dy64, &run(gate, &up64)));
    assert_close("d gate", &d_gate, &expected);
    let expected = differences(&up64, |up| weighted(&dy64, &run(&gate64, up)));
    assert_close("d up", &d_up, &expected);
}

#[test]
fn activations() {
    // erf by its Taylor series, which converges for every number; enough terms for ±4.
    let erf = |x: f64| {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / n as f64;
            sum += term / (2 * n + 1) as f64;
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    };
    let gelu = move |x: f64| 0.5 * x * (1.0 + erf(x / 2f64.sqrt()));
    let gelu_tanh = |x: f64| {
        let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
        0.5 * x * (1.0 + inner.tanh())
    };
    let functions: [(Activation, &dyn Fn(f64) -> f64); 4] = [
        (Activation::Gelu, &gelu),
        (Activation::GeluTanh, &gelu_tanh),
        (Activation::Relu, &|x| x.max(0.0)),
        (Activation::Tanh, &f64::tanh),
    ];
    let x: Vec<f32> = numbers(99, 1).iter().map(|x| x * 4.0).collect();
    let dy = numbers(99, 2);
    for (activation, f) in functions {
        let run = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| f(*x)).collect() };
        assert_close(
            &format!("{activation:?}"),
            &activation.forward(&x),
            &run(&wide(&x)),
        );
        let mut dx = dy.clone();
        activation.backward(&x, &mut dx);
        let expected = differences(&wide(&x), |x| weighted(&wide(&dy), &run(x)));
        assert_close(&format!("{activation:?}'s gradient"), &dx, &expected);
    }
}

#[test]
fn cross_entropy_over_several_rows() {
    let (rows, classes, width) = (6, 45, 11);
    let (h, w) = (numbers(rows * width, 1), numbers(classes * width, 2));
    let targets: Vec<u32> = (0..rows as u32).map(|row| row * 7 % 45).collect();
    let losses = |h: &[f64], w: &[f64]| -> Vec<f64> {
        let logits = times_transposed(h, w, width);
        let pairs = logits.chunks_exact(classes).zip(&targets);
        pairs
            .map(|(row, target)| {
                row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[*target as usize]
            })
            .collect()
    };
    let (h64, w64) = (wide(&h), wide(&w));
    let mut head = Linear::new(&w, classes, width, None);
    head.set_trained(true);
    let (found, dh) = cross_entropy(&h, &mut head, &targets, 0.25);
    let found_losses: Vec<f32> = found.iter().map(|row| row.loss).collect();
    assert_close("losses", &found_losses, &losses(&h64, &w64));
    let expected = differences(&h64, |h| 0.25 * losses(h, &w64).iter().sum::<f64>());
    assert_close("dh", &dh, &expected);
    let mut list = Vec::new();
    head.list("head", &mut list);
    let expected = differences(&w64, |w| 0.25 * losses(&h64, w).iter().sum::<f64>());
    assert_close("dW", &gradient(list[0].1), &expected);
    assert_eq!(hanok_nn::evaluate(&h, &head, &targets), found);
}

#[test]
fn rotation_keeps_lengths_and_turns_back() {
    let rope = Rope::new(8, 10_000.0, RopeScaling::None);
    let angles = rope.angles([0usize, 3, 500].into_iter());
    let x = numbers(3 * 16, 1);
    let mut turned = x.clone();
    angles.forward(&mut turned);
    assert_eq!(turned[..16], x[..16], "position 0 does not turn");
    // Feature 1 of the second row, by hand: pair (1, 5), frequency 10000^(-2/8).
    let angle = 3.0 * 10_000f64.powf(-0.25);
    let expected = f64::from(x[17]) * angle.cos() - f64::from(x[21]) * angle.sin();
    assert!((f64::from(turned[17]) - expected).abs() < 1e-6);
    angles.backward(&mut turned);
    assert_close("turned back", &turned, &wide(&x));
}
