//! What is asked of another machine, and on whose word.

use std::time::Duration;

use bytes::Bytes;
use hanok_domain::fault::Fault;
use reqwest::Method;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    RANGE, USER_AGENT,
};
use serde::Serialize;

/// Who named an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Whoever runs the installation, in a file, the environment or a command: it may be private. It holds for
    /// this host and port; a redirect elsewhere is judged as [`Self::Request`].
    Operator,
    /// A request, also an administrator's: it must be public, unless the operator has made an exception.
    Request,
}

/// One request. Headers beside those that any server may know go to the origin of the address only.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) trust: Trust,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) total: Option<Duration>,
    pub(crate) max_bytes: Option<u64>,
}

/// What may be told to whoever a redirect names.
const COMMON: [HeaderName; 5] = [ACCEPT, ACCEPT_LANGUAGE, IF_NONE_MATCH, RANGE, USER_AGENT];

impl Request {
    /// A GET.
    pub fn get(url: impl Into<String>, trust: Trust) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            trust,
            headers: HeaderMap::new(),
            body: None,
            total: None,
            max_bytes: None,
        }
    }

    /// A POST of bytes. It is sent once and follows no redirect.
    pub fn post(url: impl Into<String>, trust: Trust, media: &str, body: Bytes) -> Self {
        let request = Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(url, trust)
        };
        request.header(CONTENT_TYPE.as_str(), media)
    }

    /// A POST of a JSON document.
    ///
    /// # Errors
    /// What JSON cannot say.
    pub fn post_json<T: Serialize>(
        url: impl Into<String>,
        trust: Trust,
        body: &T,
    ) -> Result<Self, Fault> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Fault::internal(format!("a body cannot be written: {error}")))?;
        Ok(Self::post(url, trust, "application/json", body.into()))
    }

    /// Adds a header; one that no header can be is left out, so that it cannot become two.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(mut value)) = (name, HeaderValue::from_str(value)) {
            value.set_sensitive(!COMMON.contains(&name) && name != CONTENT_TYPE);
            self.headers.insert(name, value);
        }
        self
    }

    /// Adds `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Longest for all of it, instead of the usual.
    #[must_use]
    pub fn within(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }

    /// Most bytes of the answer, instead of the usual.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Whether it can be sent twice, and sent on by a redirect.
    pub(crate) fn repeatable(&self) -> bool {
        self.body.is_none()
    }

    /// Forgets all that only the first origin may know.
    pub(crate) fn leave_origin(&mut self) {
        let kept = self
            .headers
            .iter()
            .filter(|(name, _)| COMMON.contains(name));
        self.headers = kept.map(|(n, v)| (n.clone(), v.clone())).collect();
    }
}
