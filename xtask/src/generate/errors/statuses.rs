//! The kinds of fault with their HTTP status: from the enumeration itself and from the one table that
//! the web layer answers by.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use super::sentence;
use crate::tidy::tree::Tree;

pub const KINDS: &str = "crates/hanok-domain/src/fault.rs";
pub const STATUSES: &str = "crates/hanok-web/src/error.rs";

/// The names that the table uses, as numbers.
const NUMBERS: [(&str, u16); 17] = [
    ("BAD_REQUEST", 400),
    ("UNAUTHORIZED", 401),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("METHOD_NOT_ALLOWED", 405),
    ("NOT_ACCEPTABLE", 406),
    ("CONFLICT", 409),
    ("PAYLOAD_TOO_LARGE", 413),
    ("URI_TOO_LONG", 414),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("UNPROCESSABLE_ENTITY", 422),
    ("TOO_MANY_REQUESTS", 429),
    ("INTERNAL_SERVER_ERROR", 500),
    ("BAD_GATEWAY", 502),
    ("SERVICE_UNAVAILABLE", 503),
    ("GATEWAY_TIMEOUT", 504),
    ("INSUFFICIENT_STORAGE", 507),
];

/// How a kind of fault is answered.
pub struct Kind {
    pub status: u16,
    /// The `type` of OpenAI's envelope.
    pub family: String,
    pub meaning: String,
}

/// Every kind by its name.
pub fn kinds(tree: &Tree) -> Result<BTreeMap<String, Kind>> {
    let table = tree.text(STATUSES).context(STATUSES)?;
    let meanings = super::enums::meanings(tree.text(KINDS).context(KINDS)?, "FaultKind");
    let mut kinds = BTreeMap::new();
    for (name, meaning) in meanings {
        let arm = table.split_once(&format!("FaultKind::{name} => (StatusCode::"));
        let (_, rest) = arm.with_context(|| format!("{STATUSES} has no status of {name}"))?;
        let (status, rest) = rest.split_once(", \"").context(STATUSES)?;
        let number = NUMBERS.iter().find(|(known, _)| *known == status);
        let number = number.with_context(|| format!("{status} is missing in NUMBERS of xtask"))?;
        let kind = Kind {
            status: number.1,
            family: rest.split('"').next().unwrap_or_default().to_owned(),
            meaning: sentence(&meaning),
        };
        kinds.insert(name, kind);
    }
    ensure!(!kinds.is_empty(), "{KINDS} has no kinds");
    Ok(kinds)
}
