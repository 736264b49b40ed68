//! Ids, states and their allowed moves, limits and errors; no IO.

pub mod audit;
pub mod fault;
pub mod id;
pub mod limits;
pub mod network;
pub mod role;
pub mod room;
pub mod scope;
pub mod state;
