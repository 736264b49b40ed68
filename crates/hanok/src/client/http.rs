//! Requests to one server: the credential, time limits, a repeat where repeating is safe.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::Value;

use super::error::refusal;
use super::{Answer, ClientError};

/// The longest an ordinary answer may take; streams and uploads have no limit in all.
const ANSWER: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(5);

/// One server and the credential for it.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    /// What people know the server by, where commands reach it by another address.
    public: Option<String>,
    credential: Option<String>,
    project: Option<String>,
}

impl Client {
    /// A client for the server at `url`.
    pub fn new(url: &str, credential: Option<String>) -> Result<Self, ClientError> {
        Self::trusting(url, credential, None)
    }

    /// The same, where the server's certificate may be by an authority of one's own.
    pub fn trusting(
        url: &str,
        credential: Option<String>,
        ca_file: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let unusable = |reason: String| ClientError::Unreachable {
            url: url.to_owned(),
            reason,
        };
        let base = Url::parse(url).map_err(|e| unusable(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(unusable("it is no http:// or https:// address".to_owned()));
        }
        let http = authorities(base.scheme(), ca_file).map_err(unusable)?;
        let http = http
            .connect_timeout(CONNECT)
            .no_proxy()
            .user_agent(concat!("hanok/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| unusable(e.to_string()))?;
        Ok(Self {
            http,
            base,
            public: None,
            credential,
            project: None,
        })
    }

    /// The same server, as people know it.
    #[must_use]
    pub fn known_as(mut self, public: Option<String>) -> Self {
        self.public = public;
        self
    }

    /// The address for people.
    pub fn shown(&self) -> &str {
        self.public.as_deref().unwrap_or_else(|| self.base())
    }

    /// Works in this project from here on.
    pub fn enter(&mut self, project: Option<String>) {
        self.project = project;
    }

    /// The server's address, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Reads a resource.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.repeated(|| {
            self.request(Method::GET, path)
                .header(header::ACCEPT, "application/json")
                .timeout(ANSWER)
        })
        .await
    }

    /// Deletes a resource.
    pub async fn delete(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.request(Method::DELETE, path).timeout(ANSWER);
        self.answer(request).await
    }

    /// Deletes a resource, and says how.
    pub async fn delete_with(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let request = self.request(Method::DELETE, path).timeout(ANSWER);
        self.answer(request.json(body)).await
    }

    /// Creates something, or has something done. The key makes a repeat harmless.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let key = idempotency_key();
        self.repeated(|| {
            self.request(Method::POST, path)
                .header("Idempotency-Key", &key)
                .timeout(ANSWER)
                .json(body)
        })
        .await
    }

    /// Has something done that takes as long as it takes.
    pub async fn post_slow(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.answer(self.request(Method::POST, path).json(body))
            .await
    }

    /// Asks for an answer that comes as a stream; it may take as long as it takes.
    pub async fn stream(&self, path: &str, body: &Value) -> Result<Answer, ClientError> {
        let request = self
            .request(Method::POST, path)
            .header(header::ACCEPT, "text/event-stream")
            .json(body);
        Ok(Answer::new(self.clone(), self.send(request).await?))
    }

    /// Reads a resource of any length, piece by piece.
    pub async fn pieces(&self, path: &str) -> Result<Pieces, ClientError> {
        let response = self.send(self.request(Method::GET, path)).await?;
        let client = self.clone();
        Ok(Pieces { client, response })
    }

    /// Whether a health page answers 200 within a moment.
    pub async fn healthy(&self, path: &str) -> bool {
        let request = self
            .request(Method::GET, path)
            .timeout(Duration::from_secs(2));
        matches!(request.send().await, Ok(response) if response.status() == StatusCode::OK)
    }

    /// A request with the credential; the path may carry a query.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base()));
        let request = match &self.project {
            Some(project) => request.header("OpenAI-Project", project),
            None => request,
        };
        match &self.credential {
            Some(credential) => request.bearer_auth(credential),
            None => request,
        }
    }

    /// Sends, and gives the response if it is a success.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|e| self.unreachable(&e))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let url = response.url().to_string();
        let body = response.text().await.unwrap_or_default();
        Err(refusal(&url, status, &body))
    }

    /// Sends, and reads the answer as JSON.
    pub(super) async fn answer(&self, request: RequestBuilder) -> Result<Value, ClientError> {
        let response = self.send(request).await?;
        let url = response.url().to_string();
        let bytes = response.bytes().await.map_err(|e| self.unreachable(&e))?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| ClientError::Foreign {
            url,
            reason: error.to_string(),
        })
    }

    /// A dropped connection is tried once more; a refusal is not.
    async fn repeated(&self, build: impl Fn() -> RequestBuilder) -> Result<Value, ClientError> {
        match self.answer(build()).await {
            Err(ClientError::Unreachable { .. }) => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.answer(build()).await
            }
            other => other,
        }
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Unreachable {
            url: self.base().to_owned(),
            reason: innermost(error),
        }
    }
}

/// Whose certificates count: those that this machine trusts, or one's own authority's alone.
fn authorities(scheme: &str, ca_file: Option<&Path>) -> Result<reqwest::ClientBuilder, String> {
    let builder = reqwest::Client::builder();
    if scheme == "http" {
        // A machine without certificates of authorities can do that too.
        return Ok(builder.tls_certs_only([]));
    }
    let Some(file) = ca_file else {
        return Ok(builder);
    };
    let named = |error: String| format!("HANOK_CA_FILE {}: {error}", file.display());
    let pem = std::fs::read(file).map_err(|error| named(error.to_string()))?;
    let roots = reqwest::Certificate::from_pem_bundle(&pem);
    let roots = roots.map_err(|error| named(error.to_string()))?;
    if roots.is_empty() {
        return Err(named("it holds no certificate".to_owned()));
    }
    Ok(builder.tls_certs_only(roots))
}

/// An answer that is read piece by piece.
pub struct Pieces {
    client: Client,
    response: Response,
}

impl Pieces {
    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let piece = self.response.chunk().await;
        let piece = piece.map_err(|error| self.client.unreachable(&error))?;
        Ok(piece.map(|bytes| bytes.to_vec()))
    }
}

/// A fresh value for `Idempotency-Key`.
pub fn idempotency_key() -> String {
    let mut bytes = [0u8; 16];
    // Without randomness from the system nothing else would work either; a fixed key is refused, not harmful.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The reason at the bottom: the layers above repeat the address only.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_cannot_be_used_are_refused_with_a_reason() {
        for url in ["ftp://h", "h:80", "not a url", "file:///x"] {
            assert!(Client::new(url, None).is_err(), "{url}");
        }
        let client = Client::new("http://127.0.0.1:8080/", None).map(|c| c.base().to_owned());
        assert_eq!(client.ok().as_deref(), Some("http://127.0.0.1:8080"));
    }

    #[test]
    fn idempotency_keys_differ() {
        assert_ne!(idempotency_key(), idempotency_key());
    }
}
