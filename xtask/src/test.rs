//! `cargo xtask test`: the checks, the services, every test, and a summary that stands alone.
//!
//! All checks run even when one fails, so that one run names all that is wrong. What was not
//! tested for want of a service is said, and under `CI=true` is a failure.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::services::{self, Service, State};
use crate::{generate, process, tidy, workspace};

/// What the command line may ask of a test run.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    pub quick: bool,
    pub full: bool,
    pub coverage: bool,
    pub filter: Option<String>,
}

struct Step {
    name: &'static str,
    seconds: f64,
    passed: bool,
}

/// LLVM's tools, where the toolchain has none of its own: versions from 19 on read its profiles.
fn coverage_tools() -> Vec<(&'static str, std::path::PathBuf)> {
    let tools = [
        (
            "LLVM_COV",
            ["llvm-cov-22", "llvm-cov-21", "llvm-cov-20", "llvm-cov-19"],
        ),
        (
            "LLVM_PROFDATA",
            [
                "llvm-profdata-22",
                "llvm-profdata-21",
                "llvm-profdata-20",
                "llvm-profdata-19",
            ],
        ),
    ];
    let unset = |(name, _): &(&'static str, _)| std::env::var_os(name).is_none();
    let found = tools
        .into_iter()
        .filter(unset)
        .filter_map(|(name, programs)| Some((name, workspace::find_program(&programs)?)));
    found.collect()
}

/// The test binaries' own verdicts, as cargo printed them.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    passed: usize,
    failed: usize,
    verdicts: Vec<String>,
    failures: Vec<String>,
}

pub fn run(options: &Options) -> Result<bool> {
    if options.coverage && workspace::find_program(&["cargo-llvm-cov"]).is_none() {
        bail!(
            "cargo-llvm-cov is missing; mend: cargo install cargo-llvm-cov (and apt-get install llvm-19)"
        );
    }
    let mut steps = Vec::new();
    if !options.quick {
        checks(&mut steps);
    }
    let mut tally = Tally::default();
    let mut lacks = Vec::new();
    // Coverage builds apart, with its own flags.
    let built = options.coverage || step(&mut steps, "build", || cargo_step(&["test", "--no-run"]));
    if built && !process::interrupted() {
        let services = timed(&mut steps, "services", services::for_this_run);
        lacks = lacks_of(&services);
        step(&mut steps, "test", || {
            let shown = process::show(tests(options, &services))?;
            tally = tally_of(&shown.lines);
            Ok(shown.success && (options.filter.is_none() || tally.passed > 0))
        });
        timed(&mut steps, "stop services", || drop(services));
        // The tests built the program that is asked here; coverage builds another.
        if !options.quick && !options.coverage {
            step(&mut steps, "gen", generate::check_built);
        }
    }
    summary(&steps, &tally, options);
    lacks.iter().for_each(|lack| println!("{lack}"));
    let required = std::env::var("CI").is_ok_and(|value| value == "true");
    let enough = lacks.is_empty() || !required;
    if !enough {
        println!("failed: under CI=true every service must be there");
    }
    Ok(steps.iter().all(|step| step.passed) && enough && !process::interrupted())
}

fn checks(steps: &mut Vec<Step>) {
    step(steps, "tidy", tidy::run);
    step(steps, "fmt", || {
        let shown = process::show(workspace::cargo(&["fmt", "--all", "--check"]))?;
        Ok(shown.success)
    });
    step(steps, "clippy", || {
        let strict = ["clippy", "--all-targets", "--", "-D", "warnings"];
        cargo_step(&strict)
    });
}

/// A cargo command over the whole workspace, in the one profile that runs and tests share.
fn cargo_step(arguments: &[&str]) -> Result<bool> {
    let mut all = vec![arguments[0], "--release", "--workspace"];
    all.extend_from_slice(&arguments[1..]);
    Ok(process::show(workspace::cargo(&all))?.success)
}

fn tests(options: &Options, services: &[(Service, State)]) -> Command {
    let program: &[&str] = match options.coverage {
        true => &["llvm-cov", "--release", "--workspace", "--no-fail-fast"],
        false => &["test", "--release", "--workspace", "--no-fail-fast"],
    };
    let mut command = workspace::cargo(program);
    command.args(&options.filter);
    if options.coverage {
        command.envs(coverage_tools());
    }
    if options.full {
        command.env("HANOK_TEST_FULL", "1");
    }
    for (service, state) in services {
        if let State::Ready(ready) = state {
            command.env(service.variable(), &ready.value);
        }
    }
    command
}

fn step(steps: &mut Vec<Step>, name: &'static str, work: impl FnOnce() -> Result<bool>) -> bool {
    if process::interrupted() {
        return false;
    }
    println!("== {name}");
    let begun = Instant::now();
    let passed = work().unwrap_or_else(|error| {
        println!("error: {error:#}");
        false
    });
    let seconds = begun.elapsed().as_secs_f64();
    steps.push(Step {
        name,
        seconds,
        passed,
    });
    passed
}

fn timed<T>(steps: &mut Vec<Step>, name: &'static str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let value = work();
    let seconds = begun.elapsed().as_secs_f64();
    steps.push(Step {
        name,
        seconds,
        passed: true,
    });
    value
}

fn lacks_of(services: &[(Service, State)]) -> Vec<String> {
    let lack = |(service, state): &(Service, State)| match state {
        State::Ready(_) => None,
        State::Lacking(lack) => Some(format!(
            "skipped: {} because {}; mend: {}",
            service.cases(),
            lack.why,
            lack.mend
        )),
    };
    services.iter().filter_map(lack).collect()
}

fn tally_of(lines: &[String]) -> Tally {
    let mut tally = Tally::default();
    let mut binary = "";
    for line in lines.iter().map(|line| line.trim()) {
        if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            binary = line;
        } else if line.starts_with("test result: ") {
            tally.passed += count_before(line, " passed");
            tally.failed += count_before(line, " failed");
            tally.verdicts.push(format!("{line}  [{binary}]"));
        } else if line.starts_with("test ") && line.ends_with("FAILED") {
            tally.failures.push(line.to_owned());
        }
    }
    tally
}

fn count_before(line: &str, word: &str) -> usize {
    let number = line
        .split(word)
        .next()
        .and_then(|head| head.rsplit(' ').next());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn summary(steps: &[Step], tally: &Tally, options: &Options) {
    println!();
    for verdict in &tally.verdicts {
        if !verdict.contains(" 0 passed; 0 failed") {
            println!("{verdict}");
        }
    }
    tally
        .failures
        .iter()
        .for_each(|failure| println!("{failure}"));
    println!();
    for step in steps {
        let word = if step.passed { "ok" } else { "FAILED" };
        println!("{:<14} {:>7.1} s  {word}", step.name, step.seconds);
    }
    match &options.filter {
        _ if process::interrupted() => println!("interrupted"),
        Some(filter) if tally.passed + tally.failed == 0 => println!("no test matches {filter}"),
        _ => println!("tests: {} passed, {} failed", tally.passed, tally.failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_summed_and_keep_their_binary() {
        let printed = "     Running tests/suite/main.rs (target/release/deps/suite-1)
test lease ... ok
test fence ... FAILED
test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; finished in 0.10s
   Doc-tests hanok_data
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; finished in 0.00s";
        let lines: Vec<String> = printed.lines().map(String::from).collect();
        let tally = tally_of(&lines);
        assert_eq!((tally.passed, tally.failed), (15, 1));
        assert_eq!(tally.failures, ["test fence ... FAILED"]);
        assert!(tally.verdicts[0].contains("suite-1"));
        assert!(tally.verdicts[1].contains("Doc-tests hanok_data"));
    }
}
