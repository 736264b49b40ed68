//! Requests to other machines. One constructor makes every outbound client: addresses are checked before
//! anything is sent, answers are bounded in size and time, secrets stay with the origin they are for.
//!
//! Who named an address decides what it may be ([`Trust`]). It knows nothing of why somebody asks.

mod addresses;
mod answer;
mod bulkhead;
mod clients;
mod config;
mod exceptions;
mod ports;
mod refusal;
mod remote;
mod request;
mod resolver;
mod retries;
mod target;

pub use answer::Answer;
pub use config::Config;
pub use exceptions::Exceptions;
pub use remote::Remote;
pub use request::{Request, Trust};
pub use resolver::{Resolve, Resolving, System};
