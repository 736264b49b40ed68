//! Keeps a certificate that an authority issues to us (RFC 8555): has it issued, serves it, renews it in
//! time, and goes on serving the old one while a renewal fails. HTTP-01 is the one proof it offers.

mod http;
mod order;
mod place;

use std::path::PathBuf;
use std::time::Duration;

use hanok_domain::fault::{Fault, FaultKind};
use tokio_util::sync::CancellationToken;

use super::pair::{date, now};
use super::{Challenges, Current, Pair};
use http::Authority;
use place::Place;

/// The longest sleep: clocks jump, and machines are suspended.
const LOOK: Duration = Duration::from_secs(3600);
/// After the first failure; the usual authority allows five failures in an hour.
const FIRST_PAUSE: Duration = Duration::from_secs(120);
/// However often it failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// What certificate to keep, and from whom.
#[derive(Debug, Clone)]
pub struct AcmePlan {
    /// Host names that it is for.
    pub domains: Vec<String>,
    /// Whom the authority writes to.
    pub email: Option<String>,
    /// Directory of the authority, `https://…`.
    pub directory: String,
    /// Authority of the directory's own certificate; otherwise those that this machine trusts.
    pub ca_file: Option<PathBuf>,
    /// How long before its end it is renewed; otherwise a third of its lifetime.
    pub renew_before: Option<Duration>,
    /// Where account and certificates are kept, private to this user.
    pub folder: PathBuf,
}

/// Keeps the certificate.
pub struct Keeper {
    plan: AcmePlan,
    authority: Authority,
    place: Place,
    current: Current,
    challenges: Challenges,
    held: Option<Pair>,
}

impl Keeper {
    /// Takes up the certificate of an earlier start, if there is one for these names.
    ///
    /// # Errors
    /// A folder that cannot be used, or an authority that cannot be asked, with what to do.
    pub fn new(plan: AcmePlan, current: Current, challenges: Challenges) -> Result<Self, Fault> {
        let unusable = |what: String| {
            Fault::invalid("acme_unusable", what)
                .remedy("Check ACME_DIRECTORY_URL, ACME_CA_FILE and the data directory.")
        };
        let authority = Authority::new(&plan).map_err(unusable)?;
        let place = Place::open(&plan)
            .map_err(|error| unusable(format!("{}: {error}", plan.folder.display())))?;
        let held = place
            .certificate()
            .filter(|pair| plan.domains.iter().all(|name| pair.is_for(name)));
        if let Some(pair) = &held {
            current.install(pair);
        }
        Ok(Self {
            plan,
            authority,
            place,
            current,
            challenges,
            held,
        })
    }

    /// Keeps it until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut failures = 0;
        let mut next = self.due();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(until(next).min(LOOK)) => {}
            }
            if !until(next).is_zero() {
                continue;
            }
            let renewed = tokio::select! {
                () = stop.cancelled() => return,
                renewed = self.renew() => renewed,
            };
            match renewed {
                Ok(()) => {
                    failures = 0;
                    next = self.due();
                }
                Err(fault) => {
                    failures += 1;
                    let again = pause(failures);
                    next = now().saturating_add_unsigned(again.as_secs());
                    let again_in_s = again.as_secs();
                    tracing::warn!(%fault, again_in_s, "no certificate was issued");
                }
            }
        }
    }

    /// When the next certificate is to be asked for.
    fn due(&self) -> i64 {
        let before = self.plan.renew_before;
        self.held.as_ref().map_or(0, |pair| due(pair, before))
    }

    async fn renew(&mut self) -> Result<(), Fault> {
        let issued = order::issue(&self.plan, &self.authority, &self.place, &self.challenges);
        let pem = issued.await.map_err(|error| {
            Fault::new(FaultKind::Upstream, "acme_failed", error)
                .remedy("docs/operate/tls.md says what authorities need.")
        })?;
        let pair = place::parse(&pem)?;
        self.place.keep_certificate(&pem).map_err(|error| {
            Fault::internal(format!("the certificate could not be kept: {error}"))
        })?;
        self.current.install(&pair);
        tracing::info!(until = date(pair.ends), "a certificate was issued");
        self.held = Some(pair);
        Ok(())
    }
}

/// When a certificate is to be renewed, seconds since 1970. A tenth of its lifetime it is left in peace,
/// or a setting longer than that lifetime would never end asking.
fn due(pair: &Pair, before: Option<Duration>) -> i64 {
    let lifetime = (pair.ends - pair.begins).max(0);
    let before = before.map_or(lifetime / 3, |before| {
        i64::try_from(before.as_secs()).unwrap_or(i64::MAX)
    });
    pair.ends - before.min(lifetime / 10 * 9)
}

fn until(moment: i64) -> Duration {
    Duration::from_secs(u64::try_from(moment - now()).unwrap_or(0))
}

fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_are_bounded() {
        let minutes = |failures| pause(failures).as_secs() / 60;
        assert_eq!((minutes(1), minutes(2), minutes(3)), (2, 4, 8));
        assert_eq!(minutes(100), 360);
    }
}
