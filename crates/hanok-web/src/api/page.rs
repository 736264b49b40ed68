//! Paging: `?after=ID&limit=N`, newest first, and the list envelope.

use axum::Json;
use hanok_studio::{Listed, PageRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::ApiError;

/// The query of every list.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    /// The last id of the page before.
    pub after: Option<String>,
    /// Items wanted, 1 to 100.
    pub limit: Option<u64>,
}

impl From<PageQuery> for PageRequest {
    fn from(query: PageQuery) -> Self {
        Self::new(query.after, query.limit)
    }
}

/// The envelope of a list.
pub fn list<T: Serialize>(listed: Listed<T>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({
        "object": "list",
        "data": listed.items,
        "has_more": listed.has_more,
        "last_id": listed.last_id,
    })))
}
