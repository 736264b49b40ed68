//! What credentials rest on, from the settings: the secret of access tokens, second factors, and the provider
//! of identities.

use hanok_config::Settings;
use hanok_config::identity::{Provider, SecondFactor};
use hanok_domain::fault::{Fault, FaultKind};
use hanok_studio::accounts::oidc::OidcSettings;
use hanok_studio::accounts::{Credentials, Demand};

/// Builds them.
///
/// # Errors
/// A secret or a certificate that cannot be read.
pub fn credentials(settings: &Settings, token_secret: &[u8]) -> Result<Credentials, Fault> {
    let credentials = Credentials::new(token_secret)?;
    let credentials = credentials.demand(match settings.identity.second_factor {
        SecondFactor::None => Demand::None,
        SecondFactor::Admins => Demand::Admins,
        SecondFactor::All => Demand::All,
    });
    match &settings.identity.oidc {
        Some(provider) => credentials.oidc(oidc(provider)?),
        None => Ok(credentials),
    }
}

fn oidc(provider: &Provider) -> Result<OidcSettings, Fault> {
    let provider = provider.clone();
    let unreadable = |path: &std::path::Path, error: std::io::Error| {
        let text = format!("OIDC_CA_FILE {}: {error}.", path.display());
        Fault::new(FaultKind::Invalid, "invalid_setting", text)
    };
    let ca = provider
        .ca_file
        .map(|path| std::fs::read(&path).map_err(|e| unreadable(&path, e)))
        .transpose()?;
    Ok(OidcSettings {
        issuer: provider.issuer,
        client_id: provider.client_id,
        client_secret: provider.client_secret.map(|s| s.expose().to_owned()),
        scopes: provider.scopes,
        role_claim: provider.role_claim,
        admin_values: provider.admin_values,
        user_values: provider.user_values,
        ca,
        button: provider.button,
        create_users: provider.create_users,
    })
}
