//! Who calls, and whether they may: credentials, the guard of every route, host and origin checks.
//! Which rights a role has is the studio's; here they are only asked for.

pub mod client;
pub mod cookie;
pub mod cors;
pub mod credential;
pub mod csrf;
mod denials;
mod forwarded;
pub mod guard;
pub mod host;
pub mod lasting;
pub mod loopback;
pub mod origin;
mod refusal;
pub mod transport;
