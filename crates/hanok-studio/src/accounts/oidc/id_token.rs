//! ID tokens: who the provider says somebody is. Read strictly, since this is what an account is opened by.

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::jwk::{Algorithm, Keys};
use crate::secret;

/// Seconds that the clocks of the provider and ours may differ.
const LEEWAY: i64 = 60;
/// Characters of a subject at most, as the standard has it.
const LONGEST_SUBJECT: usize = 255;
/// Fields of a header that bring a key or change its meaning.
const FOREIGN: [&str; 6] = ["jwk", "jku", "x5u", "x5c", "crit", "b64"];

/// What a token has to be.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// Hash of the nonce that was sent.
    pub(super) nonce_hash: &'a str,
    /// The access token that came with it.
    pub(super) access_token: Option<&'a str>,
    /// Now, in seconds.
    pub(super) now: i64,
}

/// Who somebody is at the provider.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) subject: String,
    /// Everything else that was said.
    pub(super) claims: Map<String, Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: String,
    at_hash: Option<String>,
}

/// The person of a token that is all that is expected; nothing otherwise.
pub(super) fn read(token: &str, keys: &Keys, expected: &Expected<'_>) -> Option<Person> {
    let (signed, tag) = token.rsplit_once('.')?;
    let (header, body) = signed.split_once('.')?;
    let header: Map<String, Value> = json(header)?;
    if FOREIGN.iter().any(|field| header.contains_key(*field)) {
        return None;
    }
    let algorithm = Algorithm::parse(header.get("alg")?.as_str()?)?;
    let key = header.get("kid")?.as_str()?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    if !keys.signed(key, algorithm, signed.as_bytes(), &tag) {
        return None;
    }
    let claims: Claims = json(body)?;
    let known = claims.known(expected) && claims.goes_with(algorithm, expected.access_token);
    known.then_some(Person {
        subject: claims.sub,
        claims: json(body)?,
    })
}

fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

impl Claims {
    fn known(&self, expected: &Expected<'_>) -> bool {
        let now = expected.now;
        let timely = now < self.exp.saturating_add(LEEWAY)
            && self.iat <= now + LEEWAY
            && self.nbf.is_none_or(|nbf| nbf <= now + LEEWAY);
        let named = !self.sub.is_empty() && self.sub.chars().count() <= LONGEST_SUBJECT;
        self.iss == expected.issuer
            && self.for_us(expected.client_id)
            && secret::hash(&self.nonce) == expected.nonce_hash
            && timely
            && named
    }

    /// Whether we are the audience; of several only the one that it was made for.
    fn for_us(&self, client: &str) -> bool {
        let (among, alone) = match &self.aud {
            Value::String(one) => (one == client, true),
            Value::Array(all) => (all.iter().any(|one| one == client), all.len() == 1),
            _ => (false, false),
        };
        among
            && match self.azp.as_deref() {
                Some(party) => party == client,
                None => alone,
            }
    }

    /// Whether it was made together with this access token, if it says so.
    fn goes_with(&self, algorithm: Algorithm, access: Option<&str>) -> bool {
        let Some(told) = &self.at_hash else {
            return true;
        };
        let Some(access) = access else {
            return false;
        };
        let how = match algorithm {
            Algorithm::EdDsa => &digest::SHA512,
            _ => &digest::SHA256,
        };
        let hash = digest::digest(how, access.as_bytes());
        let half = &hash.as_ref()[..hash.as_ref().len() / 2];
        let told = URL_SAFE_NO_PAD.decode(told).unwrap_or_default();
        constant_time::verify_slices_are_equal(half, &told).is_ok()
    }
}
