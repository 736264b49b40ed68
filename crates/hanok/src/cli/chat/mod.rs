//! `hanok chat [MODEL]`: a conversation on a terminal, or one question and its answer.

mod conversation;
mod interactive;

use std::io::{IsTerminal, Read};

use serde_json::{Value, json};

use super::sampling::SamplingArgs;
use super::written::Written;
use super::{Access, CliError, Context, callable};
use crate::client::Client;
use crate::terminal::Terminal;
use conversation::Conversation;

/// Flags of `hanok chat`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A model that answers; the newest by default.
    model: Option<String>,
    /// Ask this, print the answer and leave; read from standard input when that is no terminal.
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// What the model is told before the conversation.
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    access: Access,
}

/// What every request of a chat has.
struct Chat<'a> {
    client: &'a Client,
    terminal: &'a Terminal,
    model: String,
    sampling: SamplingArgs,
}

/// Talks.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    let message = question(args.message)?;
    let connection = context.connect().await?;
    let client = &connection.client;
    let chat = Chat {
        client,
        terminal: &context.terminal,
        model: match args.model {
            Some(model) => model,
            None => callable::chat_model(client).await?,
        },
        sampling: args.sampling,
    };
    let mut conversation = Conversation::new(args.system);
    match message {
        Some(message) => chat.once(&mut conversation, message).await,
        None => interactive::run(&chat, &mut conversation).await,
    }
}

/// The one question, if there is to be one only.
fn question(given: Option<String>) -> Result<Option<String>, CliError> {
    let message = match given {
        Some(message) => message,
        None if std::io::stdin().is_terminal() => return Ok(None),
        None => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|e| CliError::failed(format!("standard input cannot be read: {e}")))?;
            text
        }
    };
    if message.trim().is_empty() {
        return Err(CliError::usage(
            "there is nothing to ask: pass --message TEXT, or text on standard input",
        ));
    }
    Ok(Some(message))
}

impl Chat<'_> {
    /// Asks one question and prints the answer.
    async fn once(&self, conversation: &mut Conversation, message: String) -> Result<(), CliError> {
        conversation.ask(message);
        let mut written = Written::default();
        let outcome = self.answer(conversation, &mut written).await;
        if !written.text.is_empty() {
            written.end_line(self.terminal);
        }
        outcome?;
        if self.terminal.live
            && let Some(figures) = written.figures()
        {
            self.terminal.note(self.terminal.paint.dim(&figures));
        }
        self.terminal.document(&document(&written));
        Ok(())
    }

    /// Has the next turn written.
    async fn answer(
        &self,
        conversation: &Conversation,
        written: &mut Written,
    ) -> Result<(), CliError> {
        let mut body = json!({
            "model": self.model,
            "messages": conversation.messages(),
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        self.sampling.apply(&mut body);
        let begun = self.client.stream("/v1/chat/completions", &body).await;
        let mut answer = match begun {
            Ok(answer) => answer,
            Err(error) => return Err(callable::explain(self.client, &self.model, error).await),
        };
        Ok(written.read(&mut answer, self.terminal).await?)
    }
}

/// An answer as a document.
fn document(written: &Written) -> Value {
    json!({
        "model": written.model,
        "message": { "role": "assistant", "content": written.text },
        "finish_reason": written.finish_reason,
        "usage": written.usage,
    })
}
