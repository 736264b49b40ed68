//! The command line as a page: every command with its usage, its arguments and its flags, read from
//! clap's own tree. Hidden commands and flags stay hidden.

use std::fmt::Write as _;

use clap::{Arg, Command};

use super::cell;

const HEAD: &str = "\
# Command line

Made from the program by `cargo xtask gen`. Every command takes `--help`. It ends with 0 when all went
well, 1 when it failed, 2 when the command line or a setting makes no sense, 130 when it was interrupted.
";

/// The page.
pub fn page(mut command: Command) -> String {
    command.build();
    let mut page = HEAD.to_owned();
    section(&mut command, 2, &mut page);
    page
}

fn section(command: &mut Command, depth: usize, page: &mut String) {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let _ = writeln!(page, "\n{} `{name}`\n", "#".repeat(depth.min(4)));
    let about = command.get_long_about().or(command.get_about());
    if let Some(about) = about.map(|text| prose(&text.to_string())) {
        let _ = writeln!(page, "{about}\n");
    }
    page.push_str("```text\n");
    for line in usage.lines() {
        let _ = writeln!(page, "{}", line.trim());
    }
    page.push_str("```\n");
    arguments(command, page);
    if let Some(text) = command.get_after_long_help().or(command.get_after_help()) {
        let _ = writeln!(page, "\n```text\n{}\n```", lines(&text.to_string()));
    }
    for child in command.get_subcommands_mut() {
        if !child.is_hide_set() && child.get_name() != "help" {
            section(child, depth + 1, page);
        }
    }
}

fn arguments(command: &Command, page: &mut String) {
    let own = |arg: &&Arg| !["help", "version"].contains(&arg.get_id().as_str());
    let shown = |arg: &&Arg| own(arg) && !arg.is_hide_set();
    let (positional, flags): (Vec<&Arg>, Vec<&Arg>) = command
        .get_arguments()
        .filter(shown)
        .partition(|arg| arg.is_positional());
    if positional.is_empty() && flags.is_empty() {
        return;
    }
    page.push_str("\n| argument | default | meaning |\n|---|---|---|\n");
    for arg in positional.into_iter().chain(flags) {
        let (name, meaning) = (cell(&spelled(arg)), cell(&meaning(arg)));
        let _ = writeln!(page, "| `{name}` | {} | {meaning} |", default(arg));
    }
}

/// As it is typed: `-f, --file <FILE>`.
fn spelled(arg: &Arg) -> String {
    let long = arg.to_string();
    match arg.get_short() {
        Some(short) if arg.get_long().is_some() => format!("-{short}, {long}"),
        _ => long,
    }
}

fn default(arg: &Arg) -> String {
    if arg.is_required_set() {
        return "required".to_owned();
    }
    // A switch is off by default, which says nothing.
    if !arg.get_action().takes_values() {
        return String::new();
    }
    let values = arg.get_default_values().iter();
    let values = values.map(|value| format!("`{}`", value.to_string_lossy()));
    cell(&values.collect::<Vec<_>>().join(", "))
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help());
    let mut text = help.map_or_else(String::new, |help| prose(&help.to_string()));
    let values = arg.get_possible_values();
    let named = values.iter().filter(|value| !value.is_hide_set());
    let named: Vec<String> = named
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if arg.get_action().takes_values() && !named.is_empty() && !arg.is_hide_possible_values_set() {
        let _ = write!(text, " One of {}.", named.join(", "));
    }
    if let Some(name) = arg.get_env() {
        let _ = write!(text, " Also `{}`.", name.to_string_lossy());
    }
    text
}

/// Help as Markdown: what stands in angle brackets is no tag, and the full stop that clap takes away
/// is there again.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.replace('<', "\\<"),
        _ => part.to_owned(),
    });
    let text = lines(&parts.collect::<Vec<_>>().join("`"));
    match text.is_empty() || text.ends_with(['.', '!', '?', ':']) {
        true => text,
        false => text + ".",
    }
}

/// Without white space at the ends of lines.
fn lines(text: &str) -> String {
    let trimmed: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    trimmed.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_with_its_usage_defaults_and_values() {
        let start = Command::new("start")
            .about("Start a <run>.")
            .arg(Arg::new("data").required(true).help("The data."))
            .arg(
                Arg::new("kind")
                    .long("kind")
                    .short('k')
                    .default_value("a")
                    .value_parser(["a", "b"])
                    .help("Which | one"),
            )
            .arg(Arg::new("secret").long("secret").hide(true));
        let hidden = Command::new("reference").hide(true);
        let run = Command::new("run").about("Runs.").subcommand(start);
        let page = page(Command::new("hanok").subcommands([run, hidden]));
        for wanted in [
            "\n## `hanok`\n",
            "\n### `hanok run`\n\nRuns.\n",
            "\n#### `hanok run start`\n\nStart a \\<run>.\n\n```text\nhanok run start [OPTIONS] <data>\n```\n",
            "| `<data>` | required | The data. |\n",
            "| `-k, --kind <kind>` | `a` | Which \\| one. One of `a`, `b`. |\n",
        ] {
            assert!(page.contains(wanted), "no '{wanted}' in:\n{page}");
        }
        for word in ["secret", "reference", "--help <", "hanok help"] {
            assert!(!page.contains(word), "'{word}' in:\n{page}");
        }
    }
}
