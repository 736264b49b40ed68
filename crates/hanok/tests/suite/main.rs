//! The program as people use it: the real binary, in data directories of its own, over real ports.

mod auditing;
mod bad_input;
mod broken;
mod canary;
mod checking;
mod commands;
mod data_directory;
mod example;
mod following;
mod home;
mod importing;
mod language;
mod moving;
mod quickstart;
mod recipes;
mod resuming;
mod running;
mod secrets;
mod servers;
mod shared_data;
mod standin;
mod stores;
mod survival;
mod talking;
mod tls;
mod usage;
