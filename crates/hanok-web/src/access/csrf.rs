//! The token of a session's forms, as it stands in a page: masked anew for each answer, so that the length of a
//! compressed page tells nothing of it (BREACH). The token itself is derived from the session's.

use crate::extract::hex;

/// Bytes of a token.
const LENGTH: usize = 16;

/// A token as one page carries it: random bytes, and the token under them.
pub fn mask(token: &str) -> String {
    let (Some(token), Some(pad)) = (bytes::<LENGTH>(token), random()) else {
        // Without random bytes the form is refused; a token is never shown bare.
        return String::new();
    };
    format!("{}{}", hex(&pad), hex(&xor(token, pad)))
}

/// Whether what a form carried is this token under some mask.
pub fn matches(token: &str, given: &str) -> bool {
    let (Some(token), Some((pad, masked))) = (bytes::<LENGTH>(token), given.split_at_checked(32))
    else {
        return false;
    };
    let (Some(pad), Some(masked)) = (bytes::<LENGTH>(pad), bytes::<LENGTH>(masked)) else {
        return false;
    };
    let difference = xor(xor(pad, masked), token);
    difference.iter().fold(0, |all, byte| all | byte) == 0
}

fn random() -> Option<[u8; LENGTH]> {
    let mut pad = [0; LENGTH];
    getrandom::fill(&mut pad).ok()?;
    Some(pad)
}

fn xor(mut a: [u8; LENGTH], b: [u8; LENGTH]) -> [u8; LENGTH] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a ^= b);
    a
}

/// Hexadecimal digits as so many bytes.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut out = [0; N];
    for (place, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *place = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::cookie::csrf_token;

    #[test]
    fn each_mask_is_another_and_all_mean_the_same_token() {
        let token = csrf_token("a");
        let (one, two) = (mask(&token), mask(&token));
        assert_ne!(one, two);
        assert!(!one.contains(&token) && one.len() == 64);
        assert!(matches(&token, &one) && matches(&token, &two));
        assert!(!matches(&csrf_token("b"), &one));
        let other = format!("{}{}", &one[..32], &two[32..]);
        for wrong in ["", token.as_str(), &one[..63], &other, &"é".repeat(32)] {
            assert!(!matches(&token, wrong), "{wrong}");
        }
    }
}
