//! The secrets that a studio works with, as whoever starts it gathered them.

use std::fmt;

use hanok_domain::fault::Fault;

use super::Sealer;
use crate::secret::hex;

/// What an installation seals and signs with.
#[derive(Clone)]
pub struct Secrets {
    /// Seals values of rows.
    pub sealer: Sealer,
    /// Signs tokens.
    pub jwt: Vec<u8>,
    /// Signs what a browser keeps.
    pub session: Vec<u8>,
}

impl Secrets {
    /// New ones, for an installation that forgets them.
    ///
    /// # Errors
    /// No random bytes.
    pub fn random() -> Result<Self, Fault> {
        let mut bytes = [0u8; 96];
        getrandom::fill(&mut bytes)
            .map_err(|error| Fault::internal(format!("no random bytes: {error}")))?;
        let (key, rest) = bytes.split_at(32);
        let (jwt, session) = rest.split_at(32);
        Ok(Self {
            sealer: Sealer::new(&hex(key), &[])?,
            jwt: jwt.to_vec(),
            session: session.to_vec(),
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}
