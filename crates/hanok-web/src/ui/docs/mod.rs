//! `/docs`: the API to read and to try from a terminal, from the same table as `/openapi.json`.

pub mod show;
pub mod view;
