//! Sign-in and sign-out.

pub mod show;
pub mod sign_in;
pub mod sign_out;
pub mod view;
