//! `hanok dataset import FILE`: uploads, follows the import job, says what was found.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::show::print_dataset;
use crate::cli::follow::{Control, Subject, View, failure_of, follow};
use crate::cli::{Access, CliError, Context};
use crate::client::{Client, Dataset, Event, Progress, Source, Upload, parse, upload};
use crate::terminal::{Bar, Terminal, bytes, count, rate};

/// Flags of `hanok dataset import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// CSV, TSV or JSONL file.
    file: PathBuf,
    /// Name of the data set; the file's by default.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    access: Access,
}

/// What a person can say of a file whose form is not as guessed.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Form of the file (detected unless said)")]
pub struct FormatArgs {
    /// Kind of file; `label-text` is `LABEL text` or `__label__LABEL text`.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Column with the text, by name or number from 1.
    #[arg(long, value_name = "COLUMN")]
    text_column: Option<String>,
    /// Column with the label, by name or number from 1.
    #[arg(long, value_name = "COLUMN")]
    label_column: Option<String>,
    /// Character between columns; `tab` for a tab.
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<String>,
    /// Whether double quotes enclose fields.
    #[arg(long, value_enum)]
    quoting: Option<YesNo>,
    /// Whether the first row names the columns.
    #[arg(long, value_enum)]
    header: Option<YesNo>,
    /// Character encoding, for example euc-kr.
    #[arg(long)]
    encoding: Option<String>,
    /// Whether to keep all of `COARSE:fine` labels, or what stands before the colon.
    #[arg(long, value_enum)]
    label_level: Option<Level>,
}

/// Kinds of file. What each means stands with the flag, so that help stays short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Tsv,
    Jsonl,
    Json,
    LabelText,
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum YesNo {
    Yes,
    No,
}

/// Parts of two-level labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    Coarse,
    Full,
}

fn delimiter(text: &str) -> Result<String, String> {
    match text {
        "tab" | "\\t" => Ok("\t".to_owned()),
        _ if text.len() == 1 => Ok(text.to_owned()),
        _ => Err("one ASCII character, or `tab`".to_owned()),
    }
}

impl FormatArgs {
    /// The form fields of an upload, in the words of the API.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        [
            ("format", self.format.map(word)),
            ("text_column", self.text_column.clone()),
            ("label_column", self.label_column.clone()),
            ("delimiter", self.delimiter.clone()),
            ("quoting", self.quoting.map(word)),
            ("header", self.header.map(word)),
            ("encoding", self.encoding.clone()),
            ("label_level", self.label_level.map(word)),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect()
    }
}

/// The word that stands for a choice on the command line.
fn word(choice: impl clap::ValueEnum) -> String {
    let value = choice.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// Imports the file.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let mut fields = args.format.fields();
    fields.extend(args.name.map(|name| ("name", name)));
    let source = Source::File(args.file);
    let what = Upload { source, fields };
    // What can be told without a server is told before one is brought up.
    what.check()?;
    let connection = context.connect().await?;
    let value = import(&connection.client, &context.terminal, &what).await?;
    print_dataset(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

/// Uploads and follows the import. A failed import leaves nothing behind; its message names the file.
pub async fn import(
    client: &Client,
    terminal: &Terminal,
    what: &Upload,
) -> Result<Value, CliError> {
    let named = |error: CliError| name_file(error, what);
    let created = send(client, terminal, what).await.map_err(named)?;
    let id = parse::<Dataset>(&created)?.id;
    let subject = Subject {
        path: format!("/api/v1/datasets/{id}"),
        name: format!("the import of {}", what.shown()),
        again: format!("hanok dataset show {id}"),
        control: Control::None,
        id,
    };
    let mut view = ImportView(terminal.bar("Importing"));
    let value = follow(client, terminal, &subject, &mut view).await?;
    drop(view);
    let dataset: Dataset = parse(&value)?;
    if dataset.state == "ready" {
        return Ok(value);
    }
    // The message has been read by now, or is about to be; the failed set would only be in the way.
    if let Err(error) = client.delete(&subject.path).await {
        terminal.note(format!(
            "the failed data set {} could not be deleted: {error}",
            dataset.id
        ));
    }
    Err(named(failure_of(dataset.error, "the import").into()))
}

async fn send(client: &Client, terminal: &Terminal, what: &Upload) -> Result<Value, CliError> {
    let size = what.check()?;
    let bar = Arc::new(Mutex::new(terminal.bar("Uploading")));
    let shown = bar.clone();
    let sent = move |done: u64| {
        let mut bar = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = bar.pace().map_or_else(String::new, |(speed, _)| {
            format!("  {}/s", bytes(speed as u64))
        });
        bar.at(
            done,
            size,
            &format!("{} of {}{pace}", bytes(done), bytes(size)),
        );
    };
    Ok(upload(client, "/api/v1/datasets", what, Arc::new(sent)).await?)
}

fn name_file(error: CliError, what: &Upload) -> CliError {
    match error {
        CliError::Failed(mut failure) if failure.code != "unreachable" => {
            failure.file.get_or_insert_with(|| what.shown());
            CliError::Failed(failure)
        }
        other => other,
    }
}

struct ImportView(Bar);

impl View for ImportView {
    fn event(&mut self, event: &Event) {
        // Notices come as log lines too; they are printed with the result.
        if event.kind != "progress" {
            return;
        }
        let Ok(progress) = parse::<Progress>(&event.data) else {
            return;
        };
        let pace = self.0.pace().map_or_else(String::new, |(speed, _)| {
            format!("  {}", rate(speed, &progress.unit))
        });
        let beside = format!("{} {}{pace}", count(progress.done), progress.unit);
        self.0.at(progress.done, progress.total, &beside);
    }

    fn bar(&mut self) -> &mut Bar {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_said_of_a_file_is_sent() {
        assert_eq!(FormatArgs::default().fields(), []);
        let args = FormatArgs {
            format: Some(Format::LabelText),
            header: Some(YesNo::No),
            ..FormatArgs::default()
        };
        let fields = args.fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(fields, [("format", "label-text"), ("header", "no")]);
    }

    #[test]
    fn a_delimiter_is_one_character_or_the_word_tab() {
        assert_eq!(delimiter(";").as_deref(), Ok(";"));
        assert_eq!(delimiter("tab").as_deref(), Ok("\t"));
        assert!(delimiter("").is_err() && delimiter(";;").is_err() && delimiter("…").is_err());
    }
}
