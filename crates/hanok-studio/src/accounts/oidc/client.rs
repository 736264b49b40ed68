//! Asking the provider over HTTP: bounded in time and size, no redirects, no proxy.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hanok_domain::fault::Fault;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Certificate, Client, RequestBuilder, Url, redirect};

use super::address::Guarded;
use super::{Oidc, upstream};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);
/// No answer of a provider comes near this.
const LARGEST: usize = 256 << 10;

pub(super) fn build(issuer: &Url, ca: Option<&[u8]>) -> Result<Client, Fault> {
    let unusable = |error: reqwest::Error| {
        let text = format!("The provider cannot be asked: {error}.");
        Fault::invalid("invalid_setting", text).remedy("Check OIDC_ISSUER and OIDC_CA_FILE.")
    };
    let resolver = Guarded {
        issuer_host: issuer.host_str().unwrap_or_default().to_owned(),
    };
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .dns_resolver(resolver);
    if let Some(pem) = ca {
        let certificates = Certificate::from_pem_bundle(pem).map_err(unusable)?;
        builder = builder.tls_certs_only(certificates);
    }
    builder.build().map_err(unusable)
}

/// A form as it is sent.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    // Borrowed from addresses, whose queries are written the same way.
    let Ok(mut url) = Url::parse("http://form") else {
        return String::new();
    };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

impl Oidc {
    /// The JSON at an address.
    pub(super) async fn get(&self, url: &Url) -> Result<Vec<u8>, Fault> {
        let request = self.client.get(url.clone());
        let (status, body) = self
            .send(request.header(ACCEPT, "application/json"))
            .await?;
        match status {
            200 => Ok(body),
            other => Err(upstream(format!("the provider answered {other} at {url}"))),
        }
    }

    /// The answer of the token endpoint: its status and what it said.
    pub(super) async fn redeem(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        in_header: bool,
    ) -> Result<(u16, Vec<u8>), Fault> {
        let (id, secret) = (&self.settings.client_id, &self.settings.client_secret);
        let mut fields = fields.to_vec();
        let request = self.client.post(url.clone());
        let request = match secret {
            Some(secret) if in_header => {
                let pair = format!("{}:{}", value(id), value(secret));
                request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
            }
            Some(secret) => {
                fields.extend([("client_id", id.as_str()), ("client_secret", secret)]);
                request
            }
            None => {
                fields.push(("client_id", id));
                request
            }
        };
        let request = request
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(&fields));
        self.send(request).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<(u16, Vec<u8>), Fault> {
        // The text of an error may name addresses, never what was sent.
        let lost = |e: reqwest::Error| upstream(format!("the provider does not answer: {e}"));
        let mut answer = request.send().await.map_err(lost)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(upstream("the provider answers at more length than is read"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((answer.status().as_u16(), body))
    }
}

/// A value as a form has it: so RFC 6749 wants id and secret in the header.
fn value(text: &str) -> String {
    form(&[("", text)]).trim_start_matches('=').to_owned()
}
