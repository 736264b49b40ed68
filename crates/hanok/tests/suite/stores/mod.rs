//! The same program on every combination of stores, and on stores that cannot be used.

mod combinations;
pub mod kept;
mod moved;
mod places;
mod refusals;
