//! `hanok embed MODEL TEXT…`: vectors of texts, one JSON line each.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Access, CliError, Context, Failure, callable};
use crate::client::Client;
use crate::terminal::print_bytes;

/// Texts of a request: an answer well within its time, whatever their length.
const BATCH: usize = 32;

/// Flags of `hanok embed`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model that makes vectors.
    model: String,
    /// Texts.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    texts: Vec<String>,
    /// A file with a text a line; `-` for standard input. Empty lines are passed over.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    access: Access,
}

/// Prints `{"index", "text", "embedding"}` for each text; under `--json` one document of all.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let texts = match &args.file {
        Some(file) => lines_of(file)?,
        None => args.texts,
    };
    let connection = context.connect().await?;
    let mut all = Vec::new();
    let mut tokens = 0;
    for (batch, texts) in texts.chunks(BATCH).enumerate() {
        let answer = embed(&connection.client, &args.model, texts).await?;
        tokens += answer["usage"]["prompt_tokens"].as_u64().unwrap_or(0);
        for (at, text) in texts.iter().enumerate() {
            let vector = &answer["data"][at]["embedding"];
            let line = json!({ "index": batch * BATCH + at, "text": text, "embedding": vector });
            if context.terminal.json {
                all.push(line);
            } else {
                print_bytes(format!("{line}\n").as_bytes());
            }
        }
    }
    context.terminal.document(&json!({
        "object": "list",
        "model": args.model,
        "data": all,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    }));
    Ok(())
}

async fn embed(client: &Client, model: &str, texts: &[String]) -> Result<Value, CliError> {
    let body = json!({ "model": model, "input": texts });
    match client.post("/v1/embeddings", &body).await {
        Ok(answer) => Ok(answer),
        Err(error) => Err(callable::explain(client, model, error).await),
    }
}

fn lines_of(file: &Path) -> Result<Vec<String>, CliError> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let refused = |failure: Failure| CliError::from(failure.file(file.display().to_string()));
    let text = text.map_err(|error| {
        let remedy = "Name a file in UTF-8 with a text a line.";
        refused(
            Failure::new(error.to_string())
                .code("unreadable_file")
                .remedy(remedy),
        )
    })?;
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect();
    if lines.is_empty() {
        let failure = Failure::new("there is no text in this file").code("empty_file");
        return Err(refused(failure.remedy("Write a text a line.")));
    }
    Ok(lines)
}
