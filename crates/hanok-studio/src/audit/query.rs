//! What may be asked of the log and by whom: an administrator sees all of it, an owner what happened in their
//! project.

use hanok_domain::audit::Outcome;
use hanok_domain::fault::Fault;
use hanok_store::Tx;
use hanok_store::rows::audit::Filter;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::access::Caller;

/// The longest text that is looked for.
const MOST_TEXT: usize = 200;
/// Values of one filter.
const MOST_VALUES: usize = 100;

/// Which rows are wanted; all of what is said has to fit. Several values are separated by commas.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// `noun.verb`.
    pub action: String,
    /// Id or name of an account.
    pub actor: String,
    /// `proj_…`.
    pub project: String,
    /// Id of what it was done to.
    pub object: String,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// A day or a time in RFC 3339; from then on.
    pub since: String,
    /// A day, which counts, or a time, before which.
    pub until: String,
    /// Somewhere in a row.
    pub text: String,
}

impl AuditQuery {
    /// Whether it asks for everything.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The filter of this caller.
    pub(super) async fn filter(&self, tx: &Tx, caller: &Caller) -> Result<Filter, Fault> {
        let mut filter = self.parsed()?;
        filter.projects = projects(caller, words(&self.project, "project")?)?;
        for actor in words(&self.actor, "actor")? {
            let named = match actor.starts_with("user_") {
                true => None,
                false => tx.users().by_name(&actor).await?,
            };
            filter.actors.push(named.map_or(actor, |user| user.id));
        }
        Ok(filter)
    }

    fn parsed(&self) -> Result<Filter, Fault> {
        let text = self.text.trim();
        if text.chars().count() > MOST_TEXT || text.contains('\0') {
            let message = format!("A text to look for has at most {MOST_TEXT} characters.");
            return Err(Fault::invalid("invalid_filter", message).field("text"));
        }
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let object = given(&self.object);
        if object.as_ref().is_some_and(|id| id.contains('\0')) {
            return Err(Fault::invalid("invalid_filter", "This is no id.").field("object"));
        }
        Ok(Filter {
            projects: Vec::new(),
            actions: words(&self.action, "action")?,
            actors: Vec::new(),
            object,
            outcome: outcome(self.outcome.trim())?,
            since: moment(self.since.trim(), "since", 0)?,
            until: moment(self.until.trim(), "until", 1)?,
            text: given(text),
        })
    }
}

/// An owner asks for their own project, and for nothing else.
fn projects(caller: &Caller, asked: Vec<String>) -> Result<Vec<String>, Fault> {
    if caller.may_administer() {
        return Ok(asked);
    }
    if let Some(other) = asked.iter().find(|id| **id != caller.project_id) {
        return Err(Fault::not_found("project", other));
    }
    Ok(vec![caller.project_id.clone()])
}

fn words(text: &str, field: &'static str) -> Result<Vec<String>, Fault> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    let odd = words.iter().any(|word| word.contains('\0'));
    match words.len() > MOST_VALUES || odd {
        true => {
            let text = format!("A filter has at most {MOST_VALUES} values.");
            Err(Fault::invalid("invalid_filter", text).field(field))
        }
        false => Ok(words),
    }
}

fn outcome(text: &str) -> Result<Option<Outcome>, Fault> {
    match Outcome::parse(text) {
        Outcome::Unknown(text) if text.is_empty() => Ok(None),
        Outcome::Unknown(text) => {
            let text = format!("An outcome is done, denied or failed, not '{text}'.");
            Err(Fault::invalid("invalid_filter", text).field("outcome"))
        }
        known => Ok(Some(known)),
    }
}

/// A day in UTC, `days` later, or a moment.
fn moment(text: &str, field: &'static str, days: i64) -> Result<Option<i64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let utc = jiff::tz::TimeZone::UTC;
    let day = |day: Date| {
        let start = day.to_zoned(utc.clone()).ok()?.timestamp().as_microsecond();
        Some(start.saturating_add(days * 86_400_000_000))
    };
    let found = match (text.parse::<Timestamp>(), text.len() <= 10) {
        (Ok(moment), _) => Some(moment.as_microsecond()),
        (_, true) => text.parse::<Date>().ok().and_then(day),
        // What a browser's field gives.
        _ => {
            let local = text.parse::<DateTime>().ok();
            let zoned = local.and_then(|local| local.to_zoned(utc.clone()).ok());
            zoned.map(|zoned| zoned.timestamp().as_microsecond())
        }
    };
    found.map(Some).ok_or_else(|| {
        let text = format!("'{text}' is neither a day nor a time.");
        Fault::invalid("invalid_filter", text)
            .field(field)
            .remedy("Write 2026-05-04 or 2026-05-04T03:02:01Z.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_and_nothing_else() {
        let day = moment("2026-05-04", "since", 0).unwrap();
        assert_eq!(moment("2026-05-04T00:00:00Z", "since", 0).unwrap(), day);
        assert_eq!(moment("2026-05-04T00:00", "since", 0).unwrap(), day);
        assert_eq!(
            moment("2026-05-04T09:00:00+09:00", "until", 1).unwrap(),
            day
        );
        let next = moment("2026-05-04", "until", 1).unwrap();
        assert_eq!(next.unwrap() - day.unwrap(), 86_400_000_000);
        for odd in [
            "yesterday",
            "2026-13-01",
            "-1",
            "9999999999999",
            "2026-05-04; DROP",
        ] {
            assert!(moment(odd, "since", 0).is_err(), "{odd}");
        }
    }

    #[test]
    fn filters_are_bounded_and_checked() {
        let query = |change: fn(&mut AuditQuery)| {
            let mut query = AuditQuery::default();
            change(&mut query);
            query.parsed()
        };
        assert!(query(|q| q.outcome = "maybe".into()).is_err());
        assert!(query(|q| q.text = "x".repeat(201)).is_err());
        assert!(query(|q| q.text = "a\0b".into()).is_err());
        assert!(query(|q| q.action = "a,".repeat(101)).is_err());
        let actions = query(|q| q.action = "key.create, key.revoke,".into());
        assert_eq!(actions.unwrap().actions, ["key.create", "key.revoke"]);
    }
}
