//! Recovery codes: made, written for people, hashed. Each has 80 bits, so that a plain hash keeps it.

use hanok_domain::fault::Fault;

use crate::secret;

/// How many an account gets.
const COUNT: usize = 10;
/// Letters that are not taken for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
const LENGTH: usize = 16;
const GROUP: usize = 4;

/// New codes, as they are shown, with what is stored of them.
pub(super) fn generate(user: &str) -> Result<(Vec<String>, Vec<String>), Fault> {
    let mut shown = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let mut bytes = [0u8; LENGTH];
        getrandom::fill(&mut bytes)
            .map_err(|e| Fault::internal(format!("no random bytes: {e}")))?;
        let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        let groups: Vec<String> = letters.chunks(GROUP).map(|g| g.iter().collect()).collect();
        shown.push(groups.join("-"));
    }
    let hashes = shown.iter().filter_map(|code| hash(user, code)).collect();
    Ok((shown, hashes))
}

/// What is stored of a code, however it was typed; nothing for what is none.
pub(super) fn hash(user: &str, code: &str) -> Option<String> {
    let plain: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let ours = plain.len() == LENGTH && plain.bytes().all(|byte| ALPHABET.contains(&byte));
    ours.then(|| secret::hash(&format!("recovery code\0{user}\0{plain}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_known_however_they_are_typed() {
        let (shown, hashes) = generate("user_a").unwrap();
        assert_eq!((shown.len(), hashes.len()), (COUNT, COUNT));
        let distinct: std::collections::HashSet<&String> = hashes.iter().collect();
        assert_eq!(distinct.len(), COUNT);
        let typed = shown[0].to_uppercase().replace('-', " ");
        assert_eq!(hash("user_a", &typed).as_ref(), Some(&hashes[0]));
        assert_ne!(hash("user_b", &shown[0]).as_ref(), Some(&hashes[0]));
        for odd in ["", "123456", "abcd-efgh", &"a".repeat(17), "ｅｅｅｅ"] {
            assert_eq!(hash("user_a", odd), None, "{odd}");
        }
    }
}
