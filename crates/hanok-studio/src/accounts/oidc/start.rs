//! The way to the provider: what is sent along is kept, and bound to the browser that asked.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hanok_domain::fault::Fault;
use hanok_store::Redacted;
use hanok_store::rows::oidc_flows::Flow;

use super::FLOW_LIFETIME;
use crate::access::Caller;
use crate::accounts::sealed::{self, Place};
use crate::sealing::Purpose;
use crate::secret;
use crate::studio::Studio;

/// Where to send a browser, and what to leave with it.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The provider's page.
    pub location: String,
    /// A cookie's value, which the browser has to bring back.
    pub browser: String,
}

/// Where the verifier of a flow is kept.
pub(super) fn verifier_place(state_hash: &str) -> Place<'_> {
    Place {
        purpose: Purpose::Oidc,
        table: "oidc_flows",
        column: "verifier",
        row: state_hash,
    }
}

impl Studio {
    /// Begins a sign-in, or the linking of the caller's account. The provider is to send the browser to
    /// `redirect_uri`; afterwards it goes to `next`, a path of ours.
    ///
    /// # Errors
    /// A provider that does not answer, or not for itself.
    pub async fn oidc_begin(
        &self,
        redirect_uri: &str,
        next: &str,
        link: Option<&Caller>,
    ) -> Result<Begun, Fault> {
        let oidc = self.oidc()?;
        let metadata = oidc.metadata().await?;
        let [state, nonce, verifier, browser] = [fresh()?, fresh()?, fresh()?, fresh()?];
        let state_hash = secret::hash(&state);
        let sealer = &self.secrets().sealer;
        let sealed = sealed::seal(sealer, verifier_place(&state_hash), &verifier)?;
        let flow = &Flow {
            browser_hash: secret::hash(&browser),
            nonce: Redacted::new(secret::hash(&nonce)),
            verifier: Redacted::new(sealed),
            redirect_uri: redirect_uri.to_owned(),
            next: next.to_owned(),
            link_user_id: link.map(|caller| caller.user_id.clone()),
            state_hash,
        };
        self.store()
            .write(|tx| async move { tx.oidc_flows().insert(flow, FLOW_LIFETIME).await })
            .await?;
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        let mut location = metadata.authorization;
        location.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &oidc.settings.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &oidc.settings.scopes),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256"),
        ]);
        Ok(Begun {
            location: location.into(),
            browser,
        })
    }
}

fn fresh() -> Result<String, Fault> {
    secret::generate("").map_err(|e| Fault::internal(format!("no random bytes: {e}")))
}
