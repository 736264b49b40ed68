//! Access tokens: JWTs of one algorithm under one key of ours, read so strictly that there is one way to write
//! them. Whether the session behind a token is still open is asked elsewhere.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hanok_domain::fault::Fault;
use serde::{Deserialize, Serialize};

use super::ACCESS_LIFETIME;
use crate::secret;

/// Who makes these tokens.
const ISSUER: &str = "hanok";
/// What they are for.
const AUDIENCE: &str = "hanok-api";
/// The one algorithm.
const ALGORITHM: &str = "HS256";
/// What tells them from every other kind of JWT.
const TYPE: &str = "at+jwt";
/// No token of ours comes near this.
const LONGEST: usize = 2048;

/// The key of access tokens, and its name.
#[derive(Clone)]
pub(in crate::accounts) struct AccessKey {
    key: hmac::Key,
    id: String,
}

/// The header. What is not in it is refused, so that no key, no address of one and no extension comes with
/// a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The claims, all of them required, times as whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::accounts) struct Claims {
    iss: String,
    aud: String,
    /// `user_…`.
    pub(in crate::accounts) sub: String,
    /// `sess_…`.
    pub(in crate::accounts) sid: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// `proj_…`.
    pub(in crate::accounts) project: String,
}

/// Whom a token is for.
pub(super) struct Bearer<'a> {
    pub(super) user: &'a str,
    pub(super) session: &'a str,
    pub(super) project: &'a str,
}

impl AccessKey {
    pub(in crate::accounts) fn new(key: &[u8; 32]) -> Self {
        let id = secret::hash(&format!("key id {}", secret::hex(key)));
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            id: id[..16].to_owned(),
        }
    }

    /// A token from `now` on, in seconds.
    pub(super) fn issue(&self, bearer: &Bearer<'_>, now: i64) -> Result<String, Fault> {
        let unwritten = |e: serde_json::Error| Fault::internal(format!("no token: {e}"));
        let lifetime = i64::try_from(ACCESS_LIFETIME.as_secs()).unwrap_or(0);
        let id = secret::generate("").map_err(|e| Fault::internal(format!("no token: {e}")))?;
        let header = Header {
            alg: ALGORITHM.to_owned(),
            typ: TYPE.to_owned(),
            kid: self.id.clone(),
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.user.to_owned(),
            sid: bearer.session.to_owned(),
            jti: id,
            iat: now,
            nbf: now,
            exp: now + lifetime,
            project: bearer.project.to_owned(),
        };
        let header = serde_json::to_vec(&header).map_err(unwritten)?;
        let claims = serde_json::to_vec(&claims).map_err(unwritten)?;
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let tag = hmac::sign(&self.key, signed.as_bytes());
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    /// The claims of a token that we made and that is good at `now`, in seconds; nothing for all else.
    pub(in crate::accounts) fn read(&self, token: &str, now: i64) -> Option<Claims> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, tag) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        // Nothing of a token is looked at before its signature holds; the comparison takes the same time
        // wherever the first difference is.
        hmac::verify(&self.key, signed.as_bytes(), &tag).ok()?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let ours = header.alg == ALGORITHM && header.typ == TYPE && header.kid == self.id;
        let meant = claims.iss == ISSUER && claims.aud == AUDIENCE;
        (ours && meant && claims.hold(now)).then_some(claims)
    }
}

impl Claims {
    fn hold(&self, now: i64) -> bool {
        let lifetime = i64::try_from(ACCESS_LIFETIME.as_secs()).unwrap_or(0);
        self.nbf <= now
            && self.iat <= now
            && now < self.exp
            && self.exp.saturating_sub(self.iat) <= lifetime
    }
}

/// Whether a text could be an access token at all: three parts, which no other credential of ours has.
pub(in crate::accounts) fn looks_like_one(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
