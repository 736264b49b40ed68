//! Requests that were refused, counted in memory and written once a second: a flood of them costs a few rows,
//! and what is too much even for that is counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use hanok_domain::fault::Fault;
use serde_json::{Value, json};

use super::record::{Deed, record, record_unsigned};
use crate::access::{Caller, Origin};
use crate::secret;
use crate::studio::Studio;

/// Kinds of denials that are told apart between two writes.
const MOST: usize = 64;
/// The same, of one address.
const OF_ONE_ADDRESS: usize = 8;
/// Characters of a credential that tell it from others.
const PREFIX: usize = 10;

/// A request that was refused.
#[derive(Debug, Clone)]
pub struct Denial {
    /// Where it came from.
    pub origin: Origin,
    /// Who it was, where that is known.
    pub caller: Option<Caller>,
    /// The credential that was shown, if it is nobody's. Only a hash of its beginning is kept.
    pub credential: Option<String>,
    /// Method and template of the route.
    pub route: String,
    /// Code of the fault.
    pub code: String,
}

/// Denials since they were written last.
#[derive(Default)]
pub(super) struct Denials {
    waiting: Mutex<HashMap<Kind, Counted>>,
    dropped: AtomicU64,
}

/// What denials have in common to be one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    address: String,
    /// Empty for the rest of an address that tries many things.
    what: String,
}

#[derive(Debug)]
struct Counted {
    first: Denial,
    requests: u64,
    rest: bool,
}

impl Denials {
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn add(&self, denial: Denial) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let address = denial.origin.address.clone();
        let mut kind = Kind {
            what: what(&denial),
            address,
        };
        let mut rest = false;
        if !waiting.contains_key(&kind) {
            let of_address = waiting.keys().filter(|k| k.address == kind.address).count();
            if of_address >= OF_ONE_ADDRESS {
                kind.what.clear();
                rest = true;
            }
        }
        let full = waiting.len() >= MOST;
        match waiting.entry(kind) {
            Entry::Occupied(mut present) => present.get_mut().requests += 1,
            Entry::Vacant(_) if full => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
            Entry::Vacant(place) => {
                place.insert(Counted {
                    first: denial,
                    requests: 1,
                    rest,
                });
            }
        }
    }

    fn take(&self) -> Vec<Counted> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain().map(|(_, counted)| counted).collect()
    }
}

fn what(denial: &Denial) -> String {
    let who = match (&denial.caller, &denial.credential) {
        (Some(caller), _) => caller.user_id.clone(),
        (None, Some(credential)) => shown(credential),
        (None, None) => String::new(),
    };
    format!("{} {} {who}", denial.route, denial.code)
}

/// A name for a credential that says nothing about it.
fn shown(credential: &str) -> String {
    let beginning: String = credential.chars().take(PREFIX).collect();
    secret::hash(&beginning)[..16].to_owned()
}

impl Counted {
    fn detail(&self) -> Value {
        let first = &self.first;
        let mut detail = json!({
            "route": first.route,
            "code": first.code,
            "requests": self.requests,
        });
        if let Some(credential) = &first.credential {
            detail["credential"] = json!(shown(credential));
        }
        if self.rest {
            detail["and_others"] = json!(true);
        }
        detail
    }
}

impl Studio {
    /// Counts a refused request; it is written within a second or so.
    pub fn note_denial(&self, denial: Denial) {
        self.audit_keeping().denials.add(denial);
    }

    /// Writes the denials that were counted; says how many rows that were.
    ///
    /// # Errors
    /// Of the database; the denials are counted as dropped then.
    pub async fn write_denials(&self) -> Result<usize, Fault> {
        let denials = &self.audit_keeping().denials;
        let counted = &denials.take();
        if counted.is_empty() {
            return Ok(0);
        }
        let written = self
            .store()
            .write(|tx| async move {
                for one in counted {
                    let deed = Deed::denied("access.deny").detail(one.detail());
                    match &one.first.caller {
                        Some(caller) => record(&tx, caller, deed).await?,
                        None => record_unsigned(&tx, None, &one.first.origin, deed).await?,
                    }
                }
                Ok::<_, Fault>(())
            })
            .await;
        match written {
            Ok(()) => Ok(counted.len()),
            Err(fault) => {
                let lost: u64 = counted.iter().map(|one| one.requests).sum();
                denials.dropped.fetch_add(lost, Ordering::Relaxed);
                Err(fault)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(address: &str, credential: &str) -> Denial {
        Denial {
            origin: Origin {
                address: address.to_owned(),
                ..Origin::default()
            },
            caller: None,
            credential: Some(credential.to_owned()),
            route: "GET /v1/models".to_owned(),
            code: "invalid_api_key".to_owned(),
        }
    }

    #[test]
    fn g02_a_flood_of_denials_is_a_few_counted_rows() {
        let denials = Denials::default();
        for number in 0..10_000 {
            denials.add(denial("10.0.0.1", &format!("{number}-of-many-credentials")));
        }
        denials.add(denial("10.0.0.2", "hk_a"));
        denials.add(denial("10.0.0.2", "hk_a"));
        let counted = denials.take();
        assert_eq!(counted.len(), OF_ONE_ADDRESS + 2);
        let requests: u64 = counted.iter().map(|one| one.requests).sum();
        assert_eq!((requests, denials.dropped()), (10_002, 0));
        let rest = counted.iter().find(|one| one.rest).unwrap();
        assert_eq!(rest.detail()["and_others"], true);
        assert!(denials.take().is_empty());
    }

    #[test]
    fn g02_denials_from_everywhere_are_bounded_and_counted() {
        let denials = Denials::default();
        for number in 0..1000 {
            denials.add(denial(
                &format!("10.0.{}.{}", number / 250, number % 250),
                "x",
            ));
        }
        assert_eq!(denials.take().len(), MOST);
        assert_eq!(denials.dropped(), 1000 - MOST as u64);
    }

    #[test]
    fn a_credential_is_not_in_the_row() {
        let counted = Counted {
            first: denial("10.0.0.1", "hk_secretsecret"),
            requests: 1,
            rest: false,
        };
        let told = counted.detail().to_string();
        assert!(
            !told.contains("hk_") && told.contains("credential"),
            "{told}"
        );
    }
}
