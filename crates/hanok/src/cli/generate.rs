//! `hanok generate MODEL PROMPT`: text is continued as it stands.

use std::io::Read;

use serde_json::json;

use super::sampling::SamplingArgs;
use super::written::Written;
use super::{Access, CliError, Context, callable};

/// Tokens written when nothing is said: more than a sentence, less than a wait.
const MAX_TOKENS: u64 = 128;

/// Flags of `hanok generate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model that writes text.
    model: String,
    /// The text to continue; read from standard input when it is left out.
    prompt: Option<String>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    access: Access,
}

/// Generates.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let prompt = prompt(args.prompt)?;
    let connection = context.connect().await?;
    let (client, terminal) = (&connection.client, &context.terminal);
    let mut body = json!({
        "model": args.model,
        "prompt": prompt,
        "max_tokens": MAX_TOKENS,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    args.sampling.apply(&mut body);
    let mut answer = match client.stream("/v1/completions", &body).await {
        Ok(answer) => answer,
        Err(error) => return Err(callable::explain(client, &args.model, error).await),
    };
    let mut written = Written::default();
    let outcome = written.read(&mut answer, terminal).await;
    if !written.text.is_empty() {
        written.end_line(terminal);
    }
    outcome?;
    if terminal.live
        && let Some(figures) = written.figures()
    {
        terminal.note(terminal.paint.dim(&figures));
    }
    terminal.document(&json!({
        "model": written.model,
        "text": written.text,
        "finish_reason": written.finish_reason,
        "usage": written.usage,
    }));
    Ok(())
}

/// The prompt as given, or standard input.
fn prompt(given: Option<String>) -> Result<String, CliError> {
    let prompt = match given {
        Some(prompt) => prompt,
        None => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|e| CliError::failed(format!("standard input cannot be read: {e}")))?;
            text
        }
    };
    if prompt.is_empty() {
        return Err(CliError::usage(
            "there is nothing to continue: the prompt is empty",
        ));
    }
    Ok(prompt)
}
