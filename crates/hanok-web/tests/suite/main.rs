//! The HTTP suite: the real router over a real store, called without a socket.

mod audit;
mod browser;
mod claims;
mod credentials;
mod downloads;
mod envelope;
mod generation;
mod health;
mod injection;
mod jobs;
mod matrix;
mod model_pages;
mod openapi;
mod pages;
mod site;
mod socket;
mod stand_in;
mod streaming;
mod transport;
mod tuning;
mod wire;
mod world;
