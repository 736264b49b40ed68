//! What protects the HTTP surface: rates, origins, rooms, time; parsed from resolved values.

use std::time::Duration;

use hanok_domain::room::Room;

use crate::values::{duration, invalid, number, optional, text};
use crate::{ConfigError, Resolved};

/// What protects the HTTP surface.
#[derive(Debug, Clone)]
pub struct Surface {
    /// `DEBUG`: more is told in the log.
    pub debug: bool,
    /// How often callers may call.
    pub rates: Rates,
    /// Other sites whose pages may call: `https://host[:port]`, as browsers write it; `*` for all.
    pub origins: Vec<String>,
    /// The rooms that are open.
    pub rooms: Vec<Room>,
    /// How long a request may take that is neither upload, answer of a model nor stream.
    pub request_timeout: Duration,
}

/// Requests per minute of one caller, by class; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// What is in no other class.
    pub general: u32,
    /// What begins work or moves much.
    pub expensive: u32,
    /// What calls a model.
    pub inference: u32,
    /// Credentials that are none, by address.
    pub failures: u32,
}

impl Surface {
    /// Parses resolved values.
    ///
    /// # Errors
    /// The first value that does not parse, with its origin.
    pub fn from_resolved(values: &[Resolved]) -> Result<Self, ConfigError> {
        Ok(Self {
            debug: Self::debug(values),
            rates: Rates {
                general: number(values, "RATE_LIMIT_REQUESTS_PER_MINUTE")?,
                expensive: number(values, "RATE_LIMIT_EXPENSIVE_ENDPOINTS")?,
                inference: number(values, "RATE_LIMIT_INFERENCE")?,
                failures: number(values, "RATE_LIMIT_FAILED_CREDENTIALS")?,
            },
            origins: origins(values)?,
            rooms: rooms(values)?,
            request_timeout: duration(values, "REQUEST_TIMEOUT")?,
        })
    }

    /// Many programs read `DEBUG`, and some take words; whatever is not plainly off is on.
    pub(crate) fn debug(values: &[Resolved]) -> bool {
        let value = text(values, "DEBUG").trim().to_lowercase();
        !matches!(value.as_str(), "" | "false" | "0" | "no" | "off")
    }

    /// What production refuses of it, with the fix.
    pub(crate) fn check_production(&self) -> Result<(), ConfigError> {
        let refused = |reason: &str| {
            let reason = reason.to_owned();
            Err(ConfigError::Refused { reason })
        };
        if self.debug {
            return refused("APP_ENV=production and DEBUG is on. Unset DEBUG, or set DEBUG=false.");
        }
        if self.origins.iter().any(|origin| origin == "*") {
            return refused(
                "APP_ENV=production and ALLOWED_ORIGINS is '*'. Name the sites whose pages may call: ALLOWED_ORIGINS=https://app.example.",
            );
        }
        Ok(())
    }
}

fn origins(values: &[Resolved]) -> Result<Vec<String>, ConfigError> {
    let mut origins: Vec<String> = Vec::new();
    for name in ["ALLOWED_ORIGINS", "CORS_ORIGIN"] {
        let listed = optional(values, name).unwrap_or_default();
        for item in listed.split(',').map(str::trim).filter(|i| !i.is_empty()) {
            let origin = origin(item).ok_or_else(|| {
                let why = "is no list of origins such as https://app.example,https://b.example:8443 (scheme, host and port, nothing after them)";
                invalid(values, name, why)
            })?;
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
    }
    Ok(origins)
}

/// An origin as browsers write it: lower case, without the port that its scheme has anyway.
fn origin(text: &str) -> Option<String> {
    if text == "*" {
        return Some(text.to_owned());
    }
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let usual = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let authority = authority.strip_suffix(usual).unwrap_or(authority);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]_".contains(c);
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    let rest = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    let port = rest.split_once(':').map(|(_, port)| port);
    let whole = !host.is_empty()
        && authority.chars().all(plain)
        && port.is_none_or(|port| port.parse::<u16>().is_ok());
    whole.then(|| format!("{scheme}://{authority}"))
}

fn rooms(values: &[Resolved]) -> Result<Vec<Room>, ConfigError> {
    let listed = text(values, "HANOK_ROOMS").split(',').map(str::trim);
    let names = listed.filter(|name| !name.is_empty());
    let rooms: Option<Vec<Room>> = names
        .map(|name| Room::parse(&name.to_lowercase()))
        .collect();
    rooms.ok_or_else(|| {
        let known = Room::ALL.map(Room::as_str).join(", ");
        let why = format!("names a room that there is not; there are {known}");
        invalid(values, "HANOK_ROOMS", &why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, is) in [
            ("https://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80", "http://app.example"),
            ("http://app.example:443", "http://app.example:443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("*", "*"),
        ] {
            assert_eq!(origin(text).as_deref(), Some(is), "{text}");
        }
        for bad in [
            "null",
            "app.example",
            "https://",
            "https://app.example/",
            "https://app.example/path",
            "https://*.example",
            "file:///etc",
            "https://a.example:port",
            "https://me@a.example",
            "https://[::1",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
