//! Names and addresses of accounts: one spelling of each (NFKC, lower case), and what is taken as one. Checked
//! by hand, character by character, so that no input takes long.

use hanok_domain::fault::Fault;
use unicode_normalization::UnicodeNormalization;

const MAX_NAME: usize = 64;
const MAX_EMAIL: usize = 254;
const MAX_LOCAL: usize = 64;

/// The one spelling of a name or address; what is too long to be one is cut.
pub(super) fn fold(given: &str) -> String {
    let text: String = given.trim().chars().take(MAX_EMAIL + 1).collect();
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// A name to sign in with.
pub(super) fn name(given: &str) -> Result<String, Fault> {
    let name = fold(given);
    let inner = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let sound = (2..=MAX_NAME).contains(&name.chars().count())
        && name.chars().all(inner)
        && name.starts_with(char::is_alphanumeric);
    if sound {
        return Ok(name);
    }
    let text = "A name has 2 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.";
    Err(Fault::invalid("invalid_name", text).field("name"))
}

/// An address.
pub(super) fn email(given: &str) -> Result<String, Fault> {
    let email = fold(given);
    match is_email(&email) {
        true => Ok(email),
        false => {
            let text = "This is no e-mail address such as ann@example.org.";
            Err(Fault::invalid("invalid_email", text).field("email"))
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= MAX_EMAIL
        && (1..=MAX_LOCAL).contains(&local.len())
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_each_name_and_address() {
        assert_eq!(name(" Ａnn ").unwrap(), "ann");
        assert_eq!(name("김하늘").unwrap(), "김하늘");
        assert_eq!(email("Ann@Example.ORG").unwrap(), "ann@example.org");
    }

    #[test]
    fn c10_what_would_break_a_header_or_a_page_is_no_name_and_no_address() {
        let long = "a".repeat(300);
        for bad in [
            "",
            "a",
            ".a",
            "a b",
            "ann\r\nBcc: x",
            "a\0b",
            "a@b",
            "a\u{200b}b",
            &long,
        ] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        let at = format!("{long}@example.org");
        let bad = [
            "",
            "ann",
            "ann@",
            "@example.org",
            "ann@localhost",
            "ann@ex ample.org",
            "ann@example.org\r\nx",
            "a@b@c.org",
            "ann@-x.org",
            "ann@x..org",
            ".a@x.org",
            "a..b@x.org",
            "<a@x.org>",
            "\"a\"@x.org",
            &at,
        ];
        for bad in bad {
            // A line's end around an address is a blank that was typed with it.
            assert!(email(bad).is_err() || bad.trim() != bad, "{bad:?}");
        }
        assert!(email("ann@example.org\r\nbcc: eve@example.org").is_err());
    }
}
