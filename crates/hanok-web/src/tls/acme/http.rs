//! The way to the authority: HTTPS to the host of its directory and to no other, under the authorities
//! that this machine trusts or the one that the operator named. No redirect is followed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, Uri};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use super::AcmePlan;

const PATIENCE: Duration = Duration::from_secs(30);
/// An answer is a few kilobytes.
const MAX_ANSWER: usize = 1 << 20;

/// Whom we ask.
#[derive(Clone)]
pub struct Authority {
    client: reqwest::Client,
    host: String,
}

impl Authority {
    /// The authority of a plan.
    pub fn new(plan: &AcmePlan) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE / 3)
            .user_agent(concat!("hanok/", env!("CARGO_PKG_VERSION")));
        let client = match &plan.ca_file {
            Some(file) => {
                let name = file.display();
                let pem = std::fs::read(file).map_err(|e| format!("ACME_CA_FILE {name}: {e}"))?;
                let roots = reqwest::Certificate::from_pem_bundle(&pem);
                let roots = roots.map_err(|e| format!("ACME_CA_FILE {name}: {e}"))?;
                if roots.is_empty() {
                    return Err(format!("ACME_CA_FILE {name} holds no certificate"));
                }
                client.tls_certs_only(roots)
            }
            None => client,
        };
        let place: Option<Uri> = plan.directory.parse().ok();
        let host = place.as_ref().and_then(Uri::authority);
        Ok(Self {
            client: client.build().map_err(|e| e.to_string())?,
            host: host
                .ok_or("ACME_DIRECTORY_URL has no host")?
                .as_str()
                .to_owned(),
        })
    }

    async fn send(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (parts, body) = request.into_parts();
        if parts.uri.authority().map(|host| host.as_str()) != Some(self.host.as_str()) {
            return Err(other("the authority names an address at another host"));
        }
        let body = to_bytes(Body::new(body), MAX_ANSWER).await;
        let body = body.map_err(|error| other(&error.to_string()))?;
        let request = self
            .client
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body);
        let mut answer = request.send().await.map_err(unreachable)?;
        let mut whole = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if whole.len() + chunk.len() > MAX_ANSWER {
                return Err(other("the authority's answer is too long"));
            }
            whole.extend_from_slice(&chunk);
        }
        let mut response = Response::new(Body::from(whole));
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(BytesResponse::from(response))
    }
}

impl HttpClient for Authority {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().send(request))
    }
}

fn other(text: &str) -> Error {
    Error::Other(text.into())
}

/// The reason at the bottom: the layers above repeat the address only.
fn unreachable(error: reqwest::Error) -> Error {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    other(&format!("the authority does not answer: {cause}"))
}
