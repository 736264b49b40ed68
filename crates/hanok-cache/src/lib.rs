//! Answers that are dear to make, kept for a while: in memory, or in Redis where several servers share
//! them. A cache is never needed: what cannot be read or written is a miss.
//!
//! Holds nothing that decides what somebody may do. Does not know what the bytes are.

mod cache;
mod error;
mod figures;
mod key;
mod memory;
pub mod rate;
mod redis;
mod settings;

pub use cache::Cache;
pub use error::CacheError;
pub use figures::Figures;
pub use key::Key;
pub use settings::RedisSettings;
