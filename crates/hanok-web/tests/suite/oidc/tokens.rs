//! ID tokens that are not what they should be.

use aws_lc_rs::digest;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::provider::{Signer, half_hash, now};
use super::{nothing_came_of_it, pair, sign_in, who};

#[tokio::test]
async fn every_asymmetric_algorithm_is_read_with_the_key_of_its_kind() {
    for signer in [Signer::Rs256, Signer::Ps256, Signer::Es256, Signer::EdDsa] {
        let (world, provider) = pair().await;
        let how = match signer {
            Signer::EdDsa => &digest::SHA512,
            _ => &digest::SHA256,
        };
        provider.say(|said| {
            said.signer = signer;
            said.claims = json!({ "at_hash": half_hash(how, "an access token"), "aud": ["hanok"] });
        });
        let answer = sign_in(&world, &provider).await;
        assert_eq!(
            who(&world, &answer).await,
            ("ada-l".into(), "user".into()),
            "{signer:?}"
        );
    }
}

#[tokio::test]
async fn a18_an_id_token_with_a_wrong_nonce_claim_or_time_is_refused() {
    let (world, provider) = pair().await;
    let now = now();
    for claims in [
        json!({ "nonce": null }),
        json!({ "nonce": "" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": ["another"] }),
        json!({ "iss": "https://accounts.example" }),
        json!({ "iss": format!("{}/", provider.issuer) }),
        json!({ "iss": null }),
        json!({ "aud": "another" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "aud": ["hanok", "another"] }),
        json!({ "aud": ["hanok", "another"], "azp": "another" }),
        json!({ "azp": "another" }),
        json!({ "exp": now - 61 }),
        json!({ "exp": null }),
        json!({ "exp": (now + 300).to_string() }),
        json!({ "exp": now as f64 + 300.5 }),
        json!({ "iat": now + 300 }),
        json!({ "iat": null }),
        json!({ "nbf": now + 300 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "sub": "s".repeat(256) }),
        json!({ "at_hash": half_hash(&digest::SHA256, "another access token") }),
        json!({ "at_hash": "" }),
    ] {
        refused(&world, &provider, &claims, &json!({}), Signer::Es256).await;
    }
    provider.say(|said| said.access_token = None);
    let orphan = json!({ "at_hash": half_hash(&digest::SHA256, "an access token") });
    refused(&world, &provider, &orphan, &json!({}), Signer::Es256).await;
}

#[tokio::test]
async fn a01_a02_a03_an_id_token_is_signed_by_a_known_key_of_the_right_kind() {
    let (world, provider) = pair().await;
    let secret = "of no worth & with : odd % letters";
    for signer in [
        Signer::Nothing,
        Signer::Stranger,
        Signer::PublicKey,
        Signer::Secret(secret),
        Signer::Secret("of no worth"),
        Signer::Secret(""),
    ] {
        refused(&world, &provider, &json!({}), &json!({}), signer).await;
    }
    for (header, signer) in [
        (json!({ "alg": "None" }), Signer::Nothing),
        (json!({ "alg": "HS256" }), Signer::Es256),
        (json!({ "alg": "RS256" }), Signer::Es256),
        (json!({ "alg": "ES256", "kid": "rsa" }), Signer::Es256),
        (json!({ "alg": "RS256" }), Signer::Ps256),
        (json!({ "alg": "ES384" }), Signer::Es256),
        (json!({ "kid": null }), Signer::Es256),
        (json!({ "kid": "unknown" }), Signer::Es256),
        (json!({ "kid": "for encryption" }), Signer::Es256),
        (json!({ "kid": "../../dev/null" }), Signer::Es256),
        (json!({ "jwk": { "kty": "EC" } }), Signer::Es256),
        (json!({ "jku": "http://127.0.0.1:1/" }), Signer::Es256),
        (json!({ "x5u": "http://127.0.0.1:1/" }), Signer::Es256),
        (json!({ "x5c": ["AAAA"] }), Signer::Es256),
        (json!({ "crit": ["exp"] }), Signer::Es256),
    ] {
        refused(&world, &provider, &json!({}), &header, signer).await;
    }
    // The same provider, honest again, is believed: the cases above failed for their reason.
    provider.say(|said| {
        said.signer = Signer::Es256;
        said.header = json!({});
    });
    assert_eq!(
        who(&world, &sign_in(&world, &provider).await).await.0,
        "ada-l"
    );
}

async fn refused(
    world: &crate::world::World,
    provider: &super::Provider,
    claims: &Value,
    header: &Value,
    signer: Signer,
) {
    provider.say(|said| {
        said.claims = claims.clone();
        said.header = header.clone();
        said.signer = signer;
    });
    let what = format!("{claims} {header} {signer:?}");
    let answer = sign_in(world, provider).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert_eq!(answer.code(), "oidc_refused", "{what}");
    nothing_came_of_it(world, &answer, &what).await;
}
