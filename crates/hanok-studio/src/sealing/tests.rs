//! What opens, and all that does not.

use super::*;

const OLD: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

fn place(id: &str) -> Place<'_> {
    Place {
        table: "users",
        column: "totp_secret",
        id,
    }
}

fn old() -> Sealer {
    Sealer::new(OLD, &[]).unwrap()
}

#[test]
fn what_is_sealed_opens_at_its_place_and_looks_different_each_time() {
    for value in [&b""[..], b"JBSWY3DPEHPK3PXP", &[0; 1000]] {
        let one = old().seal(Purpose::Totp, place("user_1"), value).unwrap();
        let two = old().seal(Purpose::Totp, place("user_1"), value).unwrap();
        assert_ne!(one, two);
        assert!(one.starts_with(&format!("hk1.{}.", old().key_id())));
        assert_eq!(
            old().open(Purpose::Totp, place("user_1"), &one).unwrap(),
            value
        );
    }
}

#[test]
fn a_value_opens_for_no_other_row_column_table_or_purpose() {
    let sealed = old().seal(Purpose::Totp, place("user_1"), b"x").unwrap();
    let elsewhere = [
        place("user_2"),
        place(""),
        Place {
            column: "totp_secretu",
            id: "ser_1",
            ..place("")
        },
        Place {
            table: "sessions",
            ..place("user_1")
        },
    ];
    for other in elsewhere {
        let fault = old().open(Purpose::Totp, other, &sealed).unwrap_err();
        assert_eq!(fault.code, "sealed_value_broken", "{other}");
    }
    for purpose in Purpose::ALL.into_iter().filter(|p| *p != Purpose::Totp) {
        assert!(
            old().open(purpose, place("user_1"), &sealed).is_err(),
            "{purpose:?}"
        );
    }
}

#[test]
fn no_change_goes_unnoticed() {
    let sealed = old()
        .seal(Purpose::Totp, place("user_1"), b"secret")
        .unwrap();
    for at in 0..sealed.len() {
        let mut text = sealed.clone().into_bytes();
        text[at] = if text[at] == b'0' { b'1' } else { b'0' };
        let text = String::from_utf8(text).unwrap();
        assert!(
            old().open(Purpose::Totp, place("user_1"), &text).is_err(),
            "{at}"
        );
    }
    for text in [
        "",
        "hk1",
        "hk1..",
        "hk1.00.zz",
        "plain",
        "hk1.ü.ü",
        &sealed[..sealed.len() - 2],
    ] {
        assert!(
            old().open(Purpose::Totp, place("user_1"), text).is_err(),
            "{text}"
        );
    }
}

#[test]
fn g05_an_earlier_key_opens_and_the_new_one_seals() {
    let sealed = old().seal(Purpose::Totp, place("user_1"), b"x").unwrap();
    let both = Sealer::new(NEW, &[OLD]).unwrap();
    assert_eq!(
        both.open(Purpose::Totp, place("user_1"), &sealed).unwrap(),
        b"x"
    );
    let anew = both.seal(Purpose::Totp, place("user_1"), b"x").unwrap();
    assert!(both.is_current(&anew) && !both.is_current(&sealed));
    let fault = old()
        .open(Purpose::Totp, place("user_1"), &anew)
        .unwrap_err();
    assert_eq!(fault.code, "sealed_key_missing");
    for name in [
        both.key_id(),
        old().key_id(),
        "SECRET_KEY_PREVIOUS",
        "users.totp_secret",
    ] {
        assert!(fault.to_string().contains(name), "{fault}");
    }
    assert!(!fault.to_string().contains(OLD) && !fault.to_string().contains(NEW));
}

#[test]
fn keys_differ_by_purpose_and_master_and_are_never_shown() {
    let both = Sealer::new(NEW, &[OLD]).unwrap();
    let mut seen: Vec<[u8; 32]> = Vec::new();
    for purpose in Purpose::ALL {
        assert_eq!(Purpose::named(purpose.as_str()), Some(purpose));
        let keys = both.derive(purpose);
        assert_eq!(keys.previous, [old().derive(purpose).current]);
        seen.push(keys.current);
        seen.extend(keys.previous);
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all);
    assert!(!format!("{both:?} {:?}", both.derive(Purpose::Jwt)).contains("ffee"));
    let fault = Sealer::new("not-a-key", &[]).unwrap_err();
    assert!(!fault.to_string().contains("not-a-key") && fault.to_string().contains("SECRET_KEY"));
    let fault = Sealer::new(NEW, &["short"]).unwrap_err();
    assert!(fault.to_string().contains("SECRET_KEY_PREVIOUS"), "{fault}");
}
