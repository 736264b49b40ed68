//! Sign-in at a provider of identities: OpenID Connect's code flow with PKCE, `state` and `nonce`. Accounts are
//! known by issuer and subject, never by address. Does not own cookies or pages.

mod address;
mod client;
mod finish;
mod id_token;
mod jwk;
mod metadata;
mod people;
mod roles;
mod start;

use std::time::{Duration, Instant};

use hanok_domain::fault::{Fault, FaultKind};
use reqwest::Url;
use tokio::sync::Mutex;

pub use finish::{Finished, Returned};
pub use people::IdentityView;
pub use start::Begun;

use crate::studio::Studio;
use metadata::Metadata;

/// How long a sign-in may be on its way to the provider and back.
const FLOW_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long what the provider says about itself is believed.
const METADATA_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// The provider, as the operator set it.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// Its address, exactly as it calls itself.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// The secret to it, if we have one.
    pub client_secret: Option<String>,
    /// What we ask to be told, `openid` among it.
    pub scopes: String,
    /// The claim that has groups or roles.
    pub role_claim: String,
    /// Its values that make an administrator.
    pub admin_values: Vec<String>,
    /// Its values that make a user; without any, everybody is one.
    pub user_values: Vec<String>,
    /// Authority of the provider's certificate, PEM, instead of the system's.
    pub ca: Option<Vec<u8>>,
    /// What stands on the button; empty for our own words.
    pub button: String,
    /// Whether somebody who has no account gets one.
    pub create_users: bool,
}

/// The provider, ready to be asked.
pub(super) struct Oidc {
    settings: OidcSettings,
    issuer: Url,
    client: reqwest::Client,
    metadata: Mutex<Option<(Instant, Metadata)>>,
}

impl Oidc {
    pub(super) fn new(settings: OidcSettings) -> Result<Self, Fault> {
        let issuer = address::issuer(&settings.issuer)?;
        let client = client::build(&issuer, settings.ca.as_deref())?;
        Ok(Self {
            settings,
            issuer,
            client,
            metadata: Mutex::new(None),
        })
    }
}

impl Studio {
    /// What stands on the button of the provider; none where there is no provider.
    pub fn oidc_button(&self) -> Option<&str> {
        let oidc = self.credentials().oidc.as_deref();
        oidc.map(|oidc| oidc.settings.button.as_str())
    }

    fn oidc(&self) -> Result<&Oidc, Fault> {
        let oidc = self.credentials().oidc.as_deref();
        oidc.ok_or_else(|| Fault::not_found("page or endpoint", "/auth/oidc"))
    }
}

/// The provider said something that cannot be, or nothing. Why is in the log: it may name addresses that are
/// the operator's to know.
fn upstream(why: impl std::fmt::Display) -> Fault {
    tracing::warn!(%why, "the provider of identities cannot be used");
    let text = "The provider of identities gives no answer that can be used.";
    Fault::new(FaultKind::Upstream, "oidc_provider", text)
        .remedy("Try again; if it stays so, whoever runs this server finds the reason in its log.")
}

/// Somebody came back with what does not prove who they are.
fn unproven(message: &str) -> Fault {
    Fault::new(FaultKind::Unauthenticated, "oidc_refused", message).remedy("Sign in again.")
}
