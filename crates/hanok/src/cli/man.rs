//! `hanok man [--dir DIR]`: manual pages from the definition of the command line. Hidden commands have
//! none.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap_mangen::Man;

use super::CliError;

/// Flags of `hanok man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write a page for each command into this directory instead.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// One manual page.
pub(super) struct Page {
    /// The name of its file, for example `hanok-run-start.1`.
    pub name: String,
    /// Its text, as `man` reads it.
    pub text: Vec<u8>,
}

/// Prints the page of the program, or writes those of all commands.
pub fn run(args: &Args, command: clap::Command) -> Result<(), CliError> {
    let pages = pages(command).map_err(|e| CliError::failed(format!("no manual page: {e}")))?;
    if let Some(dir) = &args.dir {
        return write(dir, &pages)
            .map_err(|e| CliError::failed(format!("cannot write to {}: {e}", dir.display())));
    }
    if let Some(page) = pages.first() {
        crate::terminal::print_bytes(&page.text);
    }
    Ok(())
}

/// The page of the program, then those of its commands.
pub(super) fn pages(command: clap::Command) -> io::Result<Vec<Page>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let source = format!("hanok {}", command.get_version().unwrap_or_default());
    let mut pages = Vec::new();
    collect(&command, &source, &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, source: &str, pages: &mut Vec<Page>) -> io::Result<()> {
    let man = Man::new(command.clone()).source(source).manual("Hanok");
    let mut text = Vec::new();
    man.render(&mut text)?;
    let name = man.get_filename();
    pages.push(Page { name, text });
    let shown = |child: &&clap::Command| !child.is_hide_set() && child.get_name() != "help";
    command
        .get_subcommands()
        .filter(shown)
        .try_for_each(|child| collect(child, source, pages))
}

fn write(dir: &Path, pages: &[Page]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    pages
        .iter()
        .try_for_each(|page| fs::write(dir.join(&page.name), &page.text))
}
