//! A provider of identities that says whatever it is told to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Begun;

/// What an ID token is signed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signer {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
    /// A key that nobody knows of.
    Stranger,
    /// HMAC with this secret.
    Secret(&'static str),
    /// HMAC with the public key as others see it.
    PublicKey,
    Nothing,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    pub said: Arc<Mutex<Said>>,
    keys: Arc<Keys>,
}

/// What it says and what it was asked.
pub struct Said {
    /// Put over its metadata.
    pub metadata: Value,
    /// Put over the header of ID tokens.
    pub header: Value,
    /// Put over the claims of ID tokens; null removes.
    pub claims: Value,
    pub signer: Signer,
    /// The answer of the token endpoint has it.
    pub access_token: Option<String>,
    /// Metadata are elsewhere.
    pub redirect: Option<String>,
    pub nonce: String,
    challenge: String,
    codes: HashMap<String, bool>,
    /// Paths that were asked for.
    pub asked: Vec<String>,
}

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let ec = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let provider = Self {
            issuer,
            said: Arc::new(Mutex::new(Said {
                metadata: json!({}),
                header: json!({}),
                claims: json!({}),
                signer: Signer::Es256,
                access_token: Some("an access token".to_owned()),
                redirect: None,
                nonce: String::new(),
                challenge: String::new(),
                codes: HashMap::new(),
                asked: Vec::new(),
            })),
            keys: Arc::new(Keys {
                rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
                ec: ec(),
                stranger: ec(),
                ed: Ed25519KeyPair::generate().unwrap(),
            }),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/elsewhere", get(metadata))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn say(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said.lock().unwrap());
    }

    /// Expects the sign-in that was begun.
    pub fn expect(&self, begun: &Begun) {
        self.say(|said| {
            said.nonce = begun.sent("nonce");
            said.challenge = begun.sent("code_challenge");
        });
        assert_eq!(begun.sent("code_challenge_method"), "S256");
    }

    /// A fresh code.
    pub fn code(&self) -> String {
        let mut said = self.said.lock().unwrap();
        let code = format!("code-{}", said.codes.len());
        said.codes.insert(code.clone(), false);
        code
    }

    pub fn asked(&self, path: &str) -> usize {
        let said = self.said.lock().unwrap();
        said.asked.iter().filter(|asked| *asked == path).count()
    }

    fn note(&self, path: &str) {
        self.say(|said| said.asked.push(path.to_owned()));
    }

    fn public_keys(&self) -> Value {
        let keys = &self.keys;
        let coded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // Two numbers in a sequence: the modulus of 256 bytes, and 65537.
        let rsa = keys.rsa.public_key().as_ref();
        let (n, e) = (coded(&rsa[9..265]), coded(&rsa[267..]));
        let point = keys.ec.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "kid": "rsa", "use": "sig", "n": n, "e": e },
            { "kty": "EC", "kid": "ec", "crv": "P-256", "x": coded(&point[1..33]), "y": coded(&point[33..]) },
            { "kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": coded(keys.ed.public_key().as_ref()) },
            { "kty": "oct", "kid": "oct", "k": coded(b"of no worth") },
            { "kty": "EC", "kid": "for encryption", "use": "enc", "crv": "P-256",
              "x": coded(&point[1..33]), "y": coded(&point[33..]) },
        ] })
    }

    fn id_token(&self) -> String {
        let said = self.said.lock().unwrap();
        let (alg, kid) = match said.signer {
            Signer::Rs256 => ("RS256", "rsa"),
            Signer::Ps256 => ("PS256", "rsa"),
            Signer::Es256 | Signer::Stranger => ("ES256", "ec"),
            Signer::EdDsa => ("EdDSA", "ed"),
            Signer::Secret(_) => ("HS256", "oct"),
            Signer::PublicKey => ("HS256", "rsa"),
            Signer::Nothing => ("none", "ec"),
        };
        let header = over(
            json!({ "alg": alg, "kid": kid, "typ": "JWT" }),
            &said.header,
        );
        let now = now();
        let claims = json!({
            "iss": self.issuer, "aud": "hanok", "sub": "subject-1", "nonce": said.nonce,
            "iat": now, "exp": now + 300, "preferred_username": "Ada L",
        });
        let claims = over(claims, &said.claims);
        let coded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", coded(header), coded(claims));
        let tag = self.sign(said.signer, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn sign(&self, signer: Signer, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let keys = &self.keys;
        let rsa = |how| {
            let mut tag = vec![0; keys.rsa.public_modulus_len()];
            keys.rsa.sign(how, &random, text, &mut tag).unwrap();
            tag
        };
        let secret = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::sign(&key, text).as_ref().to_vec()
        };
        match signer {
            Signer::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Signer::Ps256 => rsa(&RSA_PSS_SHA256),
            Signer::Es256 => keys.ec.sign(&random, text).unwrap().as_ref().to_vec(),
            Signer::Stranger => keys.stranger.sign(&random, text).unwrap().as_ref().to_vec(),
            Signer::EdDsa => keys.ed.sign(text).as_ref().to_vec(),
            Signer::Secret(text) => secret(text.as_bytes()),
            Signer::PublicKey => secret(keys.rsa.public_key().as_ref()),
            Signer::Nothing => Vec::new(),
        }
    }
}

/// The half of a hash that an ID token has of its access token.
pub fn half_hash(how: &'static digest::Algorithm, text: &str) -> String {
    let hash = digest::digest(how, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs() as i64
}

fn over(mut base: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => base.as_object_mut().unwrap().remove(name),
            value => base
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    base
}

async fn metadata(State(provider): State<Provider>, uri: Uri) -> Response {
    provider.note(uri.path());
    let said = provider.said.lock().unwrap();
    if let Some(to) = said
        .redirect
        .as_ref()
        .filter(|_| uri.path() != "/elsewhere")
    {
        return Redirect::temporary(to).into_response();
    }
    let issuer = &provider.issuer;
    let told = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
    });
    Json(over(told, &said.metadata)).into_response()
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    provider.note("/jwks");
    Json(provider.public_keys())
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    provider.note("/token");
    let given = |name: &str| form.get(name).cloned().unwrap_or_default();
    let mut said = provider.said.lock().unwrap();
    let verifier = digest::digest(&digest::SHA256, given("code_verifier").as_bytes());
    let proved = URL_SAFE_NO_PAD.encode(verifier) == said.challenge;
    let fresh = said.codes.insert(given("code"), true) == Some(false);
    let known = headers.contains_key("authorization");
    let right = given("grant_type") == "authorization_code"
        && given("redirect_uri") == "http://127.0.0.1:8080/auth/oidc/callback";
    let access_token = said.access_token.clone();
    drop(said);
    if !(proved && fresh && known && right) {
        let body = Json(json!({ "error": "invalid_grant" }));
        return (StatusCode::BAD_REQUEST, body).into_response();
    }
    let mut body = json!({ "token_type": "Bearer", "id_token": provider.id_token() });
    if let Some(token) = access_token {
        body["access_token"] = json!(token);
    }
    Json(body).into_response()
}
