//! The certificate of the server: from files that somebody keeps up to date, or from an authority that
//! issues it to us. Connections are the server's.

mod acme;
mod challenges;
mod current;
mod dates;
mod files;
mod pair;

pub use acme::{AcmePlan, Keeper};
pub use challenges::{Challenges, Held};
pub use current::Current;
pub use files::watch;
pub use pair::{Pair, read};
