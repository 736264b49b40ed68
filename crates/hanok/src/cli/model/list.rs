//! `hanok model list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::client::{Client, Model, parse};
use crate::terminal::{Table, count, cut, number_of, when};

/// Flags of `hanok model list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    access: Access,
}

/// Prints one's own models, newest first, then those that ship.
pub async fn run(args: Args) -> Result<(), CliError> {
    let (context, connection) = Context::open(&args.access).await?;
    let client = &connection.client;
    let values = list_all(client, "/api/v1/models").await?;
    let built_in = built_in(client).await?;
    let heads = [
        "name",
        "kind",
        "status",
        "architecture",
        ">weights",
        ">context",
        "made",
    ];
    let mut table = Table::new(&heads);
    for value in &values {
        let model: Model = parse(value)?;
        table.row(vec![
            cut(&model.name, 60),
            model.kind,
            model.status,
            model.architecture.unwrap_or_default(),
            model.parameters.map_or_else(String::new, number_of),
            model.context_length.map_or_else(String::new, count),
            when(&model.created_at),
        ]);
    }
    for name in &built_in {
        table.row(vec![
            name.clone(),
            "built in".to_owned(),
            "ready".to_owned(),
        ]);
    }
    table.print_or(
        &context.terminal,
        "No models yet. `hanok model import DIRECTORY` brings one.",
    );
    let document = json!({ "object": "list", "data": values, "built_in": built_in });
    context.terminal.document(&document);
    Ok(())
}

/// Names of the models that ship.
async fn built_in(client: &Client) -> Result<Vec<String>, CliError> {
    let callable = client.get("/v1/models").await?;
    let all = callable["data"].as_array().into_iter().flatten();
    let shipped = all.filter(|model| model["owned_by"] == "hanok");
    Ok(shipped
        .filter_map(|model| model["id"].as_str().map(str::to_owned))
        .collect())
}
