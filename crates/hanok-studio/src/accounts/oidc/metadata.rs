//! What the provider says about itself, and its keys. The issuer in it must be the one that was set, so that
//! no provider speaks for another.

use std::time::Instant;

use hanok_domain::fault::Fault;
use reqwest::Url;
use serde::Deserialize;

use super::jwk::Keys;
use super::{METADATA_LIFETIME, Oidc, address, upstream};

/// Where to go and what to expect.
#[derive(Debug, Clone)]
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    keys: Url,
    /// The answer names its issuer (RFC 9207).
    pub(super) names_issuer: bool,
    /// The secret goes into the header rather than the form.
    pub(super) secret_in_header: bool,
}

#[derive(Deserialize)]
struct Told {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Oidc {
    /// What the provider says, asked again once it is old.
    pub(super) async fn metadata(&self) -> Result<Metadata, Fault> {
        let mut kept = self.metadata.lock().await;
        if let Some((since, metadata)) = kept.as_ref()
            && since.elapsed() < METADATA_LIFETIME
        {
            return Ok(metadata.clone());
        }
        let metadata = self.discover().await?;
        *kept = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    async fn discover(&self) -> Result<Metadata, Fault> {
        let place = self.settings.issuer.trim_end_matches('/');
        let place = format!("{place}/.well-known/openid-configuration");
        let place = Url::parse(&place).map_err(|_| upstream("no such address"))?;
        let told: Told = serde_json::from_slice(&self.get(&place).await?)
            .map_err(|e| upstream(format!("the metadata of the provider cannot be read: {e}")))?;
        if told.issuer != self.settings.issuer {
            let text = format!(
                "the provider calls itself '{}', and OIDC_ISSUER is '{}'",
                told.issuer, self.settings.issuer
            );
            return Err(upstream(text));
        }
        let at = |text: &str| address::endpoint(&self.issuer, text);
        let methods = told.token_endpoint_auth_methods_supported;
        let basic = "client_secret_basic";
        Ok(Metadata {
            authorization: at(&told.authorization_endpoint)?,
            token: at(&told.token_endpoint)?,
            keys: at(&told.jwks_uri)?,
            names_issuer: told.authorization_response_iss_parameter_supported,
            secret_in_header: methods.is_none_or(|all| all.iter().any(|method| method == basic)),
        })
    }

    /// The keys of the provider, as they are now.
    pub(super) async fn keys(&self, metadata: &Metadata) -> Result<Keys, Fault> {
        let body = self.get(&metadata.keys).await?;
        serde_json::from_slice(&body)
            .map_err(|e| upstream(format!("the keys of the provider cannot be read: {e}")))
    }
}
