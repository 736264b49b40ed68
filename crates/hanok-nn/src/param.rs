//! A weight and, where it is trained, its gradient.

use crate::buffer::Buffer;

/// A tensor of a model that is held as it is in its file.
#[derive(Clone)]
pub struct Param {
    /// Row-major.
    pub value: Vec<f32>,
    /// As long as `value`; unset while the weight is frozen.
    pub grad: Option<Buffer>,
}

impl Param {
    /// A frozen weight.
    pub fn new(value: Vec<f32>) -> Self {
        Self { value, grad: None }
    }

    /// Makes the weight one that is trained, or frozen.
    pub fn set_trained(&mut self, trained: bool) {
        self.grad = trained.then(|| Buffer::lasting(self.value.len()));
    }

    /// Forgets the gradient, as after a step.
    pub fn zero_grad(&mut self) {
        if let Some(grad) = &mut self.grad {
            grad.fill(0.0);
        }
    }
}
