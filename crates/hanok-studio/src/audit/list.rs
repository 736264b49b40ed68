//! Looking at the log: a page of it, one row, and how far it is sealed. Who looks is told in it, now and then.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hanok_domain::audit::Outcome;
use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::audit::{Filter, Found, Head, Part};
use serde_json::json;

use super::query::AuditQuery;
use super::record::{Deed, record};
use super::view::AuditView;
use crate::access::{Caller, Credential};
use crate::studio::Studio;

/// How often looking is told of one credential at one address.
const VIEWS: Duration = Duration::from_secs(3600);
/// The same of a key that is used.
const USES: Duration = Duration::from_secs(24 * 3600);
/// Rows of a page at most.
const MOST: u64 = 100;

/// Which part of the log.
#[derive(Debug, Clone, Default)]
pub struct AuditPart {
    /// Older than the row with this id.
    pub after: Option<String>,
    /// Newer than the row with this id.
    pub before: Option<String>,
    /// Rows; 1 to 100.
    pub limit: Option<u64>,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditView>,
    /// Whether there are more in the direction that was asked for.
    pub has_more: bool,
    /// Where to go on. Beyond the last row, where a look for a text ended before it had found enough.
    pub last_id: Option<String>,
}

impl Studio {
    /// Rows that fit, newest first.
    ///
    /// # Errors
    /// 404 for another's project, 422 for a filter that makes no sense.
    pub async fn audit_log(
        &self,
        caller: &Caller,
        query: &AuditQuery,
        part: &AuditPart,
    ) -> Result<AuditPage, Fault> {
        must_own(caller)?;
        let part = AuditPart {
            limit: Some(part.limit.unwrap_or(20).clamp(1, MOST)),
            ..part.clone()
        };
        let page = self.audit_page(caller, query, &part).await?;
        self.note_view(caller).await?;
        Ok(page)
    }

    /// The same without telling who looked.
    pub(super) async fn audit_page(
        &self,
        caller: &Caller,
        query: &AuditQuery,
        part: &AuditPart,
    ) -> Result<AuditPage, Fault> {
        let limit = part.limit.unwrap_or(MOST);
        let given =
            |id: &Option<String>| id.clone().filter(|id| !id.is_empty() && !id.contains('\0'));
        let wanted = &Part {
            after: given(&part.after),
            before: given(&part.before),
            limit: limit + 1,
        };
        let found: Found = self
            .store()
            .look(|tx| async move {
                let filter: Filter = query.filter(&tx, caller).await?;
                Ok::<_, Fault>(tx.audit().search(&filter, wanted).await?)
            })
            .await?;
        Ok(page_of(found, limit, wanted.before.is_some()))
    }

    /// The signed end of the chain.
    pub async fn audit_head(&self) -> Result<Option<Head>, Fault> {
        self.store()
            .look(|tx| async move { Ok(tx.audit().head().await?) })
            .await
    }

    /// Notes that an API key is used: a row for each key, address and day. A log that cannot be written does not
    /// keep anybody from reading.
    pub async fn note_key_use(&self, caller: &Caller) {
        let Credential::Key { id } = &caller.credential else {
            return;
        };
        let address = &caller.origin.address;
        let today = SystemTime::now().duration_since(UNIX_EPOCH);
        let today = today.unwrap_or_default().as_secs() / USES.as_secs();
        let value = &format!("{today} {address}");
        let seen = &self.audit_keeping().seen;
        if seen.is_known(id, value, USES) {
            return;
        }
        // Before it is written: requests that come at once are one use.
        seen.note(id, value);
        let told = self
            .store()
            .write(|tx| async move {
                let day = 24 * 3600 * 1_000_000;
                let today = tx.now().await?.div_euclid(day) * day;
                if !tx.audit().was_used(id, "key.use", address, today).await? {
                    record(&tx, caller, Deed::done("key.use", "key", id)).await?;
                }
                Ok::<_, Fault>(())
            })
            .await;
        if let Err(fault) = told {
            seen.note(id, "");
            tracing::warn!(%fault, key = id, "the use of a key was not written to the audit log");
        }
    }

    async fn note_view(&self, caller: &Caller) -> Result<(), Fault> {
        let credential = match &caller.credential {
            Credential::Session { id } | Credential::Token { id } | Credential::Key { id } => id,
            Credential::Local => "local",
        };
        let subject = format!("view {credential}");
        let seen = &self.audit_keeping().seen;
        if seen.is_known(&subject, &caller.origin.address, VIEWS) {
            return Ok(());
        }
        self.store()
            .write(|tx| async move {
                let deed = Deed::done("audit.view", "audit", "log");
                record(
                    &tx,
                    caller,
                    deed.detail(json!({ "credential": credential })),
                )
                .await
            })
            .await?;
        seen.note(&subject, &caller.origin.address);
        Ok(())
    }
}

/// Owners and administrators; the guard asks too, and this holds for every surface.
pub(super) fn must_own(caller: &Caller) -> Result<(), Fault> {
    if caller.may_own() {
        return Ok(());
    }
    let text = "Your role in this project does not permit this.";
    Err(Fault::new(FaultKind::Forbidden, "forbidden", text))
}

fn page_of(found: Found, limit: u64, backwards: bool) -> AuditPage {
    let mut rows: Vec<AuditView> = found.rows.into_iter().map(Into::into).collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    if more && backwards {
        rows.remove(0);
    }
    rows.truncate(limit);
    let next = rows.last().map(|row| row.id.clone());
    // A look that ended early goes on where it ended.
    let last_id = match (more, backwards) {
        (false, false) => found.looked_to.clone().or(next),
        _ => next,
    };
    AuditPage {
        has_more: more || found.looked_to.is_some(),
        last_id,
        rows,
    }
}

/// The outcomes, for those who offer them.
pub const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Denied, Outcome::Failed];
