//! Public keys of a provider, and signatures by them. Which algorithm a key is for follows from its type;
//! nothing symmetric is among them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The algorithms of ID tokens that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    /// By its exact name; `none` and whatever is symmetric have none here.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The key set of a provider.
#[derive(Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// One key, of whatever type.
#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Whether the one key of this name that fits the algorithm signed this.
    pub(super) fn signed(&self, id: &str, algorithm: Algorithm, text: &[u8], tag: &[u8]) -> bool {
        let mut named = self.keys.iter().filter(|key| key.fits(id, algorithm));
        match (named.next(), named.next()) {
            (Some(key), None) => key.signed(algorithm, text, tag).is_some(),
            _ => false,
        }
    }
}

impl Key {
    fn fits(&self, id: &str, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => self.kty == "RSA",
            Algorithm::Es256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            Algorithm::EdDsa => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
        };
        kind && self.kid.as_deref() == Some(id)
            && self
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
            && self
                .alg
                .as_deref()
                .is_none_or(|alg| alg == algorithm.name())
    }

    fn signed(&self, algorithm: Algorithm, text: &[u8], tag: &[u8]) -> Option<()> {
        match algorithm {
            Algorithm::Rs256 => self.signed_rsa(&RSA_PKCS1_2048_8192_SHA256, text, tag),
            Algorithm::Ps256 => self.signed_rsa(&RSA_PSS_2048_8192_SHA256, text, tag),
            Algorithm::Es256 => {
                let (x, y) = (bytes(&self.x)?, bytes(&self.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                let point = [&[4][..], &x, &y].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(text, tag).ok()
            }
            Algorithm::EdDsa => {
                let key = UnparsedPublicKey::new(&ED25519, bytes(&self.x)?);
                key.verify(text, tag).ok()
            }
        }
    }

    fn signed_rsa(&self, how: &RsaParameters, text: &[u8], tag: &[u8]) -> Option<()> {
        let key = RsaPublicKeyComponents {
            n: bytes(&self.n)?,
            e: bytes(&self.e)?,
        };
        key.verify(how, text, tag).ok()
    }
}

fn bytes(part: &Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.as_deref()?).ok()
}
