//! `hanok reference PAGE`: the pages of the reference that are made from the program. Hidden: it is for
//! `cargo xtask gen`, which writes them where they belong.

mod commands;
mod settings;

use super::CliError;

/// Flags of `hanok reference`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which page.
    #[arg(value_enum)]
    page: Page,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Page {
    /// Every command with its arguments and flags.
    Cli,
    /// The tables of settings.
    Environment,
}

/// Prints the page.
pub fn run(args: &Args, command: clap::Command) -> Result<(), CliError> {
    let page = match args.page {
        Page::Cli => commands::page(command),
        Page::Environment => settings::tables(hanok_config::catalogue::CATALOGUE),
    };
    crate::terminal::print_bytes(page.as_bytes());
    Ok(())
}

/// A text as one cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
