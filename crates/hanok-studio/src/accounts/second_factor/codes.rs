//! Codes of RFC 6238: HMAC-SHA-1 over steps of 30 seconds, six digits. Knows no account.

use aws_lc_rs::hmac;

/// Bytes of a secret: as many as the hash has.
const SECRET: usize = 20;
/// Seconds of a step.
const STEP: i64 = 30;
/// Steps before and after the present one whose codes are taken, for clocks that differ.
const WINDOW: i64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, in base 32.
pub(super) fn generate() -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; SECRET];
    getrandom::fill(&mut bytes)?;
    Ok(encode(&bytes))
}

/// The address that authenticator apps read.
pub(super) fn address(account: &str, secret: &str) -> String {
    let account: String = account.bytes().map(escaped).collect();
    format!(
        "otpauth://totp/Hanok:{account}?secret={secret}&issuer=Hanok&algorithm=SHA1&digits=6&period={STEP}"
    )
}

/// The step whose code this is, at `now` in seconds. Every step of the window is looked at, whichever fits.
pub(super) fn step_of(secret: &str, code: &str, now: i64) -> Option<i64> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decode(secret)?);
    let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let given: u32 = code.parse().ok().filter(|_| digits)?;
    let present = now.div_euclid(STEP);
    let mut found = None;
    for step in present - WINDOW..=present + WINDOW {
        if code_at(&key, step) == given {
            found = Some(step);
        }
    }
    found
}

fn code_at(key: &hmac::Key, step: i64) -> u32 {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 0xf);
    let bytes = [
        tag[offset] & 0x7f,
        tag[offset + 1],
        tag[offset + 2],
        tag[offset + 3],
    ];
    u32::from_be_bytes(bytes) % 1_000_000
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        held = (held << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

fn escaped(byte: u8) -> String {
    match byte {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_rfc_6238_come_out() {
        let secret = encode(b"12345678901234567890");
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(decode(&secret).unwrap(), b"12345678901234567890");
        // Appendix B has eight digits; six are its last.
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(&secret, code, now), Some(now / 30), "{now}");
            assert_eq!(step_of(&secret, code, now + 30), Some(now / 30), "{now}");
            assert_eq!(step_of(&secret, code, now - 30), Some(now / 30), "{now}");
            assert_eq!(step_of(&secret, code, now + 60), None, "{now}");
            assert_eq!(step_of(&secret, code, now - 60), None, "{now}");
        }
    }

    #[test]
    fn odd_codes_are_refused() {
        let secret = generate().unwrap();
        assert_eq!(secret.len(), 32);
        for odd in [
            "",
            "12345",
            "1234567",
            "+12345",
            "12 456",
            "١٢٣٤٥٦",
            "abcdef",
        ] {
            assert_eq!(step_of(&secret, odd, 59), None, "{odd}");
        }
        assert_eq!(step_of("no base 32!", "123456", 59), None);
    }

    #[test]
    fn an_address_keeps_odd_names_in_their_place() {
        let address = address("a b&secret=x", "ABC");
        assert!(address.starts_with("otpauth://totp/Hanok:a%20b%26secret%3Dx?secret=ABC&"));
    }
}
