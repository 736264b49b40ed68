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

    /// For a table `[rows, n]`: adds each row of `dy` to the gradient of its row of the table.
    pub fn scatter(&mut self, rows: impl ExactSizeIterator<Item = u32>, dy: &[f32]) {
        let Some(grad) = &mut self.grad else { return };
        let n = dy.len() / rows.len().max(1);
        for (row, dy) in rows.zip(dy.chunks_exact(n.max(1))) {
            let grad = &mut grad[row as usize * n..][..n];
            grad.iter_mut().zip(dy).for_each(|(g, dy)| *g += dy);
        }
    }

    /// Forgets the gradient, as after a step.
    pub fn zero_grad(&mut self) {
        if let Some(grad) = &mut self.grad {
            grad.fill(0.0);
        }
    }
}

/// Trained weights by name, in the order of the model.
pub type Named<'a> = Vec<(String, &'a mut Param)>;

impl Param {
    /// Puts itself on the list if it is trained.
    pub fn list<'a>(&'a mut self, name: String, list: &mut Named<'a>) {
        if self.grad.is_some() {
            list.push((name, self));
        }
    }
}
