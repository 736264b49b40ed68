//! `hanok completions SHELL`: a completion script on standard output.

use super::CliError;

/// Flags of `hanok completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// bash, zsh, fish, elvish or powershell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the script.
pub fn run(args: &Args, command: &mut clap::Command) -> Result<(), CliError> {
    crate::terminal::print_bytes(&script(args.shell, command));
    Ok(())
}

pub(super) fn script(shell: clap_complete::Shell, command: &mut clap::Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "hanok", &mut script);
    script
}
