//! `hanok run start`: starts a run and, on a terminal, watches it.

use serde_json::{Map, Value, json};

use super::show::print_run;
use super::watch::watch;
use crate::cli::dataset::find as find_dataset;
use crate::cli::{Access, CliError, Context};
use crate::client::{Dataset, Run, parse};

/// Flags of `hanok run start`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Data set to train on: id (`ds_…`) or name.
    #[arg(long)]
    dataset: String,
    /// What to tune; by default the built-in model for the kind of data.
    #[arg(long)]
    model: Option<String>,
    /// How; by default the usual way for the model.
    #[arg(long, value_parser = ["head", "lora", "full"])]
    method: Option<String>,
    /// Data set to validate on: id or name; without it rows are held out.
    #[arg(long, value_name = "DATASET", conflicts_with = "held_out")]
    validation: Option<String>,
    /// Name of the run and of its model; the data set's by default.
    #[arg(long)]
    name: Option<String>,
    /// Share of rows kept out of training, for the evaluation.
    #[arg(long, value_name = "SHARE")]
    held_out: Option<f64>,
    #[command(flatten)]
    training: TrainingArgs,
    /// Follow the run until it ends; the default on a terminal.
    #[arg(long, overrides_with = "no_watch")]
    watch: bool,
    /// Return as soon as the run is queued.
    #[arg(long)]
    no_watch: bool,
    #[command(flatten)]
    access: Access,
}

/// Hyper-parameters; each has a good default.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TrainingArgs {
    /// Passes over the training rows.
    #[arg(long, value_name = "N", help_heading = "Training")]
    epochs: Option<u32>,
    /// Size of a step.
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    learning_rate: Option<f64>,
    /// Rows in a step.
    #[arg(long, value_name = "N", help_heading = "Training")]
    batch_size: Option<u32>,
    /// Number that fixes what is random.
    #[arg(long, value_name = "N", help_heading = "Training")]
    seed: Option<u64>,
    /// Any other hyper-parameter.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = name_value, help_heading = "Training")]
    params: Vec<(String, Value)>,
}

impl TrainingArgs {
    /// What differs from the defaults.
    pub fn params(&self) -> Value {
        let mut params: Map<String, Value> = self.params.iter().cloned().collect();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                params.insert(name.to_owned(), value);
            }
        };
        set("epochs", self.epochs.map(Value::from));
        set("learning_rate", self.learning_rate.map(Value::from));
        set("batch_size", self.batch_size.map(Value::from));
        set("seed", self.seed.map(Value::from));
        Value::Object(params)
    }
}

fn name_value(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("write it as NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}

/// Starts the run.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let client = &connection.client;
    let dataset: Dataset = parse(&find_dataset(client, &args.dataset).await?)?;
    let mut body = json!({ "dataset": dataset.id, "params": args.training.params() });
    if let Some(named) = &args.validation {
        let validation: Dataset = parse(&find_dataset(client, named).await?)?;
        body["validation"] = json!(validation.id);
    }
    let words = [
        ("name", &args.name),
        ("base_model", &args.model),
        ("method", &args.method),
    ];
    for (field, word) in words {
        if let Some(word) = word {
            body[field] = json!(word);
        }
    }
    if let Some(share) = args.held_out {
        body["held_out"] = json!(share);
    }
    let created = client.post("/api/v1/runs", &body).await?;
    let started: Run = parse(&created)?;
    if !args.watch && (args.no_watch || !context.terminal.live) {
        print_run(&context.terminal, &started);
        context.terminal.document(&created);
        return Ok(());
    }
    let ended = watch(client, &context.terminal, &started).await?;
    context.terminal.document(&ended);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbers_where_they_look_like_it() {
        let parse = |text: &str| name_value(text).ok();
        assert_eq!(parse("l2=0.1"), Some(("l2".into(), json!(0.1))));
        assert_eq!(
            parse("schedule=cosine"),
            Some(("schedule".into(), json!("cosine")))
        );
        assert_eq!(parse("balance=true"), Some(("balance".into(), json!(true))));
        assert_eq!(parse("=1"), None);
        assert_eq!(parse("epochs"), None);
    }

    #[test]
    fn only_what_was_said_is_sent() {
        assert_eq!(TrainingArgs::default().params(), json!({}));
        let args = TrainingArgs {
            epochs: Some(3),
            ..TrainingArgs::default()
        };
        assert_eq!(args.params(), json!({ "epochs": 3 }));
    }
}
