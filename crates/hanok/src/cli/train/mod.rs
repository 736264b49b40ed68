//! `hanok train RECIPE.toml`: one file says what to tune, on what and how; the command brings the data,
//! starts the run, follows it, and deploys and evaluates the model if the recipe says so.

mod next;
mod params;
mod recipe;

use std::path::PathBuf;

use hanok_studio::models::STARTER_ENCODER;
use serde_json::{Value, json};

use super::dataset::import::import;
use super::dataset::{encode, find as find_dataset};
use super::deploy::deploy;
use super::eval;
use super::eval::show::print_eval;
use super::run::watch::watch;
use super::{Access, CliError, Context};
use crate::client::{Client, Dataset, Run, Source, Upload, parse};
use crate::terminal::Terminal;
use recipe::{Data, Recipe};

/// Flags of `hanok train`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recipe, a TOML file; paths in it begin where it lies.
    recipe: PathBuf,
    #[command(flatten)]
    access: Access,
}

/// What a recipe led to.
#[derive(Debug, Default)]
struct Done {
    run: Value,
    eval: Value,
    deployment: Value,
}

/// Follows the recipe.
pub async fn run(args: Args) -> Result<(), CliError> {
    let context = Context::new(&args.access)?;
    // What can be told without a server is told before one is brought up.
    let recipe = Recipe::read(&args.recipe)?;
    let connection = context.connect().await?;
    let (client, terminal) = (&connection.client, &context.terminal);
    let started = start(client, terminal, &recipe).await?;
    let mut done = Done {
        run: watch(client, terminal, &started).await?,
        ..Done::default()
    };
    let run: Run = parse(&done.run)?;
    if recipe.eval
        && let Some(id) = &run.eval_id
    {
        done.eval = eval::run::to_end(client, terminal, id, false).await?;
        print_eval(terminal, &parse(&done.eval)?);
    }
    if recipe.deploy
        && let Some(model) = &run.model
    {
        done.deployment = deploy(client, terminal, model).await?;
    }
    next::print(terminal, &run, &recipe);
    let Done {
        run,
        eval,
        deployment,
    } = done;
    terminal.document(&json!({ "run": run, "eval": eval, "deployment": deployment }));
    Ok(())
}

/// Brings the data and starts the run.
async fn start(client: &Client, terminal: &Terminal, recipe: &Recipe) -> Result<Run, CliError> {
    if let Some(model) = &recipe.model {
        known_model(client, model).await?;
    }
    let data = dataset(client, terminal, &recipe.data).await?;
    let mut body = json!({ "dataset": data.id, "params": recipe.params });
    if let Some(validation) = &recipe.validation {
        body["validation"] = json!(dataset(client, terminal, validation).await?.id);
    }
    for (field, value) in [
        ("base_model", &recipe.model),
        ("method", &recipe.method),
        ("name", &recipe.name),
    ] {
        if let Some(value) = value {
            body[field] = json!(value);
        }
    }
    if let Some(share) = recipe.held_out {
        body["held_out"] = json!(share);
    }
    Ok(parse(&client.post("/api/v1/runs", &body).await?)?)
}

/// A model that is not there is told before anything is uploaded.
async fn known_model(client: &Client, model: &str) -> Result<(), CliError> {
    let callable = super::callable::names(client).await?;
    if model == STARTER_ENCODER || callable.iter().any(|name| name == model) {
        return Ok(());
    }
    match client
        .get(&format!("/api/v1/models/{}", encode(model)))
        .await
    {
        Ok(_) => Ok(()),
        Err(error) => Err(super::callable::explain(client, model, error).await),
    }
}

async fn dataset(client: &Client, terminal: &Terminal, data: &Data) -> Result<Dataset, CliError> {
    let value = match data {
        Data::Id(id) => find_dataset(client, id).await?,
        Data::File(path) => {
            let what = Upload {
                source: Source::File(path.clone()),
                fields: Vec::new(),
            };
            import(client, terminal, &what).await?
        }
    };
    Ok(parse(&value)?)
}
