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

    fn key(byte: u8) -> ProjectSeal {
        let project = crate::ProjectKey {
            id: "proj_a".into(),
            key: [byte; 32],
        };
        SealKey::new([9; 32]).of(&project)
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(&key(1)).unwrap();
        let mut sealed = Vec::new();
        for piece in content.chunks(10_007) {
            sealed.extend(sealer.update(piece));
        }
        sealed.extend(sealer.finish());
        sealed
    }

    fn opened(sealed: &[u8], step: usize) -> Result<Vec<u8>, crate::ObjectError> {
        let mut opener = Opener::new(vec![key(2), key(1)], "hash");
        let mut content = Vec::new();
        for piece in sealed.chunks(step) {
            content.extend(opener.update(piece)?);
        }
        content.extend(opener.finish()?);
        Ok(content)
    }

    #[test]
    fn content_comes_back_however_it_is_cut() {
        for length in [
            0,
            1,
            CHUNK_LENGTH - 1,
            CHUNK_LENGTH,
            CHUNK_LENGTH + 1,
            3 * CHUNK_LENGTH,
        ] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = sealed(&content);
            assert_eq!(plain_length(sealed.len() as u64), Some(length as u64));
            for step in [1_000, CHUNK_LENGTH + TAG_LENGTH, 1 << 20] {
                assert!(opened(&sealed, step).unwrap() == content, "{length} {step}");
            }
        }
    }

    /// Without the address behind it, which would find each of these too.
    #[test]
    fn chunks_have_their_places_and_the_last_one_is_known() {
        let first = sealed(&[1; 3 * CHUNK_LENGTH]);
        let second = sealed(&[1; 3 * CHUNK_LENGTH]);
        let full = CHUNK_LENGTH + TAG_LENGTH;
        let chunk = |of: &[u8], number: usize| {
            of[HEADER_LENGTH + number * full..HEADER_LENGTH + (number + 1) * full].to_vec()
        };
        let with = |chunks: &[Vec<u8>]| [&first[..HEADER_LENGTH], &chunks.concat()].concat();
        let [a, b, c] = [0, 1, 2].map(|number| chunk(&first, number));
        assert!(opened(&with(&[a.clone(), b.clone(), c.clone()]), 4096).is_ok());
        let wrong = [
            vec![a.clone(), b.clone()],
            vec![a.clone()],
            vec![],
            vec![b.clone(), a.clone(), c.clone()],
            vec![a.clone(), c.clone()],
            vec![a.clone(), b.clone(), b.clone(), c.clone()],
            vec![a.clone(), b.clone(), c.clone(), c.clone()],
            vec![a.clone(), b.clone(), chunk(&second, 2)],
            vec![a, b, c, vec![0]],
        ];
        for chunks in wrong {
            assert!(
                opened(&with(&chunks), 4096).is_err(),
                "{} chunks",
                chunks.len()
            );
        }
        let other_header = [&second[..HEADER_LENGTH], &first[HEADER_LENGTH..]].concat();
        assert!(opened(&other_header, 4096).is_err());
    }
}
