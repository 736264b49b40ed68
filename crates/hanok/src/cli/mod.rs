//! The command line: `hanok <noun> <verb>`, one file a verb. This file holds the tree of commands
//! and turns their outcome into an exit code; what a command does stands in its own file.

mod access;
mod audit;
mod callable;
mod chat;
mod completions;
mod config;
mod context;
mod dataset;
mod deploy;
mod embed;
mod error;
mod eval;
mod follow;
mod fsck;
mod generate;
mod interrupt;
mod key;
mod man;
mod model;
mod nearest;
mod pages;
mod project;
mod quickstart;
mod reference;
mod report;
mod role;
mod run;
mod sampling;
mod secret;
mod serve;
mod settings;
mod share;
mod store;
mod train;
mod user;
mod worker;
mod written;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use access::{Access, Output};
pub use context::Context;
pub use error::{CliError, Failure};
pub use pages::list_all;
pub use settings::{Flags, load};

/// A self-hosted studio for language models: bring data, fine-tune, evaluate, serve.
#[derive(Debug, Parser)]
#[command(name = "hanok", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import a data set, fine-tune, evaluate, deploy and call the model: everything in one go.
    Quickstart(quickstart::Args),
    /// Run the server with its workers, in the foreground.
    Serve(serve::ServeArgs),
    /// Run one worker process; a server starts its own.
    Worker(worker::WorkerArgs),
    /// Bring, look at and delete data sets.
    #[command(subcommand, arg_required_else_help = true)]
    Dataset(dataset::Command),
    /// Bring models from directories, look at and delete them.
    #[command(subcommand, arg_required_else_help = true)]
    Model(model::Command),
    /// Fine-tune as a recipe says: data, model, method, settings.
    Train(train::Args),
    /// Start, watch and cancel fine-tuning runs.
    #[command(subcommand, arg_required_else_help = true)]
    Run(run::Command),
    /// Compare a tuned model with its base on held-out rows.
    #[command(subcommand, arg_required_else_help = true)]
    Eval(eval::Command),
    /// Talk to a model.
    Chat(chat::Args),
    /// Have a model continue a text.
    Generate(generate::Args),
    /// Print vectors of texts, one JSON line each.
    Embed(embed::Args),
    /// Check rows against objects and states against jobs.
    Fsck(fsck::Args),
    /// Show, export and verify the log of who did what.
    #[command(subcommand, arg_required_else_help = true)]
    Audit(audit::Command),
    /// Move, encrypt and look at the stores.
    #[command(subcommand, arg_required_else_help = true)]
    Store(store::Command),
    /// Change the master key of what is sealed.
    #[command(subcommand, arg_required_else_help = true)]
    Secret(secret::Command),
    /// Make projects, and say who is in them.
    #[command(subcommand, arg_required_else_help = true)]
    Project(project::Command),
    /// Say what a member may do in a project.
    #[command(subcommand, arg_required_else_help = true)]
    Role(role::Command),
    /// Make, list, rotate and revoke API keys.
    #[command(subcommand, arg_required_else_help = true)]
    Key(key::Command),
    /// Make, list, change and invite accounts.
    #[command(subcommand, arg_required_else_help = true)]
    User(user::Command),
    /// Show every setting and where its value came from.
    #[command(subcommand, arg_required_else_help = true)]
    Config(config::Command),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page, or write those of all commands.
    Man(man::Args),
    /// Print a page of the reference that is made from the program.
    #[command(hide = true)]
    Reference(reference::Args),
}

/// Parses the command line and runs it to its end.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async { error::exit(dispatch(cli.command).await) });
    // A prompt may still wait for a line that nobody will type.
    runtime.shutdown_background();
    code
}

async fn dispatch(command: Command) -> Result<(), CliError> {
    match command {
        Command::Quickstart(args) => quickstart::run(args).await,
        Command::Serve(args) => serve::serve(args).await,
        Command::Worker(args) => worker::worker(args).await,
        Command::Dataset(command) => dataset::run(command).await,
        Command::Model(command) => model::run(command).await,
        Command::Train(args) => train::run(args).await,
        Command::Run(command) => run::run(command).await,
        Command::Eval(command) => eval::run(command).await,
        Command::Chat(args) => chat::run(args).await,
        Command::Generate(args) => generate::run(args).await,
        Command::Embed(args) => embed::run(args).await,
        Command::Fsck(args) => fsck::run(args).await,
        Command::Audit(command) => audit::run(command).await,
        Command::Store(command) => store::run(command).await,
        Command::Secret(command) => secret::run(command).await,
        Command::Project(command) => project::run(command).await,
        Command::Role(command) => role::run(command).await,
        Command::Key(command) => key::run(command).await,
        Command::User(command) => user::run(command).await,
        Command::Config(command) => config::run(command),
        Command::Completions(args) => completions::run(&args, &mut Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
        Command::Reference(args) => reference::run(&args, Cli::command()),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_takes_json() {
        fn check(command: &clap::Command, path: &str) {
            let leaves = command.get_subcommands().filter(|c| c.get_name() != "help");
            let mut any = false;
            for child in leaves {
                any = true;
                check(child, &format!("{path} {}", child.get_name()));
            }
            // A server, a script and a page have no result to print as a document.
            let exempt = ["serve", "worker", "completions", "man", "reference"];
            let exempt = exempt.contains(&command.get_name());
            let has = command
                .get_arguments()
                .any(|a| a.get_long() == Some("json"));
            assert!(any || exempt || has, "{path} does not take --json");
        }
        check(&Cli::command(), "hanok");
    }

    fn nouns() -> Vec<String> {
        let command = Cli::command();
        let shown = command.get_subcommands().filter(|c| !c.is_hide_set());
        shown.map(|c| c.get_name().to_owned()).collect()
    }

    #[test]
    fn every_completion_script_knows_every_command() {
        for shell in clap_complete::Shell::value_variants() {
            let script = completions::script(*shell, &mut Cli::command());
            let script = String::from_utf8(script).unwrap();
            for noun in nouns() {
                assert!(script.contains(&noun), "{shell} does not complete {noun}");
            }
        }
    }

    #[test]
    fn every_command_has_a_manual_page_and_the_first_names_all() {
        let pages = man::pages(Cli::command()).unwrap();
        let text = |name: &str| {
            let page = pages.iter().find(|page| page.name == name);
            let page = page.unwrap_or_else(|| panic!("no {name}"));
            // A hyphen is written `\-`.
            String::from_utf8(page.text.clone())
                .unwrap()
                .replace('\\', "")
        };
        assert_eq!(pages[0].name, "hanok.1");
        let first = text("hanok.1");
        for noun in nouns() {
            assert!(first.contains(&format!("hanok-{noun}(1)")), "{noun}");
            let own = text(&format!("hanok-{noun}.1"));
            assert!(own.contains(&format!("hanok {noun}")), "{own}");
        }
        assert!(text("hanok-run-start.1").contains("hanok run start"));
        assert!(pages.iter().all(|page| !page.name.contains("reference")));
    }
}
