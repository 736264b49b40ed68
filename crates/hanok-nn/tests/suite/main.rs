//! Operations against their definitions in f64, their gradients against differences, and the promise
//! on bits.

mod attention;
mod bits;
mod gradients;
mod reference;
