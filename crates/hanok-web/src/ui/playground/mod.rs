//! The playground: a conversation with a model that answers, over the same surface as any client's.

pub mod show;
pub mod view;
