//! The lock against guessing. Failures are counted in the database, by account and by address, whatever way
//! they came: the page, the API, a one-time secret, a second factor, a token. Who is not there is counted and
//! locked as who is.

use std::net::IpAddr;
use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_store::rows::sign_in_failures::LockRule;
use hanok_store::{StoreError, Tx};

use crate::access::Origin;
use crate::secret;

const MINUTES: u64 = 60;

/// Ten wrong passwords within a quarter of an hour lock an account for as long; then for twice as long.
const ACCOUNT: LockRule = LockRule {
    limit: 10,
    window: Duration::from_secs(15 * MINUTES),
    lock: Duration::from_secs(15 * MINUTES),
    longest: Duration::from_secs(24 * 60 * MINUTES),
};

/// Behind one address there may be many.
const ADDRESS: LockRule = LockRule {
    limit: 100,
    ..ACCOUNT
};

/// What is forgotten: longer ago than any lock lasts.
pub(crate) const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * MINUTES);

/// Whose failures are counted.
#[derive(Debug, Clone, Default)]
pub struct Subjects {
    account: Option<String>,
    address: Option<String>,
}

impl Subjects {
    /// An account that is there, and where the try came from.
    pub fn account(user_id: &str, origin: &Origin) -> Self {
        Self {
            account: Some(account(user_id)),
            ..Self::of(origin)
        }
    }

    /// A name that no account has. It may be a password that was typed in the wrong place, so that only its
    /// hash is kept.
    pub fn absent(name: &str, origin: &Origin) -> Self {
        Self {
            account: Some(format!("name:{}", secret::hash(name))),
            ..Self::of(origin)
        }
    }

    /// Only where the try came from.
    pub fn of(origin: &Origin) -> Self {
        Self {
            account: None,
            address: address(&origin.address),
        }
    }

    fn all(&self) -> Vec<String> {
        [&self.account, &self.address]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }
}

/// Refuses whoever is locked, with the time to wait.
///
/// # Errors
/// 429 `locked_out`.
pub async fn check_lock(tx: &Tx, subjects: &Subjects) -> Result<(), Fault> {
    match tx.sign_in_failures().locked_until(&subjects.all()).await? {
        None => Ok(()),
        Some(until) => Err(locked_out(until - tx.now().await?)),
    }
}

/// Counts a failure. Says whether the account was locked by it; the transaction must be committed.
///
/// # Errors
/// Of the database.
pub async fn note_failure(tx: &Tx, subjects: &Subjects) -> Result<bool, StoreError> {
    let mut locked = false;
    // Always in this order, so that two never wait for each other.
    for (subject, rule) in [(&subjects.account, &ACCOUNT), (&subjects.address, &ADDRESS)] {
        if let Some(subject) = subject {
            locked |= tx.sign_in_failures().count(subject, rule).await?.is_some();
        }
    }
    Ok(locked)
}

/// A right password ends the count of wrong ones; what the address did is kept.
pub(super) async fn settle(tx: &Tx, user_id: &str) -> Result<(), StoreError> {
    tx.sign_in_failures().settle(&account(user_id)).await
}

/// Opens an account that was locked.
pub(super) async fn unlock(tx: &Tx, user_id: &str) -> Result<(), StoreError> {
    tx.sign_in_failures().clear(&account(user_id)).await
}

fn account(user_id: &str) -> String {
    format!("account:{user_id}")
}

/// One who has a whole network of IPv6 is one.
fn address(text: &str) -> Option<String> {
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => Some(format!("address:{address}")),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
    }
}

fn locked_out(left: i64) -> Fault {
    let seconds = u64::try_from(left / 1_000_000).unwrap_or(0) + 1;
    let minutes = seconds.div_ceil(60);
    let text = format!("Too many sign-ins failed. Try again in {minutes} min.");
    Fault::new(FaultKind::Limited, "locked_out", text)
        .remedy("Or ask an administrator for a link that sets a new password.")
        .retry_after(seconds)
}
