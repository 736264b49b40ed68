//! The HTTP suite: the real router over a real store, called without a socket.

mod credentials;
mod envelope;
mod matrix;
mod pages;
mod site;
mod streaming;
mod world;
