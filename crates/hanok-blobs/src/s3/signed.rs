//! Requests that the client library does not have: about the bucket, and about its uploads.

use object_store::aws::AwsAuthorizer;
use object_store::client::{HttpRequest, HttpRequestBody};

use super::failure::answer_in;
use super::service::Service;
use super::wire::Answer;
use crate::ObjectError;

impl Service {
    /// Sends a request about the bucket; gives the answer's text.
    pub(super) async fn ask(
        &self,
        method: &str,
        query: &str,
        body: &str,
    ) -> object_store::Result<String> {
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
                store: "S3",
                source,
            };
        let mut request = HttpRequest::new(HttpRequestBody::from(body.to_string()));
        *request.method_mut() = method.parse().map_err(|_| failed("method".into()))?;
        let url = format!("{}{query}", self.url);
        *request.uri_mut() = url.parse().map_err(|_| failed("address".into()))?;
        AwsAuthorizer::new(&self.credential, "s3", &self.region)
            .try_authorize(&mut request, None)?;
        let response = self.wire.execute(request).await;
        let response = response.map_err(|error| failed(error.into()))?;
        let text = response.into_body().bytes().await;
        let text = text.map_err(|error| failed(error.into()))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Whether the bucket is there. A listing, since the answer to HEAD has no body that could
    /// say why not.
    pub(super) async fn has_bucket(&self) -> Result<bool, ObjectError> {
        let query = format!(
            "?list-type=2&max-keys=1&prefix={}",
            encode(self.keys.base())
        );
        let list = || self.listed(&query);
        let found = self.persist("reach it", 0, list).await?;
        Ok(found.unwrap_or(false))
    }

    async fn listed(&self, query: &str) -> object_store::Result<bool> {
        let Err(error) = self.ask("GET", query, "").await else {
            return Ok(true);
        };
        match answer_in(&error) {
            Some(Answer { status: 404, .. }) => Ok(false),
            _ => Err(error),
        }
    }

    /// Makes the bucket if it is missing.
    pub(super) async fn ensure_bucket(&self) -> Result<(), ObjectError> {
        if self.has_bucket().await? {
            return Ok(());
        }
        let body = match self.region.as_str() {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            ),
        };
        let create = || self.created(&body);
        match self.persist("create it", 0, create).await {
            Ok(Some(())) if self.has_bucket().await? => {
                tracing::info!(bucket = self.place.bucket, "the bucket was made");
                Ok(())
            }
            Ok(_) => Err(self.place.missing()),
            Err(ObjectError::Refused { what, why, .. }) => Err(ObjectError::Refused {
                what,
                why: format!("it does not exist, and Hanok {why}"),
                remedy: "create it with the service's own tools, or permit the credential to \
                         create buckets; if the name is somebody else's, choose another",
            }),
            Err(error) => Err(error),
        }
    }

    /// Asks for the bucket to be made; one that somebody made meanwhile is as good.
    async fn created(&self, body: &str) -> object_store::Result<()> {
        let Err(error) = self.ask("PUT", "", body).await else {
            return Ok(());
        };
        match answer_in(&error) {
            Some(Answer { status: 409, code }) if code != "OperationAborted" => Ok(()),
            _ => Err(error),
        }
    }
}

/// A value as it may stand in a query.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
