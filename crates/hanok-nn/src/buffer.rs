//! Memory for activations that is used again instead of given back: fresh pages cost more than the
//! arithmetic done on them.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{LazyLock, Mutex};

/// Below this many numbers the system's allocator is as good.
const SMALL: usize = 4096;
/// Numbers that may lie idle (1 GiB).
const IDLE: usize = 1 << 28;

static POOL: LazyLock<Mutex<Pool>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Pool {
    free: HashMap<usize, Vec<Vec<f32>>>,
    idle: usize,
}

/// A vector of numbers that goes back to a pool when it is dropped.
#[derive(Default)]
pub struct Buffer {
    numbers: Vec<f32>,
    lasting: bool,
}

impl Buffer {
    /// `len` numbers of any value, for whoever writes them all.
    pub fn scratch(len: usize) -> Self {
        if len >= SMALL {
            let mut pool = POOL
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(found) = pool.free.get_mut(&len).and_then(Vec::pop) {
                pool.idle -= len;
                return Self {
                    numbers: found,
                    lasting: false,
                };
            }
        }
        Self {
            numbers: vec![0.0; len],
            lasting: false,
        }
    }

    /// `len` zeros that are freed when dropped, for what lives as long as a model.
    pub fn lasting(len: usize) -> Self {
        Self {
            numbers: vec![0.0; len],
            lasting: true,
        }
    }

    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        let mut buffer = Self::scratch(len);
        buffer.fill(0.0);
        buffer
    }

    /// A copy of `source`.
    pub fn copy_of(source: &[f32]) -> Self {
        let mut buffer = Self::scratch(source.len());
        buffer.copy_from_slice(source);
        buffer
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::copy_of(self)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let len = self.numbers.len();
        if len < SMALL || self.lasting {
            return;
        }
        let mut pool = POOL
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if pool.idle + len <= IDLE {
            pool.idle += len;
            pool.free
                .entry(len)
                .or_default()
                .push(std::mem::take(&mut self.numbers));
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers
    }
}

/// Gives idle memory back to the system, as after a training.
pub fn release_idle() {
    let mut pool = POOL
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    *pool = Pool::default();
}
