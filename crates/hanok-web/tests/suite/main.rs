//! The HTTP suite: the real router over a real store, called without a socket.

mod credentials;
mod envelope;
mod generation;
mod matrix;
mod model_pages;
mod pages;
mod site;
mod stand_in;
mod streaming;
mod tuning;
mod world;
