//! Developer commands, run as `cargo xtask <command>`.
//!
//! Owns the reading of the command line and the exit codes: 0 all well, 1 something failed,
//! 2 the command line makes no sense. What a command does stands in its module.

mod bench;
mod generate;
mod process;
mod services;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test [--quick] [--full] [--coverage] [FILTER]
        tidy, formatting, clippy, then every test of the workspace, with the services that
        tests use started beside them and stopped at the end, then gen --check
          --quick     leave out tidy, formatting, clippy and gen
          --full      also the long cases (HANOK_TEST_FULL=1)
          --coverage  count covered lines (needs cargo-llvm-cov)
          FILTER      only tests whose name contains it
  bench train|embed|stores|audit|accounts
        us and a peer in turn on the same files, or queue, API, audit log and accounts on each
        database; adds a table to bench/RESULTS.md
  gen [--check]
        write what is made from code: docs/reference/ and the table of settings in
        docs/operate/configuration.md
          --check     only name what is stale
  tidy  the rules that no compiler checks: headers, size budgets, layers, documents, licences
  services up|down|status
        PostgreSQL, an S3 service, Redis, the Python client and Chromium for tests:
          up      start them and print `export NAME=value` lines
          down    stop what runs and remove its data
          status  what is there, and how to mend what is not

exit codes: 0 all well, 1 something failed, 2 usage";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Test(test::Options),
    Bench(bench::Bench),
    Gen { check: bool },
    Tidy,
    Services(services::Action),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let command = match parse(&arguments) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    process::catch_signals();
    let outcome = match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(true)
        }
        Command::Test(options) => test::run(&options),
        Command::Bench(bench) => bench::run(bench),
        Command::Gen { check } => generate::run(check),
        Command::Tidy => tidy::run(),
        Command::Services(action) => services::run(action),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Command, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Err("a command is missing".into()),
        ["help" | "--help" | "-h", ..] | [_, "--help" | "-h"] => Ok(Command::Help),
        ["test", rest @ ..] => parse_test(rest).map(Command::Test),
        ["bench", "train"] => Ok(Command::Bench(bench::Bench::Train)),
        ["bench", "embed"] => Ok(Command::Bench(bench::Bench::Embed)),
        ["bench", "stores"] => Ok(Command::Bench(bench::Bench::Stores)),
        ["bench", "audit"] => Ok(Command::Bench(bench::Bench::Audit)),
        ["bench", "accounts"] => Ok(Command::Bench(bench::Bench::Accounts)),
        ["gen"] => Ok(Command::Gen { check: false }),
        ["gen", "--check"] => Ok(Command::Gen { check: true }),
        ["tidy"] => Ok(Command::Tidy),
        ["services", "up"] => Ok(Command::Services(services::Action::Up)),
        ["services", "down"] => Ok(Command::Services(services::Action::Down)),
        ["services", "status"] => Ok(Command::Services(services::Action::Status)),
        _ => Err(format!("not understood: {}", words.join(" "))),
    }
}

fn parse_test(words: &[&str]) -> Result<test::Options, String> {
    let mut options = test::Options::default();
    for word in words {
        match *word {
            "--quick" => options.quick = true,
            "--full" => options.full = true,
            "--coverage" => options.coverage = true,
            flag if flag.starts_with('-') => return Err(format!("unknown flag: {flag}")),
            filter if options.filter.is_none() => options.filter = Some(filter.into()),
            second => return Err(format!("more than one FILTER: {second}")),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        parse(&words)
    }

    #[test]
    fn test_takes_flags_and_one_filter() {
        let expected = test::Options {
            quick: true,
            filter: Some("lease".into()),
            ..Default::default()
        };
        assert_eq!(parsed("test --quick lease"), Ok(Command::Test(expected)));
        assert!(parsed("test one two").is_err());
        assert!(parsed("test --fast").is_err());
    }

    #[test]
    fn unknown_and_incomplete_commands_are_usage_errors() {
        for line in [
            "",
            "tset",
            "services",
            "services restart",
            "tidy now",
            "gen it",
            "bench",
            "bench it",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
        assert_eq!(parsed("services --help"), Ok(Command::Help));
    }
}
