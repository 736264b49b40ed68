//! Who may have an account, how passwords are kept and how mail goes out, parsed from resolved values.

use std::path::PathBuf;

use crate::values::{invalid, number, optional, secret, text};
use crate::{ConfigError, Resolved, Secret};

/// Accounts and mail.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// `closed`, `open`, `approval` or `invite`.
    pub registration: String,
    /// Password of the first administrator.
    pub admin_password: Option<Secret>,
    /// Fewest characters of a password.
    pub password_min: usize,
    /// bcrypt's cost.
    pub bcrypt_cost: u32,
    /// How mail goes out, if it does.
    pub mail: Option<Mail>,
    /// Address that people use, without a slash at the end.
    pub public_url: Option<String>,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its address, with name and password.
    pub url: Secret,
    /// Whom mail is from.
    pub from: String,
    /// Authority of its certificate.
    pub ca_file: Option<PathBuf>,
}

impl Accounts {
    /// The host of the address that people use, lower case, without port.
    pub fn public_host(&self) -> Option<String> {
        let (_, rest) = self.public_url.as_deref()?.split_once("://")?;
        let place = rest.split('/').next()?;
        let host = match place.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => place,
        };
        Some(host.to_lowercase())
    }

    pub(crate) fn from_resolved(values: &[Resolved]) -> Result<Self, ConfigError> {
        let registration = text(values, "REGISTRATION").trim().to_owned();
        if !["closed", "open", "approval", "invite"].contains(&registration.as_str()) {
            let why = "is none of closed, open, approval, invite";
            return Err(invalid(values, "REGISTRATION", why));
        }
        let password_min = number(values, "PASSWORD_MIN_LENGTH")?;
        if !(8..=64).contains(&password_min) {
            return Err(invalid(
                values,
                "PASSWORD_MIN_LENGTH",
                "is not between 8 and 64",
            ));
        }
        let bcrypt_cost = number(values, "BCRYPT_COST")?;
        if !(12..=20).contains(&bcrypt_cost) {
            let why = "is not between 12 and 20: less is guessed too fast, more takes a minute";
            return Err(invalid(values, "BCRYPT_COST", why));
        }
        let mail = mail(values)?;
        if mail.is_none() && ["open", "approval"].contains(&registration.as_str()) {
            let why =
                "verifies addresses by mail: set SMTP_URL and SMTP_FROM, or take invite or closed";
            return Err(invalid(values, "REGISTRATION", why));
        }
        Ok(Self {
            registration,
            admin_password: secret(values, "ADMIN_PASSWORD"),
            password_min,
            bcrypt_cost,
            mail,
            public_url: public_url(values)?,
        })
    }
}

fn mail(values: &[Resolved]) -> Result<Option<Mail>, ConfigError> {
    let Some(url) = secret(values, "SMTP_URL") else {
        return Ok(None);
    };
    if !["smtp://", "smtps://"]
        .iter()
        .any(|scheme| url.expose().starts_with(scheme))
    {
        return Err(invalid(
            values,
            "SMTP_URL",
            "begins neither with smtp:// nor with smtps://",
        ));
    }
    let Some(from) = optional(values, "SMTP_FROM") else {
        let why = "is missing: SMTP_URL is set, and mail is from somebody";
        return Err(invalid(values, "SMTP_FROM", why));
    };
    Ok(Some(Mail {
        url,
        from,
        ca_file: optional(values, "SMTP_CA_FILE").map(PathBuf::from),
    }))
}

fn public_url(values: &[Resolved]) -> Result<Option<String>, ConfigError> {
    let Some(url) = optional(values, "PUBLIC_URL") else {
        return Ok(None);
    };
    let url = url.trim_end_matches('/');
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', ' ', '@']) => {
            Ok(Some(url.to_owned()))
        }
        _ => Err(invalid(
            values,
            "PUBLIC_URL",
            "is no address such as https://hanok.example.org",
        )),
    }
}
