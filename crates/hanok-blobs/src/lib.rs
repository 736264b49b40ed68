//! Content-addressed objects on disk: immutable bytes under `objects/<project>/<aa>/<address>`,
//! written so that a crash leaves either the whole object or nothing.
//!
//! Does not know what the bytes are, who may read them or which rows refer to them; collecting
//! what nobody refers to is the caller's. Projects never share objects (the address depends on
//! the project's key).

mod address;
mod check;
mod copy;
mod disk;
mod error;
mod health;
mod listing;
mod objects;
mod reader;
mod staged;
mod sweep;

pub use address::{ObjectRef, ProjectKey, address_of};
pub use check::Condition;
pub use disk::{Fault, Step};
pub use error::ObjectError;
pub use listing::{Leftover, Stored};
pub use objects::{Objects, Settings};
pub use reader::ObjectReader;
