//! The HTTP client of our own API, as every command uses it. It knows paths, envelopes and streams;
//! what the answers mean to a person stands in `cli`.

mod answer;
mod attach;
mod connect;
mod error;
mod events;
mod http;
mod spawn;
mod sse;
mod types;
mod upload;

pub use answer::Answer;
pub use connect::{Bind, Connection, connect, connect_at, running};
pub use error::ClientError;
pub use events::{Event, Events, Next};
pub use http::Client;
pub use types::{
    Dataset, Deployment, Eval, Fault, Job, List, Model, Named, Progress, Run, Version, parse,
};
pub use upload::{Source, Upload, upload};
