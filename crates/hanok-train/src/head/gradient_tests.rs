//! The gradient of the loop against finite differences of a loss written anew in f64.

use hanok_models::Features;

use super::{Choice, Example, HeadConfig, HeadTrainer, Recipe};

const CLASSES: usize = 3;
const DIM: usize = 5;

fn example(seed: u32, label: usize) -> Example {
    let noise = |i: u32| {
        let mixed = (seed * 31 + i).wrapping_mul(2_654_435_761) >> 8;
        (mixed % 1000) as f32 / 500.0 - 1.0
    };
    let sparse = (0..9)
        .filter(|b| noise(b + 50) > -0.2)
        .map(|b| (b, 0.2 + noise(b + 90).abs()));
    Example {
        features: Features {
            dense: (0..DIM as u32).map(noise).collect(),
            sparse: sparse.collect(),
            tokens: 1,
            truncated: false,
        },
        label,
    }
}

/// Weighted, smoothed cross-entropy of the batch, straight from its definition.
fn reference_loss(
    trainer: &HeadTrainer,
    examples: &[Example],
    class_weights: &[f32],
    smoothing: f64,
    weights: &[Vec<f64>; 3],
) -> f64 {
    let [dense, sparse, bias] = weights;
    let mut sum = 0.0;
    for example in examples {
        let mut x = vec![0.0_f32; DIM];
        trainer.space.dense(&example.features, &mut x);
        let logit = |c: usize| {
            let dense: f64 = (0..DIM).map(|d| dense[c * DIM + d] * f64::from(x[d])).sum();
            let scaled = trainer.space.sparse(&example.features).map(|(row, x)| {
                let at = row * CLASSES + c;
                sparse[at] * f64::from(trainer.space.scale[at]) * f64::from(x)
            });
            bias[c] + dense + scaled.sum::<f64>()
        };
        let logits: Vec<f64> = (0..CLASSES).map(logit).collect();
        let log_sum = logits.iter().map(|z| z.exp()).sum::<f64>().ln();
        for (c, z) in logits.iter().enumerate() {
            let hit = if c == example.label {
                1.0 - smoothing
            } else {
                0.0
            };
            let target = hit + smoothing / CLASSES as f64;
            sum -= f64::from(class_weights[example.label]) * target * (z - log_sum);
        }
    }
    sum / examples.len() as f64
}

#[test]
fn gradient_agrees_with_finite_differences() {
    let examples: Vec<Example> = (0..12).map(|i| example(i, i as usize % CLASSES)).collect();
    let class_weights = vec![0.5, 1.0, 2.5];
    let config = HeadConfig {
        label_smoothing: 0.1,
        ..HeadConfig::default()
    };
    let recipe = Recipe::new(
        &config,
        examples.len(),
        Choice {
            l2: 0.5,
            learning_rate: 0.3,
        },
    );
    let all: Vec<usize> = (0..examples.len()).collect();
    let mut trainer = HeadTrainer::new(&examples, all.clone(), class_weights.clone(), recipe);
    for _ in 0..3 {
        trainer.step().expect("finite");
    }
    let loss = trainer.accumulate(&all);
    let wide = |w: &[f32]| w.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
    let now = &trainer.state.weights;
    let weights = [wide(&now.dense), wide(&now.sparse), wide(&now.bias)];
    let smoothing = f64::from(0.1_f32);
    let at = |w: &[Vec<f64>; 3]| reference_loss(&trainer, &examples, &class_weights, smoothing, w);
    assert!((at(&weights) - f64::from(loss)).abs() < 1e-5);
    let found = [
        &trainer.gradient.dense,
        &trainer.gradient.sparse,
        &trainer.gradient.bias,
    ];
    for (part, gradient) in found.iter().enumerate() {
        assert!(
            gradient.iter().any(|g| g.abs() > 1e-3),
            "part {part} has no gradient"
        );
        for (i, g) in gradient.iter().enumerate() {
            let (mut up, mut down) = (weights.clone(), weights.clone());
            up[part][i] += 1e-5;
            down[part][i] -= 1e-5;
            let difference = (at(&up) - at(&down)) / 2e-5;
            assert!(
                (difference - f64::from(*g)).abs() < 1e-5,
                "part {part}, weight {i}: {g} against {difference}"
            );
        }
    }
}
