//! Softmax cross-entropy and its gradient.

/// Turns logits into the gradient of the loss (probability minus target) in place; returns the loss.
///
/// The target is `1 - smoothing` on the label plus `smoothing / C` everywhere (Szegedy et al., 2016).
pub(super) fn cross_entropy(logits: &mut [f32], label: usize, smoothing: f32) -> f32 {
    let classes = logits.len() as f32;
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|z| (z - max).exp()).sum();
    let log_sum = sum.ln() + max;
    let mut loss = 0.0;
    for (c, z) in logits.iter_mut().enumerate() {
        let hit = if c == label { 1.0 - smoothing } else { 0.0 };
        let target = hit + smoothing / classes;
        let log_p = *z - log_sum;
        loss -= target * log_p;
        *z = log_p.exp() - target;
    }
    loss
}

/// The index of the largest value, the first one on a tie.
pub(super) fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}
