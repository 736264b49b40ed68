//! `hanok model import DIRECTORY`: uploads the files, has them made a model, waits until it is read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::directory::{Part, name_of, parts};
use super::show::print_model;
use crate::cli::follow::{Control, Subject, View, failure_of, follow};
use crate::cli::{Access, CliError, Context};
use crate::client::{Client, Event, Model, Source, Upload, parse, upload};
use crate::terminal::{Bar, Terminal, bytes};

/// Flags of `hanok model import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory with config.json, safetensors and tokenizer.json.
    path: PathBuf,
    /// Name to call it by; the directory's by default.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    access: Access,
}

/// Imports the directory.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    // What can be told without a server is told before one is brought up.
    let parts = parts(&args.path)?;
    let name = args.name.or_else(|| name_of(&args.path));
    let name = name
        .ok_or_else(|| CliError::usage("the directory's name is none for a model: pass --name"))?;
    let connection = context.connect().await?;
    let client = &connection.client;
    let mut sent = Vec::new();
    let outcome = import(client, &context.terminal, &name, &parts, &mut sent).await;
    forget_uploads(client, &context.terminal, &sent).await;
    let value = outcome?;
    print_model(&context.terminal, &parse(&value)?);
    context.terminal.document(&value);
    Ok(())
}

async fn import(
    client: &Client,
    terminal: &Terminal,
    name: &str,
    parts: &[Part],
    sent: &mut Vec<String>,
) -> Result<Value, CliError> {
    let total = parts.iter().map(|part| part.size).sum();
    let bar = Arc::new(Mutex::new(terminal.bar("Uploading")));
    let mut before = 0;
    let mut files = Vec::with_capacity(parts.len());
    for part in parts {
        let value = send(client, part, before, total, &bar).await?;
        before += part.size;
        let id = value["id"].as_str().unwrap_or_default().to_owned();
        files.push(json!({ "path": part.path, "file_id": id }));
        sent.push(id);
    }
    drop(bar);
    let body = json!({ "name": name, "files": files });
    let made: Model = parse(&client.post("/api/v1/models", &body).await?)?;
    settle(client, terminal, &made).await
}

async fn send(
    client: &Client,
    part: &Part,
    before: u64,
    total: u64,
    bar: &Arc<Mutex<Bar>>,
) -> Result<Value, CliError> {
    let what = Upload {
        source: Source::File(part.file.clone()),
        fields: vec![("purpose", "model".to_owned())],
    };
    let (shown, path) = (bar.clone(), part.path.clone());
    let told = move |done: u64| {
        let mut bar = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let done = before + done;
        let beside = format!("{} of {}  {path}", bytes(done), bytes(total));
        bar.at(done, total, &beside);
    };
    let outcome = upload(client, "/v1/files", &what, Arc::new(told)).await;
    outcome.map_err(|error| match error.into() {
        CliError::Failed(mut failure) => {
            failure.file.get_or_insert_with(|| what.shown());
            CliError::Failed(failure)
        }
        other => other,
    })
}

/// Waits until the model's files are read. One that cannot be used is deleted again.
async fn settle(client: &Client, terminal: &Terminal, made: &Model) -> Result<Value, CliError> {
    let subject = Subject {
        id: made.id.clone(),
        path: format!("/api/v1/models/{}", made.id),
        name: format!("the import of {}", made.name),
        again: format!("hanok model show {}", made.id),
        control: Control::None,
    };
    let mut view = Reading(terminal.bar("Reading the model"));
    view.0.say("");
    let value = follow(client, terminal, &subject, &mut view).await?;
    drop(view);
    let model: Model = parse(&value)?;
    if model.status == "ready" {
        return Ok(value);
    }
    if let Err(error) = client.delete(&subject.path).await {
        let id = &model.id;
        terminal.note(format!(
            "the failed model {id} could not be deleted: {error}"
        ));
    }
    Err(failure_of(model.error, "the import").into())
}

/// The model has its files by now; the uploads would only stand in the list of files.
async fn forget_uploads(client: &Client, terminal: &Terminal, sent: &[String]) {
    for id in sent {
        if let Err(error) = client.delete(&format!("/v1/files/{id}")).await {
            terminal.note(format!("the upload {id} could not be deleted: {error}"));
        }
    }
}

struct Reading(Bar);

impl View for Reading {
    fn event(&mut self, event: &Event) {
        if let Some(message) = event.data["message"]
            .as_str()
            .filter(|_| event.kind == "log")
        {
            self.0.say(message);
        }
    }

    fn bar(&mut self) -> &mut Bar {
        &mut self.0
    }
}
