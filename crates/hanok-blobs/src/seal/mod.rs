//! Sealed objects: content encrypted here, before it is stored.
//!
//! Layout: a header (magic with version, the key's mark, a salt), then chunks of 64 KiB, each
//! followed by its tag. A chunk's nonce is its number and whether it is the last one, under a key
//! of this object alone, so that a chunk cannot be left out, moved, or put into another object.

mod key;
mod open;
mod write;

pub(crate) use key::ProjectSeal;
pub use key::SealKey;
pub(crate) use open::Opener;
pub(crate) use write::Sealer;

use chacha20poly1305::Nonce;

/// Names the format; the last byte is its version.
const MAGIC: [u8; 8] = *b"hnkseal\x01";
const MARK_LENGTH: usize = 16;
const SALT_LENGTH: usize = 32;
const HEADER_LENGTH: usize = MAGIC.len() + MARK_LENGTH + SALT_LENGTH;
const CHUNK_LENGTH: usize = 64 << 10;
const TAG_LENGTH: usize = 16;

/// The length of the content of a sealed object of that length; none if there is no such one.
pub(crate) fn plain_length(sealed: u64) -> Option<u64> {
    let body = sealed.checked_sub(HEADER_LENGTH as u64)?;
    let full = (CHUNK_LENGTH + TAG_LENGTH) as u64;
    let chunks = body.div_ceil(full);
    let last = body.checked_sub(full * chunks.checked_sub(1)?)?;
    let empty_after_others = last == TAG_LENGTH as u64 && chunks > 1;
    if last < TAG_LENGTH as u64 || empty_after_others {
        return None;
    }
    Some(body - chunks * TAG_LENGTH as u64)
}

/// Eleven bytes of number, one that says whether more follow.
fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0u8; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_sealed_objects_tell_those_of_their_contents() {
        let full = (CHUNK_LENGTH + TAG_LENGTH) as u64;
        let header = HEADER_LENGTH as u64;
        let tag = TAG_LENGTH as u64;
        assert_eq!(plain_length(header + tag), Some(0));
        assert_eq!(plain_length(header + tag + 1), Some(1));
        assert_eq!(plain_length(header + full), Some(64 << 10));
        assert_eq!(plain_length(header + full + tag + 1), Some((64 << 10) + 1));
        for none in [
            0,
            header,
            header + tag - 1,
            header + full + 1,
            header + full + tag,
        ] {
            assert_eq!(plain_length(none), None, "{none}");
        }
    }

    #[test]
    fn nonces_differ_by_number_and_by_end() {
        assert_eq!(nonce(0, false).as_slice(), [0; 12]);
        assert_eq!(nonce(258, true)[9..], [1, 2, 1]);
    }
}
