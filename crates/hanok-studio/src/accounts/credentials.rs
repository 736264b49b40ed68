//! What credentials rest on: keys derived from the installation's secrets, and what is demanded of accounts.
//! Does not keep the secrets themselves.

use std::sync::Arc;

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use hanok_domain::fault::Fault;
use hanok_domain::role::UserRole;

use super::oidc::{Oidc, OidcSettings};
use super::tokens::AccessKey;

/// Bytes that a secret has at least.
const SECRET: usize = 32;

/// Who must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Demand {
    /// Nobody.
    #[default]
    None,
    /// Administrators.
    Admins,
    /// Everybody who signs in.
    All,
}

impl Demand {
    /// Whether an account of this role must have one: a program has nowhere to enrol.
    pub fn of(self, role: &UserRole) -> bool {
        match self {
            Self::None => false,
            Self::Admins => *role == UserRole::Admin,
            Self::All => *role != UserRole::Service,
        }
    }
}

/// What credentials rest on; cheap to clone.
#[derive(Clone)]
pub struct Credentials {
    pub(super) access: AccessKey,
    pub(super) demand: Demand,
    pub(super) oidc: Option<Arc<Oidc>>,
}

impl Credentials {
    /// From the secret of access tokens.
    ///
    /// # Errors
    /// A secret of less than 32 bytes.
    pub fn new(token_secret: &[u8]) -> Result<Self, Fault> {
        let access = derive(token_secret, b"hanok access token v1")?;
        Ok(Self {
            access: AccessKey::new(&access),
            demand: Demand::None,
            oidc: None,
        })
    }

    /// Of secrets that are forgotten with it, for a studio that nobody signs in to.
    ///
    /// # Errors
    /// No random bytes.
    pub fn passing() -> Result<Self, Fault> {
        let mut secret = [0u8; SECRET];
        getrandom::fill(&mut secret)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        Self::new(&secret)
    }

    /// With a second factor demanded.
    #[must_use]
    pub fn demand(mut self, demand: Demand) -> Self {
        self.demand = demand;
        self
    }

    /// With a provider of identities.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn oidc(mut self, settings: OidcSettings) -> Result<Self, Fault> {
        self.oidc = Some(Arc::new(Oidc::new(settings)?));
        Ok(self)
    }
}

/// A key of its own for each use, so that what leaks of one tells nothing of another.
fn derive(secret: &[u8], label: &[u8]) -> Result<[u8; 32], Fault> {
    if secret.len() < SECRET {
        let text = format!("A secret has at least {SECRET} bytes.");
        return Err(Fault::invalid("weak_secret", text).remedy("Make one: openssl rand -hex 32"));
    }
    let mut key = [0u8; 32];
    let labels = [label];
    let prk = Salt::new(HKDF_SHA256, b"hanok").extract(secret);
    prk.expand(&labels, HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| Fault::internal("a key could not be derived"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a04_a_blank_or_short_secret_is_refused() {
        for short in [&b""[..], b"secret", &[0; 31]] {
            let fault = Credentials::new(short).err().unwrap();
            assert_eq!(fault.code, "weak_secret");
        }
        assert!(Credentials::new(&[1; 32]).is_ok());
    }

    #[test]
    fn a_second_factor_is_demanded_of_people_alone() {
        let of = |demand: Demand| {
            [UserRole::Admin, UserRole::User, UserRole::Service].map(|role| demand.of(&role))
        };
        assert_eq!(of(Demand::None), [false, false, false]);
        assert_eq!(of(Demand::Admins), [true, false, false]);
        assert_eq!(of(Demand::All), [true, true, false]);
    }

    #[test]
    fn keys_for_different_uses_differ() {
        let secret = [7; 32];
        assert_ne!(
            derive(&secret, b"a").unwrap(),
            derive(&secret, b"b").unwrap()
        );
    }
}
