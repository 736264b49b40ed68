//! How the installation is, asked now: what it stands on, and figures for monitoring. Nothing here may
//! wait longer than it is told to, since it is asked when something hangs.

mod figures;
mod probe;

pub use figures::{CacheFigures, Figures, JobCount};
pub use probe::Service;
