//! Every page rendered with sample data in every language: what must hold of all of them.

mod pages;
mod sample;
mod sample_audit;
mod sample_models;
mod sample_people;
mod sample_second_factor;
mod words;
