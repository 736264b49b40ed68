//! Entries in Redis. A call that fails or takes too long is given up, and Redis is left alone for a moment,
//! so that a slow one costs each moment one wait and not every request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, IntoConnectionInfo, RedisError, TlsCertificates};
use tokio::sync::Mutex as AsyncMutex;

use crate::rate::{Rule, SCRIPT};
use crate::{CacheError, Key, RedisSettings};

/// A Redis that answers, has failed a moment ago, or was not asked yet.
pub(crate) struct Redis {
    client: Client,
    settings: RedisSettings,
    connection: AsyncMutex<Option<ConnectionManager>>,
    alone_until: Mutex<Option<Instant>>,
}

impl Redis {
    /// Checks the settings; connects with the first call.
    pub fn new(settings: RedisSettings) -> Result<Self, CacheError> {
        Ok(Self {
            client: client(&settings)?,
            settings,
            connection: AsyncMutex::new(None),
            alone_until: Mutex::new(None),
        })
    }

    pub async fn get(&self, key: &Key) -> Result<Option<Bytes>, CacheError> {
        let command = redis::Cmd::get(self.name(key));
        let found: Option<Vec<u8>> = self.ask(command).await?;
        Ok(found.map(Bytes::from))
    }

    pub async fn put(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<(), CacheError> {
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let command = redis::Cmd::pset_ex(self.name(key), value, milliseconds);
        self.ask(command).await
    }

    pub async fn remove(&self, key: &Key) -> Result<(), CacheError> {
        self.ask(redis::Cmd::del(self.name(key))).await
    }

    /// Whether a subject may do something at this rate, and how far ahead it is then, µs.
    pub async fn rate(
        &self,
        subject: &str,
        rule: Rule,
        cost: i64,
    ) -> Result<(bool, i64), CacheError> {
        let mut command = redis::cmd("EVAL");
        command
            .arg(SCRIPT)
            .arg(1)
            .arg(format!("{}:rate:{subject}", self.settings.prefix))
            .arg(rule.period())
            .arg(rule.window())
            .arg(cost);
        self.ask(command).await
    }

    /// Whether Redis answers now, also while it is left alone.
    pub async fn probe(&self) -> Result<(), CacheError> {
        self.call(redis::cmd("PING")).await
    }

    fn name(&self, key: &Key) -> String {
        format!("{}:{key}", self.settings.prefix)
    }

    /// Asks, unless Redis failed a moment ago.
    async fn ask<T: redis::FromRedisValue>(&self, command: redis::Cmd) -> Result<T, CacheError> {
        if self.is_left_alone() {
            return Err(self.unavailable("it failed a moment ago"));
        }
        let answer = self.call(command).await;
        if answer.is_err() {
            let until = Instant::now() + self.settings.pause;
            *self
                .alone_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
        answer
    }

    fn is_left_alone(&self) -> bool {
        let until = *self
            .alone_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    async fn call<T: redis::FromRedisValue>(&self, command: redis::Cmd) -> Result<T, CacheError> {
        let connecting = self.within(self.settings.connect_patience, self.connection());
        let mut connection = connecting.await?;
        let answer = command.query_async(&mut connection);
        self.within(self.settings.patience, answer).await
    }

    async fn within<T>(
        &self,
        patience: Duration,
        work: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, CacheError> {
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.told(&error)),
            Err(_) => Err(self.unavailable("it is too slow")),
        }
    }

    async fn connection(&self) -> Result<ConnectionManager, RedisError> {
        let mut held = self.connection.lock().await;
        if let Some(connection) = &*held {
            return Ok(connection.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(self.settings.connect_patience))
            .set_response_timeout(Some(self.settings.patience));
        let made = ConnectionManager::new_with_config(self.client.clone(), config).await?;
        *held = Some(made.clone());
        Ok(made)
    }

    /// The library's messages may hold what was sent, so only the kind is told.
    fn told(&self, error: &RedisError) -> CacheError {
        if error.kind() == ErrorKind::AuthenticationFailed
            || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"))
        {
            return CacheError::Refused;
        }
        let code = error.code().unwrap_or_else(|| error.category());
        self.unavailable(code)
    }

    fn unavailable(&self, reason: &str) -> CacheError {
        CacheError::Unavailable {
            place: self.settings.place(),
            reason: reason.to_owned(),
        }
    }
}

fn client(settings: &RedisSettings) -> Result<Client, CacheError> {
    // The library asks for the process's own; whoever is first sets the only one there is.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let wrong = |what: &str| CacheError::Config(format!("REDIS_URL: {what}"));
    let mut info = settings
        .url
        .as_str()
        .into_connection_info()
        .map_err(|_| wrong("it must look like redis://host:6379/0 or rediss://…"))?;
    if info.redis_settings().password().is_none()
        && let Some(password) = &settings.password
    {
        let with = info.redis_settings().clone().set_password(password);
        info = info.set_redis_settings(with);
    }
    let Some(file) = &settings.ca_file else {
        return Client::open(info).map_err(|_| wrong("it is not understood"));
    };
    let root_cert = std::fs::read(file)
        .map_err(|error| CacheError::Config(format!("{}: {error}", file.display())))?;
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(root_cert),
    };
    Client::build_with_tls(info, certificates)
        .map_err(|_| wrong("a certificate file needs rediss:// and PEM"))
}
