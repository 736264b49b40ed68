//! A request at the gate: an address that tried too many wrong credentials, then the caller's own limit.

use std::net::IpAddr;
use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::access::{Caller, Credential};
use hanok_studio::rate::{Rule, Verdict};
use sha2::{Digest, Sha256};

use super::{Class, Count, Gate};
use crate::extract::hex;

/// How long a credential that was good is let in from an address that tries wrong ones.
const KNOWN_FOR: Duration = Duration::from_secs(3600);

/// A request whose caller is not known yet.
pub struct Attempt {
    /// Where it came from.
    pub address: IpAddr,
    /// What it shows, whatever it is worth.
    pub credential: Option<String>,
}

/// What a request that was counted may do, and what its answer tells.
#[derive(Debug, Clone, Copy)]
pub struct Passed(pub Option<Verdict>);

impl Passed {
    /// Of two, the one that leaves less: a refusal, else fewer requests.
    fn or_less(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) if (a.allowed, a.remaining) < (b.allowed, b.remaining) => self,
            (_, None) => self,
            _ => other,
        }
    }

    /// The refusal, if it is one.
    pub fn fault(&self) -> Option<Fault> {
        let verdict = self.0.filter(|verdict| !verdict.allowed)?;
        let text = format!("More than {} requests in a minute.", verdict.limit);
        let fault = Fault::new(FaultKind::Limited, "rate_limit_exceeded", text);
        let seconds = super::tell::seconds(verdict.retry);
        Some(fault.remedy(format!("Try again in {seconds} s.")))
    }
}

impl Gate {
    /// Before a credential is looked up: an address that showed too many that are none is let in with those
    /// alone that were good before, so that guessing is slow and those at work behind the same address go on.
    pub async fn attempt(&self, attempt: &Attempt) -> Passed {
        let (Some(rule), Some(credential)) = (self.rule(Count::Failures), &attempt.credential)
        else {
            return Passed(None);
        };
        if self.0.limiter.remembers(&digest(credential)) {
            return Passed(None);
        }
        let name = name(Count::Failures, &address(attempt.address));
        let verdict = self.0.limiter.peek(&name, rule).await;
        if verdict.allowed {
            return Passed(None);
        }
        self.tally(Count::Failures, false);
        Passed(Some(verdict))
    }

    /// The credential was good.
    pub fn succeeded(&self, attempt: &Attempt) {
        if let (Some(_), Some(credential)) = (self.rule(Count::Failures), &attempt.credential) {
            self.0.limiter.remember(&digest(credential), KNOWN_FOR);
        }
    }

    /// It was none, or not enough, or there was none: counted for the address.
    pub async fn failed(&self, attempt: &Attempt, why: FaultKind) -> Passed {
        let guessed = why == FaultKind::Unauthenticated && attempt.credential.is_some();
        let count = if guessed {
            Count::Failures
        } else {
            Count::General
        };
        let subject = address(attempt.address);
        self.take(count, self.rule(count), &subject).await
    }

    /// Counts a request of a known caller, or one of nobody's for its address: first by the bounds that the
    /// caller's key has of its own, then by those of all.
    pub async fn pass(&self, class: Class, caller: Option<&Caller>, from: IpAddr) -> Passed {
        let Some(count) = Count::of(class) else {
            return Passed(None);
        };
        let Some(caller) = caller else {
            return self.take(count, self.rule(count), &address(from)).await;
        };
        let subject = who(caller);
        let mut told = Passed(None);
        for (what, rule) in own(class, caller) {
            let verdict = self
                .0
                .limiter
                .take(&format!("{what}:{subject}"), rule)
                .await;
            if !verdict.allowed {
                self.tally(count, false);
                return Passed(Some(verdict));
            }
            told = told.or_less(Passed(Some(verdict)));
        }
        match is_exempt(caller) {
            true => told,
            false => told.or_less(self.take(count, self.rule(count), &subject).await),
        }
    }

    async fn take(&self, count: Count, rule: Option<Rule>, subject: &str) -> Passed {
        let Some(rule) = rule else {
            return Passed(None);
        };
        let verdict = self.0.limiter.take(&name(count, subject), rule).await;
        self.tally(count, verdict.allowed);
        Passed(Some(verdict))
    }
}

/// The bounds of the caller's key itself that a request of this class counts for.
fn own(class: Class, caller: &Caller) -> impl Iterator<Item = (&'static str, Rule)> {
    let limits = &caller.limits;
    let computes = matches!(class, Class::Expensive | Class::Inference);
    let rule = |most: Option<i64>| {
        let most = most.map(|most| u32::try_from(most).unwrap_or(u32::MAX));
        most.and_then(Rule::per_minute)
    };
    [
        ("all", rule(limits.requests_per_minute)),
        (
            "computing",
            rule(limits.expensive_per_minute.filter(|_| computes)),
        ),
    ]
    .into_iter()
    .filter_map(|(what, rule)| Some((what, rule?)))
}

/// Commands on this machine, and keys that an administrator made for load.
fn is_exempt(caller: &Caller) -> bool {
    caller.credential == Credential::Local || caller.scopes.rate_exempt()
}

fn who(caller: &Caller) -> String {
    match &caller.credential {
        Credential::Key { id } => format!("key:{id}"),
        _ => format!("user:{}", caller.user_id),
    }
}

/// An address as it is counted: of IPv6 the network that one customer has.
fn address(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("addr:{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("addr:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn name(count: Count, subject: &str) -> String {
    format!("{}:{subject}", count.as_str())
}

/// Credentials are kept by their hash alone.
fn digest(credential: &str) -> String {
    hex(&Sha256::digest(credential.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_count_together() {
        let of = |text: &str| address(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), "addr:192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "addr:192.0.2.7");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
