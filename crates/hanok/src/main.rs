//! Entry point: hands the command line to `cli`. It holds no logic of its own.

mod accounts;
mod cli;
mod client;

mod compose;
mod credentials;
mod secrets;
mod serve;
mod stores;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
