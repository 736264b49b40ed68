//! Outbound requests against servers of our own: each counts who comes.

mod answers;
mod credentials;
mod inward;
mod names;
mod redirects;
mod server;
