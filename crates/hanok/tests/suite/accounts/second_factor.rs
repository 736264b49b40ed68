//! The second factor from its enrolment to the lock: by the page, by the API, by tokens.

use hanok_testkit::totp_code;
use reqwest::Method;
use serde_json::{Value, json};

use super::browser::{Answer, Browser};
use super::{PASSWORD, account};
use crate::home::Home;

const PLACE: &str = "/api/v1/account/second-factor";

/// Enrols; the secret and the recovery codes.
async fn enrolled(browser: &Browser) -> (String, Vec<String>) {
    let (status, _, offer) = browser.api(Method::POST, PLACE, json!({})).await;
    assert_eq!(status, 201, "{offer}");
    let secret = offer["secret"].as_str().expect("a secret").to_owned();
    let body = json!({ "code": totp_code(&secret, 0) });
    let place = format!("{PLACE}/confirm");
    let (status, _, kept) = browser.api(Method::POST, &place, body).await;
    assert_eq!(status, 200, "{kept}");
    let codes = serde_json::from_value(kept["codes"].clone());
    (secret, codes.expect("codes"))
}

/// Asks the API for a session or for tokens.
async fn ask(home: &Home, tokens: bool, name: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "name": name, "password": PASSWORD });
    let place = match tokens {
        true => "/api/v1/auth/token",
        false => "/api/v1/auth/login",
    };
    if tokens {
        body["grant_type"] = json!("password");
    }
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let browser = Browser::new(home);
    browser.program(Method::POST, place, "", body).await
}

fn refused(answer: &Answer, status: u16, code: &str) {
    let (was, _, document) = answer;
    assert_eq!(
        (*was, &document["error"]["code"]),
        (status, &Value::from(code)),
        "{document}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_asks_for_a_code_and_takes_each_once() {
    let home = Home::served();
    let (secret, codes) = enrolled(&account(&home, "ann").await).await;
    let mut browser = Browser::new(&home);
    let page = browser.sign_in("ann", PASSWORD).await;
    assert_eq!(page.status, 401, "{}", page.html);
    let code = totp_code(&secret, 1);
    let with = |code: &str| {
        [("name", "ann"), ("password", PASSWORD), ("code", code)]
            .map(|(name, value)| (name, value.to_owned()))
    };
    for (code, passes) in [
        ("000000x", false),
        (code.as_str(), true),
        (code.as_str(), false),
        (codes[0].as_str(), true),
        (codes[0].as_str(), false),
    ] {
        let mut browser = Browser::new(&home);
        browser.sign_in("ann", PASSWORD).await;
        let fields = with(code);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let page = browser.submit("/login", &fields).await;
        let status = if passes { 200 } else { 401 };
        assert_eq!(page.status, status, "{code}: {}", page.html);
        assert_eq!(browser.is_signed_in().await, passes, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_asks_for_a_code_and_too_many_wrong_ones_lock_every_way() {
    let home = Home::served();
    let (secret, codes) = enrolled(&account(&home, "bea").await).await;
    for tokens in [false, true] {
        let without = ask(&home, tokens, "bea", None).await;
        refused(&without, 401, "second_factor_required");
    }
    let code = totp_code(&secret, 1);
    let (status, _, pair) = ask(&home, true, "bea", Some(&code)).await;
    assert_eq!(status, 200, "{pair}");
    let bearer = pair["access_token"].as_str().expect("a token");
    let browser = Browser::new(&home);
    let me = browser.program(Method::GET, "/api/v1/me", bearer, json!(null));
    assert_eq!(me.await.0, 200);
    // Whichever way it went, it is used up for the other.
    let again = ask(&home, false, "bea", Some(&code)).await;
    refused(&again, 401, "wrong_code");
    let (status, headers, _) = ask(&home, false, "bea", Some(&codes[0])).await;
    assert!(status == 200 && headers.contains_key("set-cookie"));
    let again = ask(&home, true, "bea", Some(&codes[0])).await;
    refused(&again, 401, "wrong_code");

    // One failed since the last success; a locked account is refused the right code too.
    for n in 1..10 {
        let wrong = ask(&home, n % 2 == 0, "bea", Some("abcdef")).await;
        refused(&wrong, 401, "wrong_code");
    }
    for tokens in [false, true] {
        let locked = ask(&home, tokens, "bea", Some(&codes[1])).await;
        refused(&locked, 429, "locked_out");
        assert!(locked.1.contains_key("retry-after"));
    }
    let mut browser = Browser::new(&home);
    assert_eq!(browser.sign_in("bea", PASSWORD).await.status, 429);
    home.json(["user", "enable", "bea", "--json"]);
    let (status, ..) = ask(&home, true, "bea", Some(&codes[1])).await;
    assert_eq!(status, 200, "an administrator opens it");
}

/// A session that was left open is no way around the second factor.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_of_somebody_who_is_signed_in_lock_the_account_too() {
    let home = Home::served();
    let mut browser = account(&home, "cho").await;
    let (_, codes) = enrolled(&browser).await;
    for n in 0..10 {
        let what = ["disable", "recovery-codes"][n % 2];
        let place = format!("{PLACE}/{what}");
        let body = json!({ "code": "123456" });
        let wrong = browser.api(Method::POST, &place, body).await;
        refused(&wrong, 401, "wrong_code");
    }
    let place = format!("{PLACE}/disable");
    let body = json!({ "code": codes[0] });
    let locked = browser.api(Method::POST, &place, body).await;
    refused(&locked, 429, "locked_out");
    let locked = ask(&home, false, "cho", Some(&codes[0])).await;
    refused(&locked, 429, "locked_out");
    browser.open("/account/second-factor").await;
    let fields = [("disable_code", codes[0].as_str())];
    let page = browser
        .submit("/account/second-factor/disable", &fields)
        .await;
    assert_eq!(page.status, 429, "{}", page.html);
    assert!(page.headers.contains_key("retry-after"));

    home.json(["user", "enable", "cho", "--json"]);
    browser.open("/account/second-factor").await;
    let page = browser
        .submit("/account/second-factor/disable", &fields)
        .await;
    assert_eq!(
        page.path,
        "/account/second-factor?done=second_factor_disabled"
    );
    assert_eq!(ask(&home, false, "cho", None).await.0, 200);
    let told = home.json(["audit", "list", "--action", "account.locked", "--json"]);
    assert_eq!(told["data"].as_array().map(Vec::len), Some(1), "{told}");
}
