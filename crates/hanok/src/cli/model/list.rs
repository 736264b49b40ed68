//! `hanok model list`.

use serde_json::json;

use crate::cli::{Access, CliError, Context, list_all};
use crate::client::{Model, parse};
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
    let callable = client.get("/v1/models").await?;
    let callable = callable["data"].as_array().cloned().unwrap_or_default();
    let built_in: Vec<&str> = callable
        .iter()
        .filter(|model| model["owned_by"] == "hanok")
        .filter_map(|model| model["id"].as_str())
        .collect();
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
        table.row(cells(parse(value)?));
    }
    for name in &built_in {
        table.row(vec![
            (*name).to_owned(),
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

fn cells(model: Model) -> Vec<String> {
    vec![
        cut(&model.name, 60),
        model.kind,
        model.status,
        model.architecture.unwrap_or_default(),
        model.parameters.map_or_else(String::new, number_of),
        model.context_length.map_or_else(String::new, count),
        when(&model.created_at),
    ]
}
