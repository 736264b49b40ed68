//! Where a bucket is and how patient we are with it: checked before the first request.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::names::{check_bucket, check_prefix};
use crate::ObjectError;

/// A bucket of an S3 service.
#[derive(Clone)]
pub struct S3Settings {
    /// `host:port` or a URL without a path; empty for Amazon's own in `region`.
    pub endpoint: String,
    /// TLS, where `endpoint` does not begin with `http://` or `https://`.
    pub use_ssl: bool,
    /// The bucket; made if it is missing.
    pub bucket: String,
    /// What keys begin with, for a bucket shared with others; may be empty.
    pub prefix: String,
    /// The name of the credential.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// Of a credential that expires.
    pub session_token: Option<String>,
    /// `us-east-1` where the service knows no regions.
    pub region: String,
    /// The bucket in the path; otherwise in the host's name.
    pub path_style: bool,
    /// Certificates in PEM to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// How long one call may take beyond what its bytes need, all its tries together.
    pub budget: Duration,
    /// Bytes a second under which a transfer counts as stalled.
    pub slowest: u64,
    /// The first pause before another try; each is longer than the one before.
    pub first_pause: Duration,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            use_ssl: true,
            bucket: String::new(),
            prefix: String::new(),
            access_key: String::new(),
            secret_key: String::new(),
            session_token: None,
            region: "us-east-1".into(),
            path_style: true,
            ca_file: None,
            budget: Duration::from_secs(10),
            slowest: 64 << 10,
            first_pause: Duration::from_millis(100),
        }
    }
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl S3Settings {
    /// Whether everything needed is there and has its shape; asks nobody.
    ///
    /// # Errors
    /// The setting at fault and what is expected of it.
    pub fn check(&self) -> Result<(), ObjectError> {
        check_bucket(&self.bucket)?;
        check_prefix(&self.prefix)?;
        for (setting, value) in [
            ("access key", &self.access_key),
            ("secret key", &self.secret_key),
            ("region", &self.region),
        ] {
            if value.is_empty() {
                return Err(wrong(setting, "it is empty"));
            }
            if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(wrong(setting, "it has spaces or characters outside ASCII"));
            }
        }
        self.origin().map(|_| ())
    }

    /// Whether requests travel unencrypted.
    pub fn is_plain_http(&self) -> bool {
        self.origin()
            .is_ok_and(|origin| origin.starts_with("http://"))
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> Result<String, ObjectError> {
        if self.endpoint.is_empty() {
            return Ok(format!("https://s3.{}.amazonaws.com", self.region));
        }
        let (scheme, rest) = match self.endpoint.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
            Some(_) => return Err(wrong("endpoint", "only http:// and https:// are known")),
            None if self.use_ssl => ("https", self.endpoint.as_str()),
            None => ("http", self.endpoint.as_str()),
        };
        let host = rest.trim_end_matches('/');
        // Not repeated in the message: a name and a password may stand before the `@`.
        if host.contains('@') {
            return Err(wrong("endpoint", "it must not hold credentials"));
        }
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(known) {
            return Err(wrong(
                "endpoint",
                "a host, perhaps with a port, is expected and no path",
            ));
        }
        Ok(format!("{scheme}://{host}"))
    }

    /// Where the bucket answers.
    pub(super) fn bucket_url(&self) -> Result<String, ObjectError> {
        let origin = self.origin()?;
        if self.path_style {
            return Ok(format!("{origin}/{}", self.bucket));
        }
        Ok(origin.replacen("://", &format!("://{}.", self.bucket), 1))
    }
}

pub(super) fn wrong(setting: &'static str, why: impl Into<String>) -> ObjectError {
    ObjectError::Misconfigured {
        setting,
        why: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(endpoint: &str) -> S3Settings {
        S3Settings {
            endpoint: endpoint.into(),
            bucket: "hanok".into(),
            access_key: "minio".into(),
            secret_key: "very-secret".into(),
            ..S3Settings::default()
        }
    }

    #[test]
    fn endpoints_come_with_and_without_a_scheme() {
        let url = |endpoint: &str| settings(endpoint).bucket_url().unwrap();
        assert_eq!(url("http://127.0.0.1:9000/"), "http://127.0.0.1:9000/hanok");
        assert_eq!(url("minio:9000"), "https://minio:9000/hanok");
        assert_eq!(url(""), "https://s3.us-east-1.amazonaws.com/hanok");
        let mut plain = settings("minio:9000");
        plain.use_ssl = false;
        assert!(plain.is_plain_http());
        plain.path_style = false;
        assert_eq!(plain.bucket_url().unwrap(), "http://hanok.minio:9000");
    }

    #[test]
    fn what_cannot_work_is_named_before_the_first_request() {
        for endpoint in ["ftp://host", "http://", "http://a b", "http://host/path"] {
            let error = settings(endpoint).check().unwrap_err().to_string();
            assert!(error.contains("endpoint"), "{error}");
        }
        let error = settings("http://user:hunter2@host").check().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let mut empty = settings("host");
        empty.secret_key.clear();
        assert!(
            empty
                .check()
                .unwrap_err()
                .to_string()
                .contains("secret key")
        );
        let mut broken = settings("host");
        broken.secret_key = "very\nsecret".into();
        let error = broken.check().unwrap_err().to_string();
        assert!(!error.contains("very"), "{error}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut all = settings("host");
        all.session_token = Some("token-of-a-session".into());
        let shown = format!("{all:?}");
        for secret in ["very-secret", "token-of-a-session", "minio"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
