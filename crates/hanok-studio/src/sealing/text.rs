//! A sealed value as a column holds it: `hk1.KEY.NONCE+BODY`, in hexadecimal. The version comes first, the
//! name of the key second, so that a rotation knows what is left to do without opening anything.

use crate::secret::hex;

const VERSION: &str = "hk1";
const NONCE: usize = 24;

/// The parts of a sealed value.
pub(super) struct Sealed {
    pub(super) key: String,
    pub(super) nonce: [u8; NONCE],
    pub(super) body: Vec<u8>,
}

impl Sealed {
    pub(super) fn write(&self) -> String {
        let (key, nonce, body) = (&self.key, hex(&self.nonce), hex(&self.body));
        format!("{VERSION}.{key}.{nonce}{body}")
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (version, key, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if version != VERSION || parts.next().is_some() {
            return None;
        }
        let bytes = from_hex(rest)?;
        let (nonce, body) = bytes.split_at_checked(NONCE)?;
        Some(Self {
            key: key.to_owned(),
            nonce: nonce.try_into().ok()?,
            body: body.to_vec(),
        })
    }
}

/// The key that a text is sealed under; none if it is not sealed at all.
pub(super) fn key_of(text: &str) -> Option<String> {
    Sealed::read(text).map(|sealed| sealed.key)
}

pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    };
    pairs.map(byte).collect()
}
