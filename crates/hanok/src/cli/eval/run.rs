//! `hanok eval run`: evaluates a model and prints what came of it.

use serde_json::{Value, json};

use super::show::print_eval;
use crate::cli::dataset::find as find_dataset;
use crate::cli::follow::{Control, Subject, failure_of, follow};
use crate::cli::run::view::RunView;
use crate::cli::{Access, CliError, Context, Failure, list_all};
use crate::client::{Client, Dataset, Eval, Job, Model, parse};
use crate::terminal::Terminal;

/// Flags of `hanok eval run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Tuned model: id (`model_…`) or name (`ft:…`).
    #[arg(long)]
    model: String,
    /// Data set: id (`ds_…`) or name.
    #[arg(long)]
    dataset: String,
    /// Share of rows held out; that of the training by default.
    #[arg(long, value_name = "SHARE", conflicts_with = "all_rows")]
    held_out: Option<f64>,
    /// Use every row: only for data that the model was not trained on.
    #[arg(long)]
    all_rows: bool,
    #[command(flatten)]
    access: Access,
}

/// Evaluates.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let client = &connection.client;
    let model = find_model(client, &args.model).await?;
    let dataset: Dataset = parse(&find_dataset(client, &args.dataset).await?)?;
    let mut body = json!({ "model": model.id, "dataset": dataset.id });
    if args.all_rows {
        body["all_rows"] = json!(true);
    }
    if let Some(share) = args.held_out {
        body["held_out"] = json!(share);
    }
    let created: Job = parse(&client.post("/api/v1/evals", &body).await?)?;
    let value = to_end(client, &context.terminal, &created.id, false).await?;
    let eval: Eval = parse(&value)?;
    print_eval(&context.terminal, &eval);
    context.terminal.document(&value);
    Ok(())
}

/// Follows an evaluation to its end; one that failed is an error.
pub async fn to_end(
    client: &Client,
    terminal: &Terminal,
    id: &str,
    stream: bool,
) -> Result<Value, CliError> {
    let subject = Subject {
        id: id.to_owned(),
        path: format!("/api/v1/evals/{id}"),
        name: format!("evaluation {id}"),
        again: format!("hanok eval show {id}"),
        control: Control::None,
    };
    let mut view = RunView::new(terminal, "Evaluating", stream);
    let value = follow(client, terminal, &subject, &mut view).await?;
    drop(view);
    let ended: Job = parse(&value)?;
    if ended.state == "succeeded" {
        return Ok(value);
    }
    Err(failure_of(ended.error, "the evaluation").into())
}

async fn find_model(client: &Client, wanted: &str) -> Result<Model, CliError> {
    for value in list_all(client, "/api/v1/models").await? {
        let model: Model = parse(&value)?;
        if model.id == wanted || model.name == wanted {
            return Ok(model);
        }
    }
    Err(Failure::new(format!("there is no model '{wanted}'"))
        .code("not_found")
        .remedy("`hanok run list` shows the models that runs made.")
        .into())
}
