//! What a stranger between the browser and the provider, or a provider that lies about itself, might try.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    Begun, back, get, nothing_came_of_it, pair, session, settings, sign_in, start, who, world,
};
use crate::oidc::provider::Provider;
use crate::tokens::nobody_called;

#[tokio::test]
async fn a18_a_sign_in_needs_its_own_state_and_browser_and_is_good_once() {
    let (world, provider) = pair().await;
    let begun = start(&world, "/runs").await;
    let other = start(&world, "/runs").await;
    provider.expect(&begun);
    let code = provider.code();
    let state = begun.sent("state");
    for (path, cookie) in [
        (format!("?code={code}"), begun.cookie.as_str()),
        (format!("?code={code}&state="), &begun.cookie),
        (format!("?code={code}&state={state}x"), &begun.cookie),
        (format!("?code={code}&state={state}"), ""),
        (format!("?code={code}&state={state}"), &other.cookie),
        (
            format!("?code={code}&state={}", other.sent("state")),
            &begun.cookie,
        ),
        (
            format!("?code={code}&state={state}&state={state}"),
            &begun.cookie,
        ),
    ] {
        let answer = get(&world, &format!("/auth/oidc/callback{path}"), cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        nothing_came_of_it(&world, &answer, &path).await;
    }
    assert_eq!(provider.asked("/token"), 0, "nobody's code was redeemed");
    let rest = format!("&code={code}");
    let once = back(&world, &begun, &rest).await;
    assert_eq!(who(&world, &once).await.0, "ada-l");
    for code in [code, provider.code()] {
        let again = back(&world, &begun, &format!("&code={code}")).await;
        assert_eq!(
            (again.status, again.code()),
            (StatusCode::BAD_REQUEST, "oidc_state".into())
        );
        assert!(session(&again).is_none());
    }
}

#[tokio::test]
async fn a18_a_code_is_good_once_and_only_with_its_verifier() {
    let (world, provider) = pair().await;
    let code = provider.code();
    let first = start(&world, "/").await;
    let second = start(&world, "/").await;
    assert_ne!(first.sent("code_challenge"), second.sent("code_challenge"));
    assert_ne!(first.sent("nonce"), second.sent("nonce"));
    // A code that was made for another sign-in: its challenge does not fit our verifier.
    provider.expect(&first);
    let injected = back(&world, &second, &format!("&code={code}")).await;
    assert_eq!(
        (injected.status, injected.code()),
        (StatusCode::UNAUTHORIZED, "oidc_refused".into())
    );
    nothing_came_of_it(&world, &injected, "another's code").await;
    // It was shown to the provider, which takes it no more.
    let replayed = back(&world, &first, &format!("&code={code}")).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    nothing_came_of_it(&world, &replayed, "a code again").await;
}

#[tokio::test]
async fn a18_an_answer_of_another_provider_is_refused_before_the_code_is_shown() {
    let (world, provider) = pair().await;
    for issuer in ["http://127.0.0.1:1", "https://evil.example", ""] {
        let begun = start(&world, "/").await;
        provider.expect(&begun);
        let rest = format!("&code={}&iss={issuer}", provider.code());
        let answer = back(&world, &begun, &rest).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{issuer}");
        nothing_came_of_it(&world, &answer, issuer).await;
    }
    let promised = Provider::start().await;
    promised.say(|said| {
        said.metadata = json!({ "authorization_response_iss_parameter_supported": true });
    });
    let second = super::world(settings(&promised.issuer)).await;
    let silent = sign_in(&second, &promised).await;
    assert_eq!(silent.status, StatusCode::UNAUTHORIZED);
    nothing_came_of_it(&second, &silent, "no issuer").await;
    assert_eq!((provider.asked("/token"), promised.asked("/token")), (0, 0));
    let begun = start(&second, "/").await;
    promised.expect(&begun);
    let rest = format!("&code={}&iss={}", promised.code(), promised.issuer);
    assert_eq!(
        who(&second, &back(&second, &begun, &rest).await).await.0,
        "ada-l"
    );
}

#[tokio::test]
async fn a18_metadata_that_speak_for_another_or_lead_elsewhere_are_refused() {
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}/", elsewhere.local_addr().unwrap());
    for change in [
        json!({ "issuer": "https://accounts.example" }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": other }),
        json!({ "jwks_uri": other }),
        json!({ "jwks_uri": "http://169.254.169.254/latest/meta-data" }),
        json!({ "token_endpoint": "https://10.0.0.1/token" }),
        json!({ "token_endpoint": "file:///etc/passwd" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "padding": "x".repeat(300 << 10) }),
    ] {
        let provider = Provider::start().await;
        provider.say(|said| said.metadata = change.clone());
        let world = world(settings(&provider.issuer)).await;
        let answer = get(&world, "/auth/oidc/start", "").await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{change}");
        assert_eq!(answer.code(), "oidc_provider");
        assert!(!answer.text.contains("127.0.0.1"), "{}", answer.text);
    }
    let provider = Provider::start().await;
    provider.say(|said| said.redirect = Some("/elsewhere".to_owned()));
    let world = world(settings(&provider.issuer)).await;
    let answer = get(&world, "/auth/oidc/start", "").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(provider.asked("/elsewhere"), 0, "a redirect was followed");
    assert!(nobody_called(&elsewhere));
}

#[tokio::test]
async fn a18_a_picture_is_not_fetched() {
    let (world, provider) = pair().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let picture = format!("http://{}/picture", listener.local_addr().unwrap());
    provider.say(|said| said.claims = json!({ "picture": picture, "profile": picture }));
    let answer = sign_in(&world, &provider).await;
    assert_eq!(who(&world, &answer).await.0, "ada-l");
    assert!(nobody_called(&listener), "the picture was asked for");
}

#[tokio::test]
async fn a19_a_sign_in_at_the_provider_leads_to_paths_of_ours_only() {
    let (world, provider) = pair().await;
    for (next, to) in [
        ("/runs", "/runs"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/%5cevil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/runs%0d%0aset-cookie:a=b", "/"),
    ] {
        let begun: Begun = start(&world, next).await;
        provider.expect(&begun);
        let answer = back(&world, &begun, &format!("&code={}", provider.code())).await;
        assert_eq!(answer.status, StatusCode::OK);
        let wanted = format!("content=\"0;url={to}\"");
        assert!(answer.text.contains(&wanted), "{next}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_provider_that_says_no_or_nothing_signs_nobody_in() {
    let (world, provider) = pair().await;
    for rest in ["&error=access_denied", "", "&code=", "&code=unknown"] {
        let begun = start(&world, "/").await;
        provider.expect(&begun);
        let answer = back(&world, &begun, rest).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{rest}");
        nothing_came_of_it(&world, &answer, rest).await;
    }
    let none = crate::world::World::new().await;
    for path in ["/auth/oidc/start", "/auth/oidc/callback?state=a&code=b"] {
        assert_eq!(
            get(&none, path, "").await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}
