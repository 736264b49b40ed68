//! Where Redis is. Does not read files or the environment.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What a cache in Redis needs to know.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://[user[:password]@]host[:port][/database]`; `rediss://` is under TLS.
    pub url: String,
    /// Password, if the address has none.
    pub password: Option<String>,
    /// Certificates (PEM) that the server's must descend from, instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Names begin so: several installations may share one Redis.
    pub prefix: String,
    /// How long one call may take.
    pub patience: Duration,
    /// How long the first call may take beside that, for the connection.
    pub connect_patience: Duration,
    /// How long Redis is left alone after it failed.
    pub pause: Duration,
}

impl RedisSettings {
    /// The defaults, with this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            ca_file: None,
            prefix: "hanok".to_owned(),
            patience: Duration::from_millis(250),
            connect_patience: Duration::from_secs(2),
            pause: Duration::from_secs(1),
        }
    }

    /// Host and port, without credentials, for logs and messages.
    pub fn place(&self) -> String {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        rest.split(['/', '?']).next().unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("place", &self.place())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_shown() {
        let settings = RedisSettings {
            password: Some("hidden".to_owned()),
            ..RedisSettings::new("rediss://me:s@cret@cache:6380/2")
        };
        assert_eq!(settings.place(), "cache:6380");
        let shown = format!("{settings:?}");
        assert!(
            !shown.contains("cret") && !shown.contains("hidden"),
            "{shown}"
        );
    }
}
