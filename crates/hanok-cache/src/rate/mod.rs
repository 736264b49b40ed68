//! How often somebody may do something: one algorithm (GCRA) with two homes, the memory of this process and a
//! Redis that several servers share. When Redis fails the limits hold for each server by itself: nobody is
//! refused for it, and nobody is let through for it.
//!
//! Does not know who anybody is: a subject is a text.

mod gcra;
mod limiter;
mod table;

pub use gcra::{Rule, Verdict};
pub(crate) use limiter::SCRIPT;
pub use limiter::{Limiter, LimiterFigures};
