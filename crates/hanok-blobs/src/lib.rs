//! Content-addressed objects, on disk or in a bucket of an S3 service: immutable bytes under
//! `objects/<project>/<aa>/<address>`, written so that a crash leaves either the whole object or
//! nothing. With a key they are sealed before they are stored.
//!
//! Does not know what the bytes are, who may read them or which rows refer to them; collecting
//! what nobody refers to is the caller's. Projects never share objects (the address depends on
//! the project's key).

mod address;
mod backend;
mod check;
mod copies;
mod copy;
mod disk;
mod error;
mod folder;
mod get;
mod health;
mod leftovers;
mod listing;
mod objects;
mod reader;
mod reading;
mod s3;
mod seal;
mod settings;
mod staged;
mod sweep;

pub use address::{ObjectRef, ProjectKey, address_of};
pub use check::Condition;
pub use disk::{Fault, Step};
pub use error::ObjectError;
pub use leftovers::Leftover;
pub use listing::Stored;
pub use objects::Objects;
pub use reader::ObjectReader;
pub use s3::S3Settings;
pub use seal::SealKey;
pub use settings::Settings;
