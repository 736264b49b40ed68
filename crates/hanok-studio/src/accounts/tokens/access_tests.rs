//! Forged, changed and odd access tokens: none of them is read.

use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_800_000_000;

fn key() -> AccessKey {
    AccessKey::new(&[7; 32])
}

fn issued(key: &AccessKey) -> String {
    let bearer = Bearer {
        user: "user_a",
        session: "sess_a",
        project: "proj_a",
    };
    key.issue(&bearer, NOW).unwrap()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token of any header and claims, rightly signed with our key.
fn signed(header: &str, claims: &str) -> String {
    signed_with(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), header, claims)
}

fn signed_with(key: &hmac::Key, header: &str, claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let tag = hmac::sign(key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// The header and the claims of a good token, with one field set to this text of JSON, or removed.
fn changed(index: usize, field: &str, text: Option<&str>) -> String {
    let token = issued(&key());
    let mut parts = [part(&token, 0), part(&token, 1)];
    let mark = "\"<mark>\"";
    match text {
        Some(_) => parts[index][field] = json!("<mark>"),
        None => {
            parts[index].as_object_mut().unwrap().remove(field);
        }
    }
    let [header, claims] = parts.map(|part| part.to_string().replace(mark, text.unwrap_or("")));
    signed(&header, &claims)
}

#[test]
fn a_token_is_read_while_it_is_good() {
    let key = key();
    let token = issued(&key);
    let claims = key.read(&token, NOW).unwrap();
    assert_eq!(
        (claims.sub.as_str(), claims.sid.as_str()),
        ("user_a", "sess_a")
    );
    assert_eq!(claims.project, "proj_a");
    assert!(key.read(&token, NOW + 599).is_some());
    assert!(looks_like_one(&token));
    // What `changed` makes is good where nothing is wrong with it: the cases below fail for their reason.
    assert!(
        key.read(&changed(1, "sub", Some("\"user_b\"")), NOW)
            .is_some()
    );
}

#[test]
fn a01_no_algorithm_but_ours_and_no_missing_signature() {
    let key = key();
    let token = issued(&key);
    let (body, _) = token.rsplit_once('.').unwrap();
    assert!(key.read(&format!("{body}."), NOW).is_none());
    assert!(key.read(body, NOW).is_none());
    assert!(key.read(&format!("{body}.AAAA"), NOW).is_none());
    let claims = part(&token, 1).to_string();
    for alg in [
        "none", "None", "nOnE", "NONE", "HS384", "HS512", "RS256", "hs256", "",
    ] {
        let told = format!("\"{alg}\"");
        let resigned = changed(0, "alg", Some(&told));
        assert!(key.read(&resigned, NOW).is_none(), "{alg}");
        let header = json!({ "alg": alg, "typ": "at+jwt", "kid": key.id }).to_string();
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(&claims)
        );
        assert!(key.read(&unsigned, NOW).is_none(), "{alg}");
    }
    for longer in [hmac::HMAC_SHA384, hmac::HMAC_SHA512] {
        let other = hmac::Key::new(longer, &[7; 32]);
        let header = part(&token, 0).to_string();
        assert!(
            key.read(&signed_with(&other, &header, &claims), NOW)
                .is_none()
        );
    }
}

#[test]
fn a02_what_others_may_know_is_no_key() {
    let key = key();
    let token = issued(&key);
    let (header, claims) = (part(&token, 0).to_string(), part(&token, 1).to_string());
    let public = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    for guess in [public, "", "secret", "hanok", &key.id] {
        let guess = hmac::Key::new(hmac::HMAC_SHA256, guess.as_bytes());
        assert!(
            key.read(&signed_with(&guess, &header, &claims), NOW)
                .is_none()
        );
    }
    let other = AccessKey::new(&[8; 32]);
    assert!(other.read(&token, NOW).is_none());
}

#[test]
fn a03_a_token_brings_no_key_and_names_none() {
    let key = key();
    for field in [
        "jwk", "jku", "x5u", "x5c", "x5t", "crit", "zip", "b64", "cty",
    ] {
        for value in [
            "\"http://127.0.0.1:1/keys\"",
            "{\"kty\":\"oct\"}",
            "[]",
            "null",
        ] {
            let token = changed(0, field, Some(value));
            assert!(key.read(&token, NOW).is_none(), "{field} {value}");
        }
    }
    for id in [
        "../../dev/null",
        "/dev/null",
        "' OR 1=1 --",
        "http://127.0.0.1:1/",
        "",
        "0000000000000000",
    ] {
        let told = json!(id).to_string();
        assert!(
            key.read(&changed(0, "kid", Some(&told)), NOW).is_none(),
            "{id}"
        );
    }
    for typ in ["\"JWT\"", "\"jwt\"", "\"id+jwt\"", "\"AT+JWT\"", "null"] {
        assert!(
            key.read(&changed(0, "typ", Some(typ)), NOW).is_none(),
            "{typ}"
        );
    }
    for field in ["alg", "typ", "kid"] {
        assert!(key.read(&changed(0, field, None), NOW).is_none(), "{field}");
    }
}

#[test]
fn a05_times_are_whole_seconds_that_hold() {
    let key = key();
    let token = issued(&key);
    for moment in [NOW + 600, NOW + 601, NOW - 1, 0, i64::MAX, i64::MIN] {
        assert!(key.read(&token, moment).is_none(), "{moment}");
    }
    let past = (NOW - 1).to_string();
    let future = (NOW + 1).to_string();
    for (field, value) in [
        ("exp", past.as_str()),
        ("nbf", &future),
        ("iat", &future),
        ("exp", "99999999999999"),
        ("exp", "9223372036854775807"),
        ("exp", "9223372036854775808"),
        ("exp", "-1"),
    ] {
        assert!(
            key.read(&changed(1, field, Some(value)), NOW).is_none(),
            "{field} {value}"
        );
    }
    for field in ["exp", "nbf", "iat"] {
        assert!(key.read(&changed(1, field, None), NOW).is_none(), "{field}");
        let good = part(&token, 1)[field].to_string();
        for odd in [
            format!("\"{good}\""),
            format!("{good}.0"),
            format!("{good}.5"),
            format!("[{good}]"),
            "1e400".to_owned(),
            "1.8e9".to_owned(),
            "true".to_owned(),
            "null".to_owned(),
            "{}".to_owned(),
        ] {
            assert!(
                key.read(&changed(1, field, Some(&odd)), NOW).is_none(),
                "{field} {odd}"
            );
        }
    }
}

#[test]
fn a06_tokens_for_others_and_of_others_are_refused() {
    let key = key();
    for (field, value) in [
        ("aud", "\"hanok\""),
        ("aud", "[\"hanok-api\"]"),
        ("aud", "\"HANOK-API\""),
        ("aud", "null"),
        ("iss", "\"https://accounts.example\""),
        ("iss", "\"hanok/\""),
        ("extra", "1"),
        ("nonce", "\"n\""),
    ] {
        assert!(
            key.read(&changed(1, field, Some(value)), NOW).is_none(),
            "{field} {value}"
        );
    }
    for field in ["aud", "iss", "sub", "sid", "jti", "project"] {
        assert!(key.read(&changed(1, field, None), NOW).is_none(), "{field}");
    }
}

#[test]
fn odd_texts_are_refused_without_panic() {
    let key = key();
    let token = issued(&key);
    let long = format!("{token}{}", "A".repeat(4000));
    let padded = format!("{token}=");
    let four = format!("{token}.{token}");
    for text in [
        "",
        ".",
        "..",
        "...",
        "é.é.é",
        "a.b.c",
        &long,
        &padded,
        &four,
        &token[1..],
    ] {
        assert!(key.read(text, NOW).is_none(), "{text}");
    }
    // The same field twice has two meanings.
    let twice = signed(
        &part(&token, 0)
            .to_string()
            .replace('{', "{\"alg\":\"HS256\","),
        &part(&token, 1).to_string(),
    );
    assert!(key.read(&twice, NOW).is_none());
    // The last letter of base64 has bits that say nothing: another spelling of a token is no token.
    let last = token.chars().last().unwrap();
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let spelt = format!("{}{other}", &token[..token.len() - 1]);
        assert_eq!(key.read(&spelt, NOW).is_some(), other == last, "{other}");
    }
}
