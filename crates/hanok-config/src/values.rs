//! Resolved values as numbers, times, sizes and switches. A value that does not parse is named with where it
//! came from.

use std::str::FromStr;
use std::time::Duration;

use crate::{ConfigError, Resolved, Secret};

pub(crate) fn entry<'a>(values: &'a [Resolved], name: &str) -> Option<&'a Resolved> {
    values.iter().find(|r| r.setting.name == name)
}

pub(crate) fn text<'a>(values: &'a [Resolved], name: &str) -> &'a str {
    entry(values, name).map_or("", |r| r.value.as_str())
}

pub(crate) fn optional(values: &[Resolved], name: &str) -> Option<String> {
    Some(text(values, name).trim().to_owned()).filter(|v| !v.is_empty())
}

pub(crate) fn secret(values: &[Resolved], name: &str) -> Option<Secret> {
    optional(values, name).map(Secret::new)
}

/// 32 bytes as 64 hexadecimal digits, if set; one digit over and over is no key.
pub(crate) fn hex_key(values: &[Resolved], name: &str) -> Result<Option<Secret>, ConfigError> {
    let Some(key) = optional(values, name) else {
        return Ok(None);
    };
    let digits = key.as_bytes();
    let hex = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
    if hex && digits.iter().any(|digit| *digit != digits[0]) {
        return Ok(Some(Secret::new(key)));
    }
    let reason = "is not 32 random bytes as 64 hexadecimal digits (make one: openssl rand -hex 32)";
    Err(invalid(values, name, reason))
}

pub(crate) fn invalid(values: &[Resolved], name: &str, reason: &str) -> ConfigError {
    let (from, value) = entry(values, name).map_or_else(Default::default, |r| {
        (r.source.to_string(), r.shown().to_owned())
    });
    ConfigError::Invalid {
        name: name.to_owned(),
        from,
        value,
        reason: reason.to_owned(),
    }
}

pub(crate) fn number<T: FromStr>(values: &[Resolved], name: &str) -> Result<T, ConfigError> {
    text(values, name)
        .trim()
        .parse()
        .map_err(|_| invalid(values, name, "is not a number in range"))
}

pub(crate) fn duration(values: &[Resolved], name: &str) -> Result<Duration, ConfigError> {
    let value = text(values, name).trim();
    let (digits, unit) = split(value);
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => 0,
    };
    match digits.parse::<u64>() {
        Ok(n) if seconds > 0 && n > 0 => Ok(Duration::from_secs(n.saturating_mul(seconds))),
        _ => Err(invalid(
            values,
            name,
            "is no duration such as 90s, 30m or 24h",
        )),
    }
}

/// Bytes, if a number of them is set.
pub(crate) fn size(values: &[Resolved], name: &str) -> Result<Option<u64>, ConfigError> {
    let value = text(values, name).trim().to_uppercase();
    if value.is_empty() {
        return Ok(None);
    }
    let (digits, unit) = split(&value);
    let shift = match unit.trim().trim_end_matches(['B', 'I']) {
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    match (digits.parse::<u64>(), shift) {
        (Ok(n), Some(shift)) if n > 0 && n < 1 << 20 => Ok(Some(n << shift)),
        _ => Err(invalid(values, name, "is no size such as 512MB or 8GB")),
    }
}

fn split(value: &str) -> (&str, &str) {
    let end = value.find(|c: char| !c.is_ascii_digit());
    value.split_at(end.unwrap_or(value.len()))
}

pub(crate) fn switch(values: &[Resolved], name: &str) -> Result<bool, ConfigError> {
    match text(values, name).trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(invalid(values, name, "is neither true nor false")),
    }
}
