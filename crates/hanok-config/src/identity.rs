//! Who must have a second factor, and the provider of identities, parsed from resolved values.

use std::path::PathBuf;

use crate::values::{invalid, optional, secret, switch, text};
use crate::{ConfigError, Resolved, Secret};

/// How people prove who they are, beside what they have here.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who must have a second factor.
    pub second_factor: SecondFactor,
    /// A provider of identities.
    pub oidc: Option<Provider>,
}

/// Who must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Nobody.
    None,
    /// Administrators.
    Admins,
    /// Everybody.
    All,
}

/// A provider of identities.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// The secret to it.
    pub client_secret: Option<Secret>,
    /// What we ask to be told.
    pub scopes: String,
    /// The claim that has groups or roles.
    pub role_claim: String,
    /// Its values that make an administrator.
    pub admin_values: Vec<String>,
    /// Its values that make a user.
    pub user_values: Vec<String>,
    /// Authority of its certificate.
    pub ca_file: Option<PathBuf>,
    /// What stands on the button.
    pub button: String,
    /// Whether somebody who has no account gets one.
    pub create_users: bool,
}

impl Identity {
    /// Parses resolved values.
    ///
    /// # Errors
    /// The first value that does not parse, with its origin; a provider in plain HTTP elsewhere than on this
    /// machine, in production.
    pub fn from_resolved(values: &[Resolved], production: bool) -> Result<Self, ConfigError> {
        Ok(Self {
            second_factor: second_factor(values)?,
            oidc: provider(values, production)?,
        })
    }
}

fn second_factor(values: &[Resolved]) -> Result<SecondFactor, ConfigError> {
    match text(values, "REQUIRE_SECOND_FACTOR").trim() {
        "none" | "" => Ok(SecondFactor::None),
        "admins" => Ok(SecondFactor::Admins),
        "all" => Ok(SecondFactor::All),
        _ => Err(invalid(
            values,
            "REQUIRE_SECOND_FACTOR",
            "is none of none, admins, all",
        )),
    }
}

fn provider(values: &[Resolved], production: bool) -> Result<Option<Provider>, ConfigError> {
    let Some(issuer) = optional(values, "OIDC_ISSUER") else {
        return Ok(None);
    };
    check_issuer(values, &issuer, production)?;
    let missing = "is missing: OIDC_ISSUER names a provider, which knows this server by it";
    let client_id = optional(values, "OIDC_CLIENT_ID");
    let client_id = client_id.ok_or_else(|| invalid(values, "OIDC_CLIENT_ID", missing))?;
    let scopes = text(values, "OIDC_SCOPES").trim();
    if !scopes.split_whitespace().any(|scope| scope == "openid") {
        let reason = "has no 'openid', without which nobody is told who signs in";
        return Err(invalid(values, "OIDC_SCOPES", reason));
    }
    Ok(Some(Provider {
        issuer,
        client_id,
        client_secret: secret(values, "OIDC_CLIENT_SECRET"),
        scopes: scopes.to_owned(),
        role_claim: text(values, "OIDC_ROLE_CLAIM").trim().to_owned(),
        admin_values: list(values, "OIDC_ADMIN_VALUES"),
        user_values: list(values, "OIDC_USER_VALUES"),
        ca_file: optional(values, "OIDC_CA_FILE").map(PathBuf::from),
        button: text(values, "OIDC_BUTTON").trim().to_owned(),
        create_users: switch(values, "OIDC_CREATE_USERS")?,
    }))
}

fn check_issuer(values: &[Resolved], issuer: &str, production: bool) -> Result<(), ConfigError> {
    let host = issuer.strip_prefix("http://").map(|rest| {
        let end = rest.find(['/', ':']).unwrap_or(rest.len());
        &rest[..end]
    });
    let near = host.is_some_and(|host| host == "localhost" || host == "127.0.0.1");
    if issuer.starts_with("https://") || near || (host.is_some() && !production) {
        return Ok(());
    }
    let reason = match host {
        Some(_) => "is plain HTTP, which production refuses: use https://",
        None => "is no address such as https://id.example.org/realms/main",
    };
    Err(invalid(values, "OIDC_ISSUER", reason))
}

fn list(values: &[Resolved], name: &str) -> Vec<String> {
    let all = text(values, name).split(',').map(str::trim);
    all.filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect()
}
