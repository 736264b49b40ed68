//! `GET /api/v1/events?topics=…`: one stream for everything that a client follows.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use hanok_domain::fault::{Fault, FaultKind};
use serde::Deserialize;

use crate::access::guard::Signed;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::stream::{self, End, Follow};

/// Topics that one stream may carry.
const MAX_TOPICS: usize = 50;

/// Query of the stream.
#[derive(Debug, Deserialize)]
pub struct TopicsQuery {
    topics: String,
    after: Option<String>,
}

pub(super) async fn stream(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    Query(query): Query<TopicsQuery>,
) -> Result<Response, ApiError> {
    let topics: Vec<String> = query
        .topics
        .split(',')
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect();
    if topics.is_empty() || topics.len() > MAX_TOPICS {
        return Err(Fault::new(
            FaultKind::Malformed,
            "invalid_topics",
            format!("Name 1 to {MAX_TOPICS} topics, separated by commas."),
        )
        .field("topics")
        .into());
    }
    app.studio.check_topics(&caller, &topics).await?;
    let cursor = stream::cursor(&headers, &topics, query.after.as_deref());
    let follow = Follow {
        app,
        caller,
        cursor,
        end: End::Never,
    };
    Ok(stream::events(follow, stream::as_json).into_response())
}
