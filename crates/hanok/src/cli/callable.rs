//! The models that answer requests, for commands that name one: which there are, which one is meant when
//! none is named, and what may be meant by a name that is not there.

use super::nearest::close;
use super::{CliError, Failure};
use crate::client::{Client, ClientError};

/// Names of the models that answer, deployed ones first.
pub async fn names(client: &Client) -> Result<Vec<String>, ClientError> {
    let list = client.get("/v1/models").await?;
    let all = list["data"].as_array().into_iter().flatten();
    Ok(all
        .filter_map(|model| model["id"].as_str().map(str::to_owned))
        .collect())
}

/// The model to talk to when none is named: the newest that answers and is no encoder.
pub async fn chat_model(client: &Client) -> Result<String, CliError> {
    let own = client.get("/api/v1/models?limit=100").await?;
    let encoders: Vec<&str> = own["data"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|model| model["kind"] == "encoder")
        .filter_map(|model| model["name"].as_str())
        .chain(["hanok-encoder"])
        .collect();
    let all = names(client).await?;
    let found = all
        .into_iter()
        .find(|name| !encoders.contains(&name.as_str()));
    found.ok_or_else(|| {
        Failure::new("there is no model to talk to yet")
            .code("no_model")
            .remedy("Bring one with `hanok model import DIRECTORY`, or tune and deploy one with `hanok train`.")
            .into()
    })
}

/// An error of a request that named a model: one that does not answer is told with names that come close.
pub async fn explain(client: &Client, wanted: &str, error: ClientError) -> CliError {
    let ClientError::Refused {
        status: 404,
        failure,
    } = error
    else {
        return error.into();
    };
    let mut failure = *failure;
    let Ok(all) = names(client).await else {
        return failure.into();
    };
    let near = close(wanted, all.iter().map(String::as_str));
    let known = if !near.is_empty() {
        format!("Close to it: {}.", near.join(", "))
    } else if all.is_empty() {
        "No model answers yet.".to_owned()
    } else {
        let shown: Vec<&str> = all.iter().take(5).map(String::as_str).collect();
        format!("Those that answer: {}.", shown.join(", "))
    };
    failure.remedy = Some(match failure.code.as_str() {
        "model_not_deployed" => failure.remedy.unwrap_or(known),
        _ => known,
    });
    failure.into()
}
