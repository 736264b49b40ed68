//! Secrets that we make: random, with a prefix and a checksum, so that a typo is told from a wrong key
//! and a scanner can find a leaked one; stored as SHA-256, since they have 238 bits of their own.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM: usize = 40;
const CHECK: usize = 6;

/// A new secret: prefix, 40 random characters, 6 of checksum.
pub fn generate(prefix: &str) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(prefix.len() + RANDOM + CHECK);
    text.push_str(prefix);
    while text.len() < prefix.len() + RANDOM {
        let mut bytes = [0u8; 64];
        getrandom::fill(&mut bytes)?;
        // Values from 248 on would favour the first letters of the alphabet.
        let letters = bytes.iter().filter(|b| **b < 248);
        let wanted = prefix.len() + RANDOM - text.len();
        text.extend(
            letters
                .take(wanted)
                .map(|b| ALPHABET[usize::from(b % 62)] as char),
        );
    }
    let check = checksum(&text);
    text.push_str(&check);
    Ok(text)
}

/// Whether the text has the shape of a secret with this prefix and its checksum fits.
pub fn well_formed(prefix: &str, text: &str) -> bool {
    text.len() == prefix.len() + RANDOM + CHECK
        && text.is_ascii()
        && text.starts_with(prefix)
        && checksum(&text[..prefix.len() + RANDOM]) == text[prefix.len() + RANDOM..]
}

/// What is stored instead of the secret.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..CHECK]
        .iter()
        .map(|b| ALPHABET[usize::from(b % 62)] as char)
        .collect()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_check_out_and_a_typo_is_seen() {
        let a = generate("hk_").unwrap();
        let b = generate("hk_").unwrap();
        assert_ne!(a, b);
        assert!(well_formed("hk_", &a));
        assert!(!well_formed("hs_", &a));
        let mut typo = a.clone().into_bytes();
        typo[10] = if typo[10] == b'a' { b'b' } else { b'a' };
        assert!(!well_formed("hk_", &String::from_utf8(typo).unwrap()));
        assert_ne!(hash(&a), hash(&b));
    }

    #[test]
    fn odd_input_is_refused_without_panic() {
        for text in ["", "hk_", "hk_ é", &"ü".repeat(24), &"x".repeat(10_000)] {
            assert!(!well_formed("hk_", text));
        }
    }
}
