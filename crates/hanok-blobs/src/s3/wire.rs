//! Requests as they travel: every answer that is no success becomes a typed [`Answer`], so that
//! nobody above reads the text of an error to know what happened.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};

/// Bytes of an error's text that are looked at.
const ERROR_BYTES: usize = 64 << 10;

/// What the service said instead of doing what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The service's own word, for example `SlowDown`; empty if there was none.
    pub(super) code: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {} {}", self.status, self.code)
    }
}

impl std::error::Error for Answer {}

#[derive(Debug)]
pub(super) struct Wire {
    inner: HttpClient,
}

impl Wire {
    pub(super) fn connect(options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Self { inner }))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let asks_by_post = request.method().as_str() == "POST";
        let response = self.inner.execute(request).await?;
        let status = response.status();
        if status.is_success() && !asks_by_post {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let text = body.bytes().await?;
        let shown = String::from_utf8_lossy(&text[..text.len().min(ERROR_BYTES)]);
        // The end of an upload may fail after the 200 has been sent: the body tells.
        if status.is_success() && !shown.contains("<Error>") {
            return Ok(HttpResponse::from_parts(parts, text.into()));
        }
        let answer = Answer {
            status: status.as_u16(),
            code: word(&shown).unwrap_or_default().to_string(),
        };
        Err(HttpError::new(HttpErrorKind::Unknown, answer))
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Wire {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}

/// Gives the client that is there already.
#[derive(Debug)]
pub(super) struct Connected(pub(super) HttpClient);

impl HttpConnector for Connected {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

/// The service's word for an error. What does not look like one might be anything, and words get
/// into messages.
fn word(xml: &str) -> Option<&str> {
    let known = |code: &&str| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    element(xml, "Code").filter(known)
}

/// The text of the first element of that name; S3's answers nest no two of one name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let xml = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Key>a</Key></Error>";
        assert_eq!(element(xml, "Code"), Some("SlowDown"));
        assert_eq!(element(xml, "Cod"), None);
        assert_eq!(element("<Code>cut", "Code"), None);
        assert_eq!(element("", "Code"), None);
        assert_eq!(word(xml), Some("SlowDown"));
        assert_eq!(word("<Code>not a word</Code>"), None);
    }
}
