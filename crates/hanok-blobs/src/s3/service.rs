//! The bucket as a place to send requests to: connections, credentials, plain operations on keys.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredential};
use object_store::client::HttpClient;
use object_store::path::Path;
use object_store::{
    Certificate, ClientOptions, HeaderValue, ObjectMeta, ObjectStoreExt, RetryConfig,
    StaticCredentialProvider,
};

use super::failure::Place;
use super::names::Keys;
use super::patience::Patience;
use super::settings::{S3Settings, wrong};
use super::wire::{Connected, Wire};
use crate::ObjectError;
use crate::backend::Found;

const AGENT: &str = concat!("hanok/", env!("CARGO_PKG_VERSION"));

pub(super) struct Service {
    pub(super) store: AmazonS3,
    pub(super) wire: HttpClient,
    pub(super) credential: AwsCredential,
    pub(super) region: String,
    /// Where the bucket answers.
    pub(super) url: String,
    pub(super) keys: Keys,
    pub(super) place: Place,
    pub(super) patience: Patience,
}

impl Service {
    pub(super) fn new(settings: &S3Settings) -> Result<Self, ObjectError> {
        settings.check()?;
        let url = settings.bucket_url()?;
        let options = options(settings)?;
        let refused = |error| wrong("endpoint", first_line(&error));
        let wire = Wire::connect(&options).map_err(refused)?;
        let credential = || AwsCredential {
            key_id: settings.access_key.clone(),
            secret_key: settings.secret_key.clone(),
            token: settings.session_token.clone(),
        };
        let store = AmazonS3Builder::new()
            // With the bucket's own URL it makes no difference where the bucket's name stands.
            .with_virtual_hosted_style_request(true)
            .with_endpoint(&url)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_credentials(Arc::new(StaticCredentialProvider::new(credential())))
            .with_http_connector(Connected(wire.clone()))
            .with_client_options(options)
            .with_disable_bulk_delete(true)
            .with_retry(never())
            .build();
        Ok(Self {
            store: store.map_err(refused)?,
            wire,
            credential: credential(),
            region: settings.region.clone(),
            url,
            keys: Keys::new(&settings.prefix),
            place: Place {
                bucket: settings.bucket.clone(),
                origin: settings.origin()?,
            },
            patience: Patience {
                budget: settings.budget,
                slowest: settings.slowest,
                first_pause: settings.first_pause,
            },
        })
    }

    pub(super) async fn look(&self, key: &Path) -> Result<Option<Found>, ObjectError> {
        let head = || self.store.head(key);
        match self.persist("look at an object", 0, head).await {
            Ok(found) => Ok(found.map(|meta| found_of(&meta))),
            // The answer to HEAD has no body that could say why: another request's does.
            Err(refused @ ObjectError::Refused { .. }) => {
                self.has_bucket().await?;
                Err(refused)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn remove(&self, key: &Path) -> Result<(), ObjectError> {
        let delete = || self.store.delete(key);
        let removed = self.persist("delete an object", 0, delete).await;
        removed.map(|_| ())
    }
}

/// When to try again is decided in one place, and that is `patience`.
fn never() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        retry_timeout: Duration::ZERO,
        ..RetryConfig::default()
    }
}

/// No certificates of the system where none is needed: a machine without any can still talk plain
/// HTTP, or to a service whose authority is named.
fn options(settings: &S3Settings) -> Result<ClientOptions, ObjectError> {
    let plain = settings.is_plain_http();
    let mut options = ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(AGENT))
        .with_allow_http(plain)
        .with_no_system_certificates(plain || settings.ca_file.is_some())
        // A body may take long; whether it moves is watched where it is read.
        .with_timeout_disabled()
        .with_connect_timeout(settings.budget / 3);
    if let Some(file) = &settings.ca_file {
        for certificate in certificates(file)? {
            options = options.with_root_certificate(certificate);
        }
    }
    Ok(options)
}

fn certificates(file: &FilePath) -> Result<Vec<Certificate>, ObjectError> {
    let shown = file.display();
    let pem = std::fs::read(file)
        .map_err(|error| wrong("CA file", format!("cannot read {shown}: {error}")))?;
    let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if found.is_empty() {
        return Err(wrong(
            "CA file",
            format!("{shown} holds no certificate in PEM"),
        ));
    }
    Ok(found)
}

pub(super) fn found_of(meta: &ObjectMeta) -> Found {
    let written = Duration::from_micros(meta.last_modified.timestamp_micros().unsigned_abs());
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Found {
        length: meta.size,
        // What is from the future (two clocks never agree) counts as fresh.
        idle: now.saturating_sub(written),
    }
}

fn first_line(error: &object_store::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_string()
}
