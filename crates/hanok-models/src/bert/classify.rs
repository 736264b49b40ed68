//! The classifier on top: scores, losses and the backward pass through the whole model.

use hanok_nn::activation::Activation;
use hanok_nn::{Buffer, LinearSaved, RowLoss, Store};

use super::layer::Layer;
use super::{Bert, Saved, Texts};
use crate::ModelError;

/// What the head's backward pass needs.
struct Pooled {
    first: Buffer,
    dense: Buffer,
    saved: LinearSaved,
    out: Buffer,
}

impl Bert {
    /// First tokens' vectors, `[texts, hidden]`.
    fn first(&self, texts: &Texts, x: &[f32]) -> Buffer {
        let width = self.config.hidden_size;
        let mut first = Buffer::scratch(texts.sequences.len() * width);
        for (sequence, row) in texts.sequences.iter().zip(first.chunks_exact_mut(width)) {
            row.copy_from_slice(&x[sequence.start * width..][..width]);
        }
        first
    }

    fn pooled(&self, first: Buffer) -> Option<Pooled> {
        let (dense, saved) = self.pooler.as_ref()?.forward(&first);
        let out = Activation::Tanh.forward(&dense);
        Some(Pooled {
            first,
            dense,
            saved,
            out,
        })
    }

    /// What the classifier sees of each text, `[texts, hidden]`.
    ///
    /// # Errors
    /// The model is no classifier.
    pub fn features(&self, texts: &Texts) -> Result<Buffer, ModelError> {
        let first = self.first(texts, &self.hidden(texts));
        self.pooled(first)
            .map(|pooled| pooled.out)
            .ok_or_else(no_classifier)
    }

    /// Scores of the classes, `[texts, classes]`.
    ///
    /// # Errors
    /// The model is no classifier.
    pub fn logits(&self, texts: &Texts) -> Result<Buffer, ModelError> {
        let features = self.features(texts)?;
        let classifier = self.classifier.as_ref().ok_or_else(no_classifier)?;
        Ok(classifier.forward(&features).0)
    }

    /// How well each text's class is foretold; adds the gradient of `weight · Σ loss` to those of the
    /// trained weights.
    ///
    /// # Errors
    /// The model is no classifier.
    pub fn backward(
        &mut self,
        texts: &Texts,
        classes: &[u32],
        weight: f32,
    ) -> Result<Vec<RowLoss>, ModelError> {
        let (x, saved) = self.run(texts, true);
        let first = self.first(texts, &x);
        let (losses, d_first) = self.head_gradient(first, classes, weight)?;
        if !self.trains_below_pooler() {
            return Ok(losses);
        }
        let width = self.config.hidden_size;
        let mut dx = Buffer::zeros(x.len());
        for (sequence, row) in texts.sequences.iter().zip(d_first.chunks_exact(width)) {
            dx[sequence.start * width..][..width].copy_from_slice(row);
        }
        self.layers_backward(texts, saved, dx);
        Ok(losses)
    }

    /// The same for texts whose first tokens' vectors are at hand, `[texts, hidden]`: the head alone.
    ///
    /// # Errors
    /// The model is no classifier.
    pub fn head_backward(
        &mut self,
        first: &[f32],
        classes: &[u32],
        weight: f32,
    ) -> Result<Vec<RowLoss>, ModelError> {
        let (losses, _) = self.head_gradient(Buffer::copy_of(first), classes, weight)?;
        Ok(losses)
    }

    fn head_gradient(
        &mut self,
        first: Buffer,
        classes: &[u32],
        weight: f32,
    ) -> Result<(Vec<RowLoss>, Buffer), ModelError> {
        let pooled = self.pooled(first).ok_or_else(no_classifier)?;
        let classifier = self.classifier.as_mut().ok_or_else(no_classifier)?;
        let (losses, mut d_out) = hanok_nn::cross_entropy(&pooled.out, classifier, classes, weight);
        Activation::Tanh.backward(&pooled.dense, &mut d_out);
        let mut d_first = Buffer::scratch(d_out.len());
        if let Some(pooler) = &mut self.pooler {
            let dx = Some((&mut *d_first, Store::Replace));
            pooler.backward(&pooled.first, &pooled.saved, &d_out, dx);
        }
        Ok((losses, d_first))
    }

    /// How well each text's class is foretold.
    ///
    /// # Errors
    /// The model is no classifier.
    pub fn evaluate(&self, texts: &Texts, classes: &[u32]) -> Result<Vec<RowLoss>, ModelError> {
        let features = self.features(texts)?;
        let classifier = self.classifier.as_ref().ok_or_else(no_classifier)?;
        Ok(hanok_nn::evaluate(&features, classifier, classes))
    }

    fn layers_backward(&mut self, texts: &Texts, mut saved: Saved, mut dx: Buffer) {
        for layer in self.layers.iter_mut().rev() {
            let Some(saved) = saved.layers.pop() else {
                break;
            };
            let context = (&self.attention, texts.sequences.as_slice(), self.activation);
            dx = layer.backward(saved, dx, context);
        }
        let mut d_sum = Buffer::zeros(dx.len());
        self.norm.backward(&saved.sum, &saved.norm, &dx, &mut d_sum);
        self.words.scatter(texts.tokens.iter().copied(), &d_sum);
        self.types.scatter(texts.types.iter().copied(), &d_sum);
        let positions: Vec<u32> = texts.positions().collect();
        self.positions.scatter(positions.into_iter(), &d_sum);
    }

    fn trains_below_pooler(&self) -> bool {
        self.words.grad.is_some() || self.layers.iter().any(Layer::is_trained)
    }
}

/// What is said of a model that cannot classify.
pub fn no_classifier() -> ModelError {
    ModelError::invalid(
        "config.json",
        "the model has no classifier; tune it on labelled texts first",
    )
}
