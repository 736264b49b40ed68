//! Which passwords are taken: long ones that are neither common nor made of what everybody sees of the account.
//! There are no rules on the kinds of characters (NIST SP 800-63B).

use hanok_domain::fault::Fault;

use super::common;

/// The longest password, bytes.
const MAX_BYTES: usize = 1024;

/// Whether a password is one that can be looked at, right or wrong.
pub(in crate::accounts) fn bounded(password: &str, field: &str) -> Result<(), Fault> {
    if password.len() > MAX_BYTES {
        let text = format!("A password has at most {MAX_BYTES} bytes.");
        return Err(Fault::invalid("password_too_long", text).field(field));
    }
    Ok(())
}

/// Whether a new password is taken, for an account with this name and address; `least` is the fewest
/// characters.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, least: usize, name: &str, email: Option<&str>) -> Result<(), Fault> {
    bounded(password, "password")?;
    if password.chars().count() < least {
        let text = format!("A password has at least {least} characters.");
        return Err(Fault::invalid("password_too_short", text)
            .field("password")
            .remedy(
                "Several words that have nothing to do with each other are easy to keep in mind.",
            ));
    }
    let lower = password.to_lowercase();
    let local = email.and_then(|email| email.split('@').next());
    let own = [Some(name), local, Some("hanok")];
    let telling = |part: &str| part.chars().count() >= 4 && lower.contains(part);
    if own.into_iter().flatten().any(telling) {
        let text = "A password does not contain the account's name or address, nor “hanok”.";
        return Err(Fault::invalid("password_of_account", text).field("password"));
    }
    if common::is_common(&lower) {
        let text = "This password is among the first that are guessed.";
        return Err(Fault::invalid("password_common", text)
            .field("password")
            .remedy("Take several words that have nothing to do with each other."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a23_short_common_and_telling_passwords_are_refused() {
        let code = |password: &str| {
            let checked = check(password, 12, "anna", Some("anna.lee@example.org"));
            checked.err().map(|fault| fault.code.into_owned())
        };
        for (password, expected) in [
            ("", "password_too_short"),
            ("a", "password_too_short"),
            ("eleven char", "password_too_short"),
            ("my anna is nice", "password_of_account"),
            ("x anna.lee 12345", "password_of_account"),
            ("hanokhanok99!", "password_of_account"),
            ("Password1234", "password_common"),
            ("P@ssw0rd2024!", "password_common"),
            ("qwertyuiop12", "password_common"),
            ("123456789012", "password_common"),
            ("aaaaaaaaaaaa", "password_common"),
            ("abcabcabcabc", "password_common"),
            ("letmeinletmein", "password_common"),
            ("welcome-admin-1", "password_common"),
        ] {
            assert_eq!(code(password).as_deref(), Some(expected), "{password}");
        }
        let long = "é".repeat(600);
        assert_eq!(code(&long).as_deref(), Some("password_too_long"));
    }

    #[test]
    fn a22_long_and_odd_passwords_are_taken() {
        let phrase = "correct horse battery staple";
        let sixty_four = "plum ".repeat(20) + "river";
        for password in [
            phrase,
            "다람쥐 헌 쳇바퀴에 타고파",
            &sixty_four,
            "🦊🦊🦊🦊 in the snow",
        ] {
            assert_eq!(check(password, 12, "anna", None), Ok(()), "{password}");
        }
    }
}
