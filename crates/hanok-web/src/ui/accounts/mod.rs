//! Pages around accounts: registration, verification, forgotten passwords, and one's own account. Those that
//! stand alone, for people who are not signed in, share one view.

pub mod account;
pub mod forgot;
pub mod lone;
pub mod register;
pub mod reset;
pub mod told;
pub mod verify;
